import type { VideoFrame } from '@livekit/rtc-node';
import { EncodeError, OptionError, SightlineError } from '../errors.ts';
import { messageOf } from '../thrown.ts';
import { within } from '../time-limit.ts';
import { withinBudget } from './encode-budget.ts';
import { compress } from './encode-compress.ts';
import type { CheckedEncodeOptions, EncodeOptions, Rotation } from './encode-options.ts';
import { checkedOptions } from './encode-options.ts';
import { place, type Rect, type ResizeBox, uprightSize, withoutEnlarging } from './geometry.ts';
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
  return beforeDeadline(checked.timeoutMs, (late) => encode(frame, checked, late));
}

/**
 * Encodes parts of a frame in its own pixels; `resize` and `maxBytes` do not apply.
 * @param cuts - Parts of the upright frame, in pixels.
 * @throws like {@link encodeFrame}.
 */
export async function encodeCuts(
  { frame, rotation }: RotatedFrame,
  cuts: readonly Rect[],
  options: EncodeOptions,
): Promise<EncodedImage[]> {
  const checked = checkedOptions(options, rotation);
  const whole = uprightSize(frame, checked.degrees);
  return beforeDeadline(checked.timeoutMs, (late) =>
    withMemory(async (memory) => {
      const source = new PixelSource(frame, memory);
      await source.picture(frame);
      if (late()) throw tooLate();
      const done = await Promise.allSettled(
        cuts.map(({ left, top, width, height }) => {
          const picture = { left: -left, top: -top, ...whole };
          return compress(source, { width, height, picture }, checked);
        }),
      );
      // The memory is in use until all of them are done, failed or not.
      return done.map((one) => {
        if (one.status === 'rejected') throw one.reason;
        return { ...one.value, mimeType: `image/${checked.format}` as const };
      });
    }),
  );
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
    const upright = uprightSize(frame, degrees);
    const wanted: ResizeBox = resize ?? { ...upright, strategy: 'skew' };
    const box = options.enlarge ? wanted : withoutEnlarging(upright, wanted);
    const result = await withinBudget(options, box, (quality, smaller) => {
      if (late()) throw tooLate();
      return compress(source, place(upright, smaller), { ...options, quality });
    });
    return { ...result, mimeType: `image/${format}` };
  });
}

/**
 * Resolves with the work's result, or rejects with an EncodeError, at the latest after the limit. A
 * step cannot be interrupted: the work checks `late` before each step, and releases what it
 * borrowed at its end.
 */
async function beforeDeadline<T>(
  limitMs: number,
  work: (late: () => boolean) => Promise<T>,
): Promise<T> {
  let expired = false;
  try {
    return await within(
      limitMs,
      work(() => expired),
      () => {
        expired = true;
        return new EncodeError(`the frame was not encoded within ${limitMs} ms`);
      },
    );
  } catch (error) {
    if (error instanceof SightlineError) throw error;
    const reason = messageOf(error);
    throw new EncodeError(`the frame could not be encoded: ${reason}`, { cause: error });
  }
}

const tooLate = () => new EncodeError('given up after the time limit');
