import type { VideoRotation } from '@livekit/rtc-node';
import type { Region } from '../processors/region.ts';
import { checkedOptions, type EncodeOptions } from './encode-options.ts';
import { place, type Size, uprightSize, withoutEnlarging } from './geometry.ts';

/**
 * Maps a part of a picture to the same part of the frame that the picture was made of, both upright
 * and in shares. A part on the black bars of a picture is outside of the frame.
 */
export type ToFrame = (part: Region) => Region;

/** The entire picture. */
export const WHOLE: Region = { x: 0, y: 0, width: 1, height: 1 };

/** A part of an area as a part of what the area belongs to. */
export const within = (area: Region, part: Region): Region => ({
  x: area.x + part.x * area.width,
  y: area.y + part.y * area.height,
  width: part.width * area.width,
  height: part.height * area.height,
});

/**
 * The mapping for a picture that was encoded with these options.
 * @param frame - As it was delivered, with the rotation that makes it upright.
 */
export function toEncodedFrame(
  { frame, rotation }: { frame: Size; rotation: VideoRotation },
  options: EncodeOptions,
): ToFrame {
  const { resize, enlarge, degrees } = checkedOptions(options, rotation);
  const upright = uprightSize(frame, degrees);
  // The constant is the number of clockwise quarter turns.
  const extraTurns = (degrees / 90 - rotation + 4) % 4;
  let area = WHOLE;
  if (resize) {
    const box = enlarge ? resize : withoutEnlarging(upright, resize);
    const { picture, ...output } = place(upright, box);
    area = {
      x: -picture.left / picture.width,
      y: -picture.top / picture.height,
      width: output.width / picture.width,
      height: output.height / picture.height,
    };
  }
  return (part) => turnedBack(within(area, part), extraTurns);
}

/** The part before its picture was turned clockwise by this number of quarter turns. */
function turnedBack(part: Region, turns: number): Region {
  if (turns === 0) return part;
  const { x, y, width, height } = part;
  return turnedBack({ x: y, y: 1 - x - width, width: height, height: width }, turns - 1);
}
