import { readFileSync } from 'node:fs';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import type { ResizeBox } from '../../../src/frames/geometry.ts';

/** RGB24 pixels of a picture. */
export interface Pixels {
  data: Buffer;
  width: number;
  height: number;
}

/** The scenes that `tools/reference/make_pictures.py` made. */
export interface Manifest {
  reference: string;
  scenes: {
    name: string;
    width: number;
    height: number;
    /** Bytes of the whole scene as a JPEG, by quality. */
    jpegBytes: Record<string, number>;
    cases: { type: 'RGBA' | 'I420'; resize: ResizeBox | null; file: string }[];
  }[];
}

const folder = new URL('../../data/pictures/', import.meta.url);

export function readReference(file: string): Buffer {
  return readFileSync(new URL(file, folder));
}

export const manifest: Manifest = JSON.parse(readReference('pictures.json').toString());

/** A scene of the manifest as a frame. */
export async function sceneFrame(
  scene: Manifest['scenes'][number],
  type: 'RGBA' | 'I420',
): Promise<VideoFrame> {
  const data =
    type === 'I420'
      ? readReference(`${scene.name}.i420`)
      : await sharp(readReference(`${scene.name}.png`))
          .ensureAlpha()
          .raw()
          .toBuffer();
  return new VideoFrame(data, scene.width, scene.height, VideoBufferType[type]);
}

export async function decoded(image: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(image)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/**
 * Peak signal-to-noise ratio in decibels: at 30 two pictures are visibly alike, at 40 hard to
 * distinguish.
 */
export function psnr(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new Error(`${a.width}x${a.height} is not ${b.width}x${b.height}`);
  }
  let squares = 0;
  for (let n = 0; n < a.data.length; n++) squares += ((a.data[n] ?? 0) - (b.data[n] ?? 0)) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / a.data.length));
}
