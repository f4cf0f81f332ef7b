import { VideoBufferType, VideoFrame, VideoRotation } from '@livekit/rtc-node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { fitted, type OutputPicture } from '../../src/output/output-picture.ts';

const BLACK = 0;
const WHITE = 255;

/** Lying: white at the left, black at the right. */
const lying = () => {
  const white = { create: { width: 16, height: 16, channels: 3, background: 'white' } } as const;
  return sharp({ create: { width: 32, height: 16, channels: 3, background: 'black' } }).composite([
    { input: white, left: 0, top: 0 },
  ]);
};

/** The red of a pixel in the middle of each quarter, from the top to the bottom. */
async function rowsOf(picture: OutputPicture): Promise<(number | undefined)[]> {
  const { data, width } = await fitted(picture, { width: 16, height: 32 });
  return [4, 12, 20, 28].map((row) => data[3 * (row * width + width / 2)]);
}

test('a photo of a phone that was held upright is shown upright', async () => {
  // The rotation is not in the pixels but in the metadata: 6 is a quarter turn to the right.
  const photo = await lying().withMetadata({ orientation: 6 }).png().toBuffer();
  const picture = { data: photo, mimeType: 'image/png', width: 32, height: 16 } as const;
  expect(await rowsOf(picture)).toEqual([WHITE, WHITE, BLACK, BLACK]);
});

test('a frame of a camera that was turned is shown upright', async () => {
  const { data, info } = await lying().removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixels = Uint8Array.from(data);
  const frame = new VideoFrame(pixels, info.width, info.height, VideoBufferType.RGB24);
  const seen = { frame, rotation: VideoRotation.VIDEO_ROTATION_90 };
  expect(await rowsOf(seen as unknown as OutputPicture)).toEqual([WHITE, WHITE, BLACK, BLACK]);
});

test('what is transparent in a picture, and what it does not cover, is black', async () => {
  const create = { width: 16, height: 16, channels: 4, background: '#ffffff00' } as const;
  const data = await sharp({ create }).png().toBuffer();
  const picture = { data, mimeType: 'image/png', width: 16, height: 16 } as const;
  expect(await rowsOf(picture)).toEqual([BLACK, BLACK, BLACK, BLACK]);
  const opaque = await sharp({ create: { ...create, background: 'white' } })
    .png()
    .toBuffer();
  expect(await rowsOf({ ...picture, data: opaque })).toEqual([BLACK, WHITE, WHITE, BLACK]);
});

test('the path of a file is no picture', async () => {
  const picture = { data: import.meta.filename, mimeType: 'image/png', width: 16, height: 16 };
  await expect(rowsOf(picture as unknown as OutputPicture)).rejects.toThrow(OptionError);
});

test('a picture in shades of grey is shown in full', async () => {
  const create = { width: 16, height: 32, channels: 3, background: 'white' } as const;
  const data = await sharp({ create }).toColourspace('b-w').png().toBuffer();
  const picture = { data, mimeType: 'image/png', width: 16, height: 32 } as const;
  expect((await fitted(picture, { width: 16, height: 32 })).data).toHaveLength(3 * 16 * 32);
  expect(await rowsOf(picture)).toEqual([WHITE, WHITE, WHITE, WHITE]);
});
