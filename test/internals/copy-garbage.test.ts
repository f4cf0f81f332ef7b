import { LocalVideoTrack, VideoSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import type { SourceFrame } from '../../src/frames/frame-source.ts';
import { noteCopy } from '../../src/internals/copy-garbage.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const SIZE = { width: 1280, height: 720 };
/** So many have 24 MB, at 1.5 bytes a pixel. */
const FRAMES_OF_A_THIRD = 19;
const FRAMES = 2 * FRAMES_OF_A_THIRD + 1;
/** What is reserved, so that V8 collects, in bytes. */
const WEIGHT = 64 * 1024 * 1024;

/** What `read` returned each time when so much was reserved. */
function watchCollections(read = () => 0): number[] {
  const collections: number[] = [];
  class Watched extends ArrayBuffer {
    constructor(bytes: number) {
      super(bytes === WEIGHT ? 0 : bytes);
      if (bytes === WEIGHT) collections.push(read());
    }
  }
  vi.stubGlobal('ArrayBuffer', Watched);
  return collections;
}

test('each third of what V8 lets accumulate is collected once, unless it comes soon after the one before', () => {
  const collections = watchCollections();
  const clock = vi.spyOn(performance, 'now');
  const copyAt = (seconds: number, megabytes: number) => {
    clock.mockReturnValue(seconds * 1000);
    noteCopy(megabytes * 1024 * 1024);
    return collections.length;
  };
  expect(copyAt(1e6, 24)).toBe(1);
  expect(copyAt(1e6 + 10, 23)).toBe(1);
  expect(copyAt(1e6 + 10, 1)).toBe(2);
  expect(copyAt(1e6 + 14, 24)).toBe(2);
  expect(copyAt(1e6 + 18, 24)).toBe(2);
  expect(copyAt(1e6 + 24, 24)).toBe(3);
});

test('each copy of a frame counts', async () => {
  const video = new VideoSource(SIZE.width, SIZE.height);
  const picture = greyFrame(3, SIZE);
  video.captureFrame(picture);
  const track = LocalVideoTrack.createVideoTrack('garbage', video);
  let onFrame: (frame: SourceFrame) => void = () => {};
  const tap = openNativeTap(track, { onFrame: (frame) => onFrame(frame), onEnd: () => {} });
  let frames = 0;
  noteCopy(24 * 1024 * 1024);
  const now = performance.now.bind(performance);
  // A slow reader.
  vi.spyOn(performance, 'now').mockImplementation(() => now() + frames * 1000);
  const collections = watchCollections(() => frames);
  for (frames = 1; frames <= FRAMES; frames++) {
    const arrived = new Promise<void>((resolve) => {
      onFrame = (frame) => {
        frame.read();
        frame.release();
        resolve();
      };
    });
    video.captureFrame(picture);
    await arrived;
  }
  await tap?.close();
  await track.close();
  expect(collections).toEqual([FRAMES_OF_A_THIRD, 2 * FRAMES_OF_A_THIRD]);
});
