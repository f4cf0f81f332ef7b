import { vi } from 'vitest';

/** Animation frames of a page without a browser, by number. The test draws them. */
export function stubAnimationFrames(frames: Map<number, () => void>): void {
  let number = 0;
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => {
    number += 1;
    frames.set(number, draw);
    return number;
  });
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => frames.delete(frame));
}
