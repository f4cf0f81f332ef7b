import type { VideoFrame } from '@livekit/rtc-node';

/** The formats of rtc-node with planes. */
export const PLANAR = ['I420', 'I420A', 'I422', 'I444', 'I010', 'NV12'] as const;
export type Planar = (typeof PLANAR)[number];

/** Y, U and V of a pixel on the scale of 8 bits, read one by one. */
export function sampleAt(type: Planar, frame: VideoFrame, x: number, y: number): number[] {
  const { data, width, height } = frame;
  const across = type === 'I444' ? 1 : 2;
  const down = type === 'I444' || type === 'I422' ? 1 : 2;
  const columns = Math.ceil(width / across);
  const chroma = Math.floor(y / down) * columns + Math.floor(x / across);
  const luma = width * height;
  const plane = columns * Math.ceil(height / down);
  const [u, v] =
    type === 'NV12'
      ? [luma + 2 * chroma, luma + 2 * chroma + 1]
      : [luma + chroma, luma + plane + chroma];
  return [y * width + x, u, v].map((n) => {
    if (type !== 'I010') return data[n] ?? Number.NaN;
    const tenBits = (data[2 * n] ?? Number.NaN) + 256 * (data[2 * n + 1] ?? Number.NaN);
    return Math.min(255, Math.floor((tenBits + 2) / 4));
  });
}

/** Red, green and blue of Y, U and V, not limited to a byte. */
export function exactRgb([y = 0, u = 0, v = 0]: readonly number[]): number[] {
  const luma = (255 / 219) * (y - 16);
  return [
    luma + 1.596027 * (v - 128),
    luma - 0.391762 * (u - 128) - 0.812968 * (v - 128),
    luma + 2.017232 * (u - 128),
  ];
}

export const limitedToByte = (value: number): number => Math.max(0, Math.min(255, value));

/** The same bytes for the same seed. */
export function randomData(
  type: Planar,
  width: number,
  height: number,
  seed: number,
): Uint8Array<ArrayBuffer> {
  const half = (side: number): number => Math.ceil(side / 2);
  const luma = width * height;
  const sizes: Record<Planar, number> = {
    I420: luma + 2 * half(width) * half(height),
    I420A: 2 * luma + 2 * half(width) * half(height),
    I422: luma + 2 * half(width) * height,
    I444: 3 * luma,
    I010: 2 * (luma + 2 * half(width) * half(height)),
    NV12: luma + 2 * half(width) * half(height),
  };
  let state = seed;
  return Uint8Array.from({ length: sizes[type] }, (_, n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The upper byte of 10 bits has only two.
    return type === 'I010' && n % 2 === 1 ? state >>> 30 : state >>> 24;
  });
}
