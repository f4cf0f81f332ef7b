import type { VideoFrame } from '@livekit/rtc-node';
import { EncodeError, OptionError, SightlineError } from '../errors.ts';
import { messageOf } from '../thrown.ts';
import { within } from '../time-limit.ts';
import { withinBudget } from './encode-budget.ts';
import { compress } from './encode-compress.ts';
import type { CheckedEncodeOptions, EncodeOptions, Rotation } from './encode-options.ts';
import { checkedOptions } from './encode-options.ts';
import type { ResizeBox, Size } from './geometry.ts';
import { place, withoutEnlarging } from './geometry.ts';
import { PixelSource } from './pixel-source.ts';
import { withMemory } from './pixels-memory.ts';

export type { EncodeOptions } from './encode-options.ts';

/** A frame and the rotation that makes it upright, such as rtc-node's `VideoFrameEvent`. */
export interface RotatedFrame {
  frame: VideoFrame;
  rotation?: Rotation | undefined;
}

/** A picture that is ready to be sent. */
export interface EncodedImage {
  data: Buffer;
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp';
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
}

/**
 * Encodes a frame of any rtc-node pixel format as JPEG, PNG or WebP.
 *
 * The frame is copied before the call returns, so its owner may reuse it at once. Planes are scaled
 * and converted on the calling thread, in slices of about 1 ms (together 1.5 ms for 1280x720 and 2 ms
 * for 1920x1080, inside 1024x1024); compression, which is most of the work, runs on libuv's threads,
 * and so does the resize of packed pixels and of pictures that grow.
 *
 * @param input - A `VideoFrame`, or a `VideoFrameEvent`, whose rotation is then applied.
 * @param options - See {@link EncodeOptions}; by default JPEG of quality 75 in the frame's size.
 * @throws OptionError for an option out of range, and for what is no frame.
 * @throws EncodeError when the frame is empty, when its length is not that of its format, when
 * nothing fits `maxBytes`, after `timeoutMs`, or when the picture cannot be compressed.
 */
export async function encodeFrame(
  input: VideoFrame | RotatedFrame,
  options: EncodeOptions = {},
): Promise<EncodedImage> {
  const { frame, rotation } = rotatedFrame(input);
  const checked = checkedOptions(options, rotation);
  try {
    return await beforeDeadline(checked.timeoutMs, (late) => encode(frame, checked, late));
  } catch (error) {
    if (error instanceof SightlineError) throw error;
    const reason = messageOf(error);
    throw new EncodeError(`the frame could not be encoded: ${reason}`, { cause: error });
  }
}

function rotatedFrame(input: VideoFrame | RotatedFrame): RotatedFrame {
  const isObject = typeof input === 'object' && input !== null;
  const rotated = isObject && 'frame' in input ? input : { frame: input };
  const frame: unknown = rotated.frame;
  // The `VideoFrame` of any copy of rtc-node.
  if (typeof frame === 'object' && frame && 'data' in frame && 'type' in frame) return rotated;
  throw new OptionError('input', input, 'give a VideoFrame of rtc-node, or { frame, rotation }');
}

async function encode(
  frame: VideoFrame,
  options: CheckedEncodeOptions,
  late: () => boolean,
): Promise<EncodedImage> {
  const { format, resize, degrees } = options;
  return withMemory(async (memory) => {
    const source = new PixelSource(frame, memory);
    const { width, height } = frame;
    const upright: Size =
      degrees % 180 === 0 ? { width, height } : { width: height, height: width };
    const wanted: ResizeBox = resize ?? { ...upright, strategy: 'skew' };
    const box = options.enlarge ? wanted : withoutEnlarging(upright, wanted);
    const result = await withinBudget(options, box, (quality, smaller) => {
      if (late()) throw new EncodeError('given up after the time limit');
      return compress(source, place(upright, smaller), { ...options, quality });
    });
    return { ...result, mimeType: `image/${format}` };
  });
}

/**
 * Resolves with the work's result, or rejects with an EncodeError after the limit. A step cannot be
 * interrupted: the work checks `late` before each step, and releases what it borrowed at its end.
 */
function beforeDeadline<T>(limitMs: number, work: (late: () => boolean) => Promise<T>): Promise<T> {
  let expired = false;
  return within(
    limitMs,
    work(() => expired),
    () => {
      expired = true;
      return new EncodeError(`the frame was not encoded within ${limitMs} ms`);
    },
  );
}
