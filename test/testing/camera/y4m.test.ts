import { expect, test } from 'vitest';
import { y4mFrames } from '../../../src/testing/camera/y4m.ts';

/** Bytes of two planes of colour of an odd size, rounded up. */
const SIZES = [
  { width: 6, height: 4, length: 24 + 2 * 6 },
  { width: 5, height: 4, length: 20 + 2 * 6 },
  { width: 6, height: 3, length: 18 + 2 * 6 },
  { width: 5, height: 3, length: 15 + 2 * 6 },
];

/** A stream of chunks that end anywhere. */
async function* chunks(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

test.each(SIZES)('a video of $width x $height is read frame by frame', async (size) => {
  const { width, height, length } = size;
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F25:2 Ip A1:1 C420jpeg\n`);
  // A line break is also a possible pixel.
  const pictures = [10, 70, 200].map((value) => Buffer.alloc(length, value));
  const body = pictures.flatMap((picture) => [Buffer.from('FRAME\n'), picture]);
  const bytes = Buffer.concat([header, ...body, Buffer.from('FRAME\nnot all')]);
  for (const chunkLength of [1, 7, bytes.length]) {
    const read: { dueMs: number; data: number[] }[] = [];
    for await (const { dueMs, frame } of y4mFrames(chunks(bytes, chunkLength)))
      read.push({ dueMs, data: [...frame().data] });
    expect(read).toEqual(
      pictures.map((picture, index) => ({ dueMs: index * 80, data: [...picture] })),
    );
  }
});

test('a stream that is no video has no frames', async () => {
  for await (const _ of y4mFrames(chunks(Buffer.from('RIFF....AVI \n'), 4))) expect.fail('a frame');
});
