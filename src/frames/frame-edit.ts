import { VideoBufferType, VideoFrame, type VideoRotation } from '@livekit/rtc-node';
import type { Sharp } from 'sharp';
import { opened, pixels, type RgbPicture } from './encode-enlarge.ts';
import type { Size } from './geometry.ts';
import { rgbOf } from './pixels.ts';
import { checkedLayout, chromaSize, type PlanarLayout } from './pixels-layout.ts';
import { withMemory } from './pixels-memory.ts';

/** A frame of any copy of rtc-node, whose size, format and length match. */
export function isVideoFrame(value: unknown): value is VideoFrame {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false;
  try {
    checkedLayout(value as VideoFrame);
    return true;
  } catch {
    return false;
  }
}

/** The same pixels in memory of their own. */
export const copyOf = ({
  data,
  width,
  height,
  type,
}: Pick<VideoFrame, 'data' | 'width' | 'height' | 'type'>): VideoFrame =>
  // rtc-node ignores the offset of an array within its buffer, so the copy has none.
  new VideoFrame(new Uint8Array(data), width, height, type);

/** An RGB24 frame of the picture. */
export const rgbFrame = ({ rgb, width, height }: RgbPicture): VideoFrame =>
  copyOf({ data: rgb, width, height, type: VideoBufferType.RGB24 });

/** Samples of a frame that lie next to each other in memory, which can be painted. */
export interface FramePlane extends Size {
  readonly kind: 'rgb' | 'y' | 'u' | 'v';
  readonly data: Uint8Array;
  readonly channels: 1 | 3;
  /** Pixels of the frame for each sample, horizontally and vertically. */
  readonly across: 1 | 2;
  readonly down: 1 | 2;
}

/**
 * The frame after `paint` has changed its planes in place. Planes of 8 bits stay what they are, which
 * takes a fraction of the time; of every other frame, a copy in RGB24 with one plane is painted.
 */
export async function painted(
  frame: VideoFrame,
  paint: (planes: readonly FramePlane[]) => Promise<void>,
): Promise<VideoFrame> {
  const layout = checkedLayout(frame);
  const { width, height } = frame;
  const isPlanes =
    layout.kind === 'planar' && layout.bytesPerSample === 1 && !layout.paired && !layout.alpha;
  if (isPlanes) {
    await paint(planesOf(frame, layout));
    return frame;
  }
  const copy = await withMemory(async (memory) =>
    rgbFrame({ rgb: rgbOf(frame, memory), width, height }),
  );
  const { data } = copy;
  await paint([{ kind: 'rgb', data, width, height, channels: 3, across: 1, down: 1 }]);
  return copy;
}

function planesOf({ data, width, height }: VideoFrame, layout: PlanarLayout): FramePlane[] {
  const { across, down } = layout.chroma;
  const chroma = { ...chromaSize(layout, width, height), across, down };
  const luma = { width, height, across: 1, down: 1 } as const;
  let start = 0;
  const plane = (kind: FramePlane['kind'], size: typeof chroma): FramePlane => {
    const end = start + size.width * size.height;
    const samples = data.subarray(start, end);
    start = end;
    return { kind, data: samples, channels: 1, ...size };
  };
  return [plane('y', luma), plane('u', chroma), plane('v', chroma)];
}

/** The frame after an edit by sharp, off the event loop: RGB24. */
export const edited = (
  frame: VideoFrame,
  edit: (image: Sharp) => Sharp | Promise<Sharp>,
): Promise<VideoFrame> =>
  withMemory(async (memory) => {
    const { width, height } = frame;
    const image = await edit(opened({ rgb: rgbOf(frame, memory), width, height }));
    return rgbFrame(await pixels(image.removeAlpha()));
  });

/** The frame as it needs no rotation: itself, or a copy. */
export const upright = async (frame: VideoFrame, rotation: VideoRotation): Promise<VideoFrame> =>
  // The constant is the number of clockwise quarter turns.
  rotation === 0 ? frame : edited(frame, (image) => image.rotate(rotation * 90));
