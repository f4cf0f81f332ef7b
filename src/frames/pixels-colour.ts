/**
 * A colour as rtc-node's planes hold it: BT.601, limited range. The inverse of what the kernel
 * converts from.
 */
export function yuvOf(
  red: number,
  green: number,
  blue: number,
): { y: number; u: number; v: number } {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  return {
    y: Math.round(16 + (219 / 255) * y),
    u: Math.round(128 + ((224 / 255) * (blue - y)) / 1.772),
    v: Math.round(128 + ((224 / 255) * (red - y)) / 1.402),
  };
}
