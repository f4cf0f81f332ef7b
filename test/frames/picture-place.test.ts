import { VideoBufferType, VideoFrame, VideoRotation } from '@livekit/rtc-node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { type EncodeOptions, encodeFrame } from '../../src/frames/encode.ts';
import { toEncodedFrame } from '../../src/frames/picture-place.ts';
import type { Region } from '../../src/index.ts';

const SIZE = { width: 320, height: 180 };
/** Of the upright frame. */
const BLOCK: Region = { x: 0.5, y: 0.25, width: 0.2, height: 0.4 };

/** The frame with a white block, stored so that the rotation makes it upright. */
async function frameWithBlock(rotation: VideoRotation): Promise<VideoFrame> {
  const block = await sharp({
    create: {
      width: SIZE.width * BLOCK.width,
      height: SIZE.height * BLOCK.height,
      channels: 3,
      background: 'white',
    },
  })
    .png()
    .toBuffer();
  const left = SIZE.width * BLOCK.x;
  const top = SIZE.height * BLOCK.y;
  const upright = await sharp({ create: { ...SIZE, channels: 3, background: '#404040' } })
    .composite([{ input: block, left, top }])
    .png()
    .toBuffer();
  const stored = sharp(upright).rotate(360 - 90 * rotation);
  const { data, info } = await stored.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return new VideoFrame(Uint8Array.from(data), info.width, info.height, VideoBufferType.RGB24);
}

/** The white block in a picture, in shares. */
async function blockIn(picture: Buffer): Promise<Region> {
  const { data, info } = await sharp(picture).grayscale().raw().toBuffer({
    resolveWithObject: true,
  });
  const { width, height } = info;
  const white = [...data.keys()].filter((i) => (data[i] ?? 0) > 160);
  const columns = white.map((i) => i % width);
  const rows = white.map((i) => Math.floor(i / width));
  const [left, top] = [Math.min(...columns), Math.min(...rows)];
  return {
    x: left / width,
    y: top / height,
    width: (Math.max(...columns) + 1 - left) / width,
    height: (Math.max(...rows) + 1 - top) / height,
  };
}

const resized = (
  width: number,
  height: number,
  strategy: NonNullable<EncodeOptions['resize']>['strategy'],
) => ({ format: 'png', resize: { width, height, strategy } }) as const;

const PICTURES: readonly (readonly [string, EncodeOptions])[] = [
  ['of the same size', { format: 'png' }],
  ['that is stretched', resized(200, 200, 'skew')],
  ['fitted inside a square', resized(160, 160, 'scale_aspect_fit')],
  ['with black bars', resized(240, 240, 'center_aspect_fit')],
  ['cut to a square', resized(160, 160, 'center_aspect_cover')],
  ['that is not enlarged', { ...resized(900, 900, 'scale_aspect_fit'), enlarge: false }],
  ['turned by the options', { format: 'png', rotation: 90 }],
];

test.each(PICTURES)('a place in a picture %s is found in its frame', async (_, options) => {
  const rotations = [
    VideoRotation.VIDEO_ROTATION_0,
    VideoRotation.VIDEO_ROTATION_90,
    VideoRotation.VIDEO_ROTATION_180,
    VideoRotation.VIDEO_ROTATION_270,
  ];
  for (const rotation of rotations) {
    const frame = await frameWithBlock(rotation);
    const { data } = await encodeFrame({ frame, rotation }, options);
    const found = toEncodedFrame({ frame, rotation }, options)(await blockIn(data));
    for (const side of ['x', 'y', 'width', 'height'] as const)
      expect(Math.abs(found[side] - BLOCK[side]), `${side}, turned ${rotation}`).toBeLessThan(0.02);
  }
});
