import type { VideoFrame } from '@livekit/rtc-node';
import { MOUTH_BOX } from '../../avatar/worker/face-drawing.ts';

/** The inside of the mouth is darker than anything around it. */
const DARK_LUMA = 70;

/**
 * How far the mouth of the drawn face is open in a decoded picture: the dark share of its area. The
 * picture has to be square, and I420 or another format that begins with the luma.
 */
export function readLips({ data, width, height }: VideoFrame): number {
  const left = Math.round(MOUTH_BOX.left * width);
  const top = Math.round(MOUTH_BOX.top * height);
  const across = Math.round(MOUTH_BOX.width * width);
  const down = Math.round(MOUTH_BOX.height * height);
  let dark = 0;
  for (let row = top; row < top + down; row += 2)
    for (let column = left; column < left + across; column += 2)
      if ((data[row * width + column] ?? 255) < DARK_LUMA) dark += 1;
  return dark / ((across / 2) * (down / 2));
}
