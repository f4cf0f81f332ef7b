import { AudioFrame, type ByteStreamReader } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { IncomingSegment } from '../../../src/avatar/worker/incoming-segment.ts';
import { SegmentQueue } from '../../../src/avatar/worker/segment-queue.ts';

test('speech that is cleared no longer counts as waiting', async () => {
  const reader = { close: async () => {}, info: {} } as unknown as ByteStreamReader;
  const segment = new IncomingSegment(reader);
  const queue = new SegmentQueue();
  queue.open(segment);
  queue.push(segment, new AudioFrame(new Int16Array(480), 24_000, 1, 480));
  expect(queue.waitingBytes).toBe(960);
  expect(queue.clear()).toBe(1);
  expect(queue.waitingBytes).toBe(0);
  await queue.close();
});
