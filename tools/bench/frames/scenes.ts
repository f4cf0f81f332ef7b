import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';

/** Layers of noise: how many cells across, and how far they raise or lower the picture. */
const OCTAVES = [
  { cells: 6, depth: 44 },
  { cells: 24, depth: 32 },
  { cells: 96, depth: 18 },
  { cells: 320, depth: 16 },
] as const;
/** Spread of the sensor's own noise. */
const GRAIN = 14;

const PALETTES = [
  ['#2b3a55', '#d9a066', '#7a8b5c', '#e8dcc8'],
  ['#5b4a3c', '#9fb7c9', '#c45f4a', '#f2efe6'],
  ['#1f2f2a', '#6f8f7a', '#d8b24a', '#b9c4d0'],
  ['#3f3350', '#c9b7a4', '#4f7fa8', '#e6d2d8'],
] as const;

/**
 * Pictures with the content of a camera's: gradients of light, large and small structure, edges,
 * letters and grain. Every call returns the same.
 */
export async function naturalFrames(
  width: number,
  height: number,
  count: number,
): Promise<VideoFrame[]> {
  const frames: VideoFrame[] = [];
  for (let index = 0; index < count; index++) {
    const rgb = await scene(width, height, index);
    frames.push(new VideoFrame(rgb, width, height, VideoBufferType.RGB24));
  }
  return frames.map((frame) => frame.convert(VideoBufferType.I420));
}

async function scene(width: number, height: number, index: number): Promise<Uint8Array> {
  const bits = bitsFrom(index + 1);
  const random = () => bits() / 0x1_0000_0000;
  const drawing = Buffer.from(drawn(width, height, index, random));
  const { data } = await sharp(drawing).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const light = new Float32Array(width * height);
  for (const octave of OCTAVES) {
    const cells = { width: octave.cells, height: Math.ceil((octave.cells * height) / width) };
    const grid = Uint8Array.from({ length: cells.width * cells.height }, () => bits() & 255);
    const layer = await sharp(grid, { raw: { ...cells, channels: 1 } })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    for (let at = 0; at < light.length; at++)
      light[at] = (light[at] ?? 0) + (((layer[at] ?? 0) - 128) * octave.depth) / 128;
  }
  const rgb = new Uint8Array(data.length);
  for (let at = 0; at < rgb.length; at++) {
    // The sum of three random bytes: nearly a bell curve.
    const dice = bits();
    const sum = (dice & 255) + ((dice >>> 8) & 255) + ((dice >>> 16) & 255);
    const grain = (sum / 255 - 1.5) * GRAIN;
    const value = (data[at] ?? 0) + (light[Math.floor(at / 3)] ?? 0) + grain;
    rgb[at] = Math.max(0, Math.min(255, Math.round(value)));
  }
  return rgb;
}

/** A gradient of light, shapes with hard edges, and two lines of text. */
function drawn(width: number, height: number, index: number, random: () => number): string {
  const colours = PALETTES[index % PALETTES.length] ?? PALETTES[0];
  const within = (from: number, to: number) => Math.round(from + random() * (to - from));
  const shapes = Array.from({ length: 9 }, (_, shape) => {
    const fill = colours[shape % colours.length];
    const [x, y] = [within(0, width), within(0, height)];
    const size = within(height / 20, height / 4);
    return shape % 2 === 0
      ? `<ellipse cx="${x}" cy="${y}" rx="${size}" ry="${size * 0.7}" fill="${fill}"/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${size * 1.3}" fill="${fill}" ` +
          `transform="rotate(${within(-30, 30)} ${x} ${y})"/>`;
  });
  const size = Math.round(height / 16);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<defs><linearGradient id="l" x2="1" y2="${random().toFixed(2)}">` +
    `<stop stop-color="${colours[0]}"/><stop offset="1" stop-color="${colours[3]}"/>` +
    `</linearGradient></defs><rect width="100%" height="100%" fill="url(#l)"/>${shapes.join('')}` +
    `<g font-family="sans-serif" font-size="${size}" fill="#111">` +
    `<text x="${width * 0.1}" y="${height * 0.45}">Flight SK ${1204 + index} to Oslo</text>` +
    `<text x="${width * 0.1}" y="${height * 0.55}" font-size="${size / 2}" fill="#fafafa">` +
    `Gate B${7 + index}, boarding at 14:${20 + index}</text></g></svg>`
  );
}

/** Random numbers of 32 bits, the same for the same seed. */
function bitsFrom(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
