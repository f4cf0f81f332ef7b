import { LocalVideoTrack, VideoSource } from '@livekit/rtc-node';
import { afterAll, expect, test, vi } from 'vitest';
import type { SourceFrame } from '../../src/frames/frame-source.ts';
import { noteCopy } from '../../src/internals/copy-garbage.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';

afterAll(async () => {
  vi.restoreAllMocks();
});

const SIZE = { width: 1280, height: 720 };
/** 58 MB. V8 by itself collects after 64. */
const FRAMES = 42;
/** Between two frames, in ms: a collection finishes in this time, also on a busy machine. */
const BETWEEN_MS = 40;

test('each third of what V8 lets accumulate is collected once, unless it comes soon after the one before', () => {
  const weights: number[] = [];
  vi.stubGlobal(
    'ArrayBuffer',
    class {
      constructor(bytes: number) {
        weights.push(bytes);
      }
    },
  );
  const clock = vi.spyOn(performance, 'now');
  const copyAt = (seconds: number, megabytes: number) => {
    clock.mockReturnValue(seconds * 1000);
    noteCopy(megabytes * 1024 * 1024);
    return weights.length;
  };
  expect(copyAt(1e6, 24)).toBe(1);
  expect(copyAt(1e6 + 10, 23)).toBe(1);
  expect(copyAt(1e6 + 10, 1)).toBe(2);
  expect(copyAt(1e6 + 14, 24)).toBe(2);
  expect(copyAt(1e6 + 18, 24)).toBe(2);
  expect(copyAt(1e6 + 24, 24)).toBe(3);
  clock.mockRestore();
  vi.unstubAllGlobals();
});

test('copies of frames without a reference are collected before V8 would do it', async () => {
  const video = new VideoSource(SIZE.width, SIZE.height);
  const picture = greyFrame(3, SIZE);
  video.captureFrame(picture);
  const track = LocalVideoTrack.createVideoTrack('garbage', video);
  let onFrame: (frame: SourceFrame) => void = () => {};
  const tap = openNativeTap(track, { onFrame: (frame) => onFrame(frame), onEnd: () => {} });
  const now = performance.now.bind(performance);
  // A slow reader: at a high rate V8 collects soon anyway.
  vi.spyOn(performance, 'now').mockImplementation(() => now() * 100);
  const copies: WeakRef<ArrayBufferLike>[] = [];
  for (let frames = 0; frames < FRAMES; frames++) {
    const arrived = new Promise<void>((resolve) => {
      onFrame = (frame) => {
        copies.push(new WeakRef(frame.read().data.buffer));
        frame.release();
        resolve();
      };
    });
    video.captureFrame(picture);
    await arrived;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  await tap?.close();
  await track.close();
  expect(copies.filter((copy) => copy.deref()).length).toBeLessThan(FRAMES);
});
