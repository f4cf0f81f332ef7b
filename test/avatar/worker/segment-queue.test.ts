import { voice } from '@livekit/agents';
import { AudioFrame, type ByteStreamReader } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { IncomingSegment } from '../../../src/avatar/worker/incoming-segment.ts';
import { SegmentQueue } from '../../../src/avatar/worker/segment-queue.ts';

/** A queue, and segments that count how often their stream was closed. */
function stage() {
  const queue = new SegmentQueue();
  let closes = 0;
  const open = () => {
    const close = async () => void closes++;
    const segment = new IncomingSegment({ close, info: {} } as unknown as ByteStreamReader);
    queue.open(segment);
    return segment;
  };
  return { queue, open, closes: () => closes };
}

const sound = (samples = 480) => new AudioFrame(new Int16Array(samples), 24_000, 1, samples);
const mark = () => new voice.AudioSegmentEnd();

test('speech that is cleared no longer counts as waiting', async () => {
  const { queue, open, closes } = stage();
  const segment = open();
  queue.push(segment, sound());
  expect(queue.waitingBytes).toBe(960);
  expect(queue.clear()).toBe(1);
  expect([queue.waitingBytes, queue.segments, closes()]).toEqual([0, 0, 1]);
  // What comes of it later is ignored.
  queue.push(segment, sound());
  expect(queue.waitingBytes).toBe(0);
  await queue.close();
  expect(closes()).toBe(1);
});

test('speech is read in order, and a segment is open until its mark is read', async () => {
  const { queue, open } = stage();
  const [first, second] = [open(), open()];
  const items = [sound(10), mark(), sound(20), mark()];
  for (const [index, item] of items.entries()) queue.push(index < 2 ? first : second, item);
  expect(queue.waitingBytes).toBe(60);
  expect(await queue.next()).toBe(items[0]);
  expect([queue.waitingBytes, queue.segments]).toEqual([40, 2]);
  expect(await queue.next()).toBe(items[1]);
  expect(queue.segments).toBe(1);
  expect(await queue.next()).toBe(items[2]);
  expect([queue.waitingBytes, queue.segments]).toEqual([0, 1]);
  await queue.close();
});

test('a clear counts the segments of which nothing was read', async () => {
  const { queue, open } = stage();
  const [read, begun, unread] = [open(), open(), open()];
  for (const segment of [read, begun, unread]) {
    queue.push(segment, sound());
    queue.push(segment, mark());
  }
  for (let item = 0; item < 3; item++) await queue.next();
  expect(queue.clear()).toBe(1);
  expect([read.dropped, begun.dropped, unread.dropped]).toEqual([false, true, true]);
  expect(queue.clear()).toBe(0);
  await queue.close();
});

test('a close drops all segments, and ends the wait for the next item', async () => {
  const { queue, open, closes } = stage();
  const segment = open();
  const next = queue.next();
  await queue.close();
  expect(await next).toBeUndefined();
  expect([segment.dropped, closes(), queue.segments]).toEqual([true, 1, 0]);
});
