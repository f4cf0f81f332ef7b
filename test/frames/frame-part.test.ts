import { VideoBufferType, VideoFrame, VideoRotation } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { partOf } from '../../src/frames/frame-part.ts';

const [RED, BLUE] = [
  [255, 0, 0],
  [0, 0, 255],
] as const;

/** A frame of 8x4 pixels: its left half is red, its right half blue. */
const data = new Uint8Array(8 * 4 * 3);
for (let pixel = 0; pixel < 32; pixel++) data.set(pixel % 8 < 4 ? RED : BLUE, 3 * pixel);
const frame = new VideoFrame(data, 8, 4, VideoBufferType.RGB24);
const upright = { frame, rotation: VideoRotation.VIDEO_ROTATION_0 };

/** Width, height, and the colors of the first and the last pixel. */
const seen = ({ data: bytes, width, height }: VideoFrame) => [
  ...[width, height],
  ...[[...bytes.subarray(0, 3)], [...bytes.subarray(-3)]],
];

test('a part has the pixels of its region, without a region all of them', async () => {
  const left = await partOf(upright, { region: { x: 0, y: 0, width: 0.5, height: 0.5 } });
  expect(seen(left)).toEqual([4, 2, RED, RED]);
  expect(seen(await partOf(upright, {}))).toEqual([8, 4, RED, BLUE]);
});

test('a region is one of the upright picture', async () => {
  const turned = { frame, rotation: VideoRotation.VIDEO_ROTATION_90 };
  expect(seen(await partOf(turned, {}))).toEqual([4, 8, RED, BLUE]);
  const top = await partOf(turned, { region: { x: 0, y: 0, width: 1, height: 0.5 } });
  expect(seen(top)).toEqual([4, 4, RED, RED]);
  const back = { frame, rotation: VideoRotation.VIDEO_ROTATION_270 };
  expect(seen(await partOf(back, {}))).toEqual([4, 8, BLUE, RED]);
});

test('a part is reduced to its largest side in its own shape, and never enlarged', async () => {
  const size = async (maxSize: number) => seen(await partOf(upright, { maxSize })).slice(0, 2);
  expect(await size(4)).toEqual([4, 2]);
  expect(await size(8)).toEqual([8, 4]);
  expect(await size(100)).toEqual([8, 4]);
});

test('a region outside the picture is an error that names the option', async () => {
  const outside = partOf(upright, { region: { x: 1, y: 0, width: 0.5, height: 1 } });
  await expect(outside).rejects.toThrow('region');
});
