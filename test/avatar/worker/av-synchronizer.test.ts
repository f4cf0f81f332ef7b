import { AudioFrame, type AudioSource, type VideoSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { AvSynchronizer } from '../../../src/avatar/worker/av-synchronizer.ts';

afterEach(() => vi.useRealTimers());

test('audio that is dropped no longer counts as playing', async () => {
  vi.useFakeTimers();
  const audio = { captureFrame: async () => {}, clearQueue: () => {} } as unknown as AudioSource;
  const video = { captureFrame: () => {} } as unknown as VideoSource;
  const synchronizer = new AvSynchronizer({ audio, video, fps: 25, queueMs: 100 });
  await synchronizer.pushAudio(new AudioFrame(new Int16Array(24_000), 24_000, 1, 24_000));
  expect(synchronizer.audioEndsAt).toBeGreaterThan(performance.now());
  synchronizer.clear();
  expect(synchronizer.audioEndsAt).toBe(performance.now());
  synchronizer.close();
});
