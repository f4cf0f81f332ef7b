import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';

/** In pixels: blocks of 24x16, each black or white, survive any encoder. */
const SIZE = { width: 96, height: 64 };
const BLOCK = { width: 24, height: 16 };
const COLUMNS = 4;
const BITS = 16;

/** A frame that shows its number, from 0 to 65,535, in its pixels. */
export function numberedFrame(number: number): VideoFrame {
  const { width, height } = SIZE;
  const pixels = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels[y * width + x] = bitAt(number, x, y) ? 235 : 16;
  return new VideoFrame(pixels, width, height, VideoBufferType.I420);
}

const bitAt = (number: number, x: number, y: number): number => {
  const block = Math.floor(y / BLOCK.height) * COLUMNS + Math.floor(x / BLOCK.width);
  return (number >> block) & 1;
};

/** The number that an encoded picture shows. */
export async function numberIn(image: Buffer): Promise<number> {
  const { data, info } = await sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true });
  let number = 0;
  for (let block = 0; block < BITS; block++) {
    const x = (block % COLUMNS) * BLOCK.width + BLOCK.width / 2;
    const y = Math.floor(block / COLUMNS) * BLOCK.height + BLOCK.height / 2;
    const at = Math.floor((y * info.height) / SIZE.height) * info.width;
    const grey = data[at + Math.floor((x * info.width) / SIZE.width)] ?? 0;
    if (grey > 127) number |= 1 << block;
  }
  return number;
}
