import type { VideoFrame } from '@livekit/rtc-node';
import { VideoBufferType } from '@livekit/rtc-node';
import { EncodeError } from '../errors.ts';
import type { Kernel } from './pixels-kernel.ts';

/** The loops that convert 4 bytes per pixel to 3. */
type PackLoop = {
  [Name in keyof Kernel]: Name extends `pack${string}` ? Name : never;
}[keyof Kernel];

/** Whole pixels in sequence. */
export interface PackedLayout {
  kind: 'packed';
  name: string;
  bytesPerPixel: 3 | 4;
  /** The loop that converts it to RGB24; RGB24 itself needs none. */
  loop?: PackLoop;
}

/** A luma plane, then chroma. rtc-node's planes have no gaps between rows. */
export interface PlanarLayout {
  kind: 'planar';
  name: string;
  /** Luma samples per chroma sample, horizontally and vertically. */
  chroma: { across: 1 | 2; down: 1 | 2 };
  bytesPerSample: 1 | 2;
  /** Chroma is one plane of U, V pairs instead of two planes. */
  paired?: true;
  /** The frame ends with an alpha plane, which is ignored: pictures are opaque. */
  alpha?: true;
}

/** Planes of 8 bits, without gaps between their rows. */
export interface Planes {
  /** Of the frame. */
  width: number;
  height: number;
  /** Addresses. */
  y: number;
  u: number;
  v: number;
  chroma: PlanarLayout['chroma'];
  /** The first address behind them. */
  end: number;
}

/** How a pixel format is stored in memory. */
export type PixelLayout = PackedLayout | PlanarLayout;

const packed = (name: string, loop: PackLoop): PackedLayout => ({
  kind: 'packed',
  name,
  bytesPerPixel: 4,
  loop,
});
const planar = (
  name: string,
  across: 1 | 2,
  down: 1 | 2,
  more: Partial<PlanarLayout> = {},
): PlanarLayout => ({ kind: 'planar', name, chroma: { across, down }, bytesPerSample: 1, ...more });

const LAYOUTS: Record<VideoBufferType, PixelLayout> = {
  [VideoBufferType.RGBA]: packed('RGBA', 'packRgba'),
  [VideoBufferType.ABGR]: packed('ABGR', 'packAbgr'),
  [VideoBufferType.ARGB]: packed('ARGB', 'packArgb'),
  [VideoBufferType.BGRA]: packed('BGRA', 'packBgra'),
  [VideoBufferType.RGB24]: { kind: 'packed', name: 'RGB24', bytesPerPixel: 3 },
  [VideoBufferType.I420]: planar('I420', 2, 2),
  [VideoBufferType.I420A]: planar('I420A', 2, 2, { alpha: true }),
  [VideoBufferType.I422]: planar('I422', 2, 1),
  [VideoBufferType.I444]: planar('I444', 1, 1),
  [VideoBufferType.I010]: planar('I010', 2, 2, { bytesPerSample: 2 }),
  [VideoBufferType.NV12]: planar('NV12', 2, 2, { paired: true }),
};

/** Columns and rows of a chroma plane. An odd side has a sample for its last pixel. */
export function chromaSize(
  layout: PlanarLayout,
  width: number,
  height: number,
): { width: number; height: number } {
  return {
    width: Math.ceil(width / layout.chroma.across),
    height: Math.ceil(height / layout.chroma.down),
  };
}

/** Bytes of a frame of this layout, without gaps. */
export function bytesOf(layout: PixelLayout, width: number, height: number): number {
  if (layout.kind === 'packed') return width * height * layout.bytesPerPixel;
  const chroma = chromaSize(layout, width, height);
  const luma = width * height * (layout.alpha ? 2 : 1);
  return (luma + 2 * chroma.width * chroma.height) * layout.bytesPerSample;
}

/**
 * The sizes that rtc-node 0.13 returns for I420A and NV12 frames, because it multiplies the chroma
 * width by itself. A landscape frame has the whole picture and a tail; a portrait frame lacks its
 * end, and cannot be used.
 */
function bytesByRtcNode(layout: PixelLayout, width: number, height: number): number | undefined {
  if (layout.kind === 'packed' || !(layout.alpha || layout.paired)) return undefined;
  const { width: columns } = chromaSize(layout, width, height);
  return width * height * (layout.alpha ? 2 : 1) + 2 * columns * columns;
}

/**
 * The layout of a frame, if its size, format and length match.
 *
 * @throws EncodeError that names the mismatch, because such a frame would show a wrong picture.
 */
export function checkedLayout(frame: VideoFrame): PixelLayout {
  const { width, height, type, data } = frame;
  if (!isSide(width) || !isSide(height)) {
    throw new EncodeError(`a frame of ${width}x${height} pixels cannot be encoded`);
  }
  const layout: PixelLayout | undefined = LAYOUTS[type];
  if (!layout) throw new EncodeError(`the frame has an unknown pixel format: ${type}`);
  if (!ArrayBuffer.isView(data)) throw new EncodeError('the frame has no data');
  const needed = bytesOf(layout, width, height);
  const { byteLength: given } = data;
  const slip = bytesByRtcNode(layout, width, height);
  if (given === needed || (given === slip && slip > needed)) return layout;
  throw new EncodeError(
    `a frame of ${width}x${height} in ${layout.name} has ${needed} bytes without gaps, ` +
      `but its data has ${given}`,
  );
}

function isSide(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
