import { VideoBufferType, type VideoFrame } from '@livekit/rtc-node';

/** A small grey picture of a frame, in which scene changes are detected. */
export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  /** Mean luma of each block, 0 to 255, row by row. */
  readonly means: Float32Array;
  /**
   * How much neighbouring pixels differ within each block, 0 to 255. It distinguishes print from a
   * blank wall of the same mean.
   */
  readonly textures: Float32Array;
  /**
   * Share of neighbouring pixels that differ strongly, 0 to 1: edges. A blurred picture has few.
   */
  readonly edges: number;
}

/** The luma plane of a frame. Only the rows that are needed are copied. */
export interface LumaPlane {
  readonly width: number;
  readonly height: number;
  /** Distance between two rows, in bytes. */
  readonly stride: number;
  /** Reads bytes of the plane. */
  read(at: number, length: number): Uint8Array;
}

/** Rows that are averaged in each block. */
const ROWS = 4;
/** Distance between sampled pixels of a row. */
const STEP = 2;
/** Difference of neighbouring pixels that counts as an edge; above the noise of cameras. */
const EDGE = 24;

/** Formats whose first plane is luma, with one byte per pixel. */
const LUMA_FIRST: ReadonlySet<VideoBufferType> = new Set([
  VideoBufferType.I420,
  VideoBufferType.I420A,
  VideoBufferType.I422,
  VideoBufferType.I444,
  VideoBufferType.NV12,
]);

/** Whether frames of this format have a luma plane that can be read without conversion. */
export const hasLuma = (type: VideoBufferType): boolean => LUMA_FIRST.has(type);

/** Makes the small picture of `width` times `height` blocks, or fewer for a smaller frame. */
export function shrinkLuma(plane: LumaPlane, width: number, height: number): LumaPicture {
  const columns = Math.max(1, Math.min(width, plane.width));
  const rows = Math.max(1, Math.min(height, plane.height));
  const sums = new Float64Array(columns * rows);
  const steps = new Float64Array(columns * rows);
  const counts = new Uint32Array(columns * rows);
  let edges = 0;
  let pairs = 0;
  const blockHeight = plane.height / rows;
  for (let row = 0; row < rows; row++) {
    const lines = Math.min(ROWS, Math.max(1, Math.floor(blockHeight)));
    for (let line = 0; line < lines; line++) {
      const y = Math.floor(row * blockHeight + ((line + 0.5) * blockHeight) / lines);
      const pixels = plane.read(y * plane.stride, plane.width);
      let before = pixels[0] ?? 0;
      for (let column = 0; column < columns; column++) {
        const end = Math.floor(((column + 1) * plane.width) / columns);
        const block = row * columns + column;
        let sum = 0;
        let stepped = 0;
        let count = 0;
        for (let x = Math.floor((column * plane.width) / columns); x < end; x += STEP) {
          const value = pixels[x] ?? 0;
          sum += value;
          count++;
          const step = Math.abs(value - before);
          stepped += step;
          if (step > EDGE) edges++;
          before = value;
        }
        sums[block] = (sums[block] ?? 0) + sum;
        steps[block] = (steps[block] ?? 0) + stepped;
        counts[block] = (counts[block] ?? 0) + count;
        pairs += count;
      }
    }
  }
  const perPixel = (values: Float64Array) => {
    // Not `Float32Array.from(values, ...)`, which takes as long as all that is before it.
    const shares = new Float32Array(values.length);
    for (let i = 0; i < shares.length; i++) shares[i] = (values[i] ?? 0) / (counts[i] || 1);
    return shares;
  };
  return {
    width: columns,
    height: rows,
    means: perPixel(sums),
    textures: perPixel(steps),
    edges: edges / (pairs || 1),
  };
}

/** The small picture of a frame in memory; `undefined` for a format without a luma plane. */
export function planeLuma(
  frame: VideoFrame,
  columns: number,
  rows: number,
): LumaPicture | undefined {
  const { width, height, data, type } = frame;
  if (!hasLuma(type)) return undefined;
  const read = (at: number, length: number) => data.subarray(at, at + length);
  return shrinkLuma({ width, height, stride: width, read }, columns, rows);
}
