import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import type { LumaFeed } from '../../src/frames/gate.types.ts';
import type { LumaPicture } from '../../src/frames/luma.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { sceneSizeOf } from '../../src/scene/scene-change.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { type SmallPicture, smallPictures } from '../../src/watch/watched-video.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => vi.useRealTimers());

const look = () => Promise.reject(new Error('not asked for'));

test('a watch of a session asks for five pictures a second, and leaves no listener', () => {
  const listeners = new Set<(frame: FrameRef) => void>();
  const intervals: (number | undefined)[] = [];
  const lumaFeed: LumaFeed = {
    onFrame: (listener, everyMs) => {
      listeners.add(listener);
      intervals.push(everyMs);
      return () => listeners.delete(listener);
    },
    luma: (width, height) => (width > 0 ? ({ width, height } as LumaPicture) : undefined),
  };
  const pictures: [SmallPicture, number][] = [];
  const stop = smallPictures({ look, lumaFeed }, (...picture) => pictures.push(picture));
  vi.advanceTimersByTime(1234);
  for (const listener of listeners)
    for (const source of ['camera', 'screen'] as const)
      listener({ trackSid: 'TR', source } as FrameRef);
  expect(intervals).toEqual([200]);
  // Text of a screen is too small for the picture of a camera.
  expect(pictures).toEqual(
    (['camera', 'screen'] as const).map((source) => [
      { picture: sceneSizeOf(source), trackSid: 'TR', source },
      performance.now(),
    ]),
  );
  expect(sceneSizeOf('screen').width).toBeGreaterThan(sceneSizeOf('camera').width);
  stop();
  expect(listeners.size).toBe(0);
});

test('a watch of an own video compares each frame once, goes on after a failure, and leaves no timer', async () => {
  const seen = (id: number) => ({ id, trackSid: 'TR', frame: greyFrame(3) }) as SeenFrame;
  const frames = [seen(1), seen(1), new Error('no camera'), undefined, seen(2)];
  let asked = 0;
  let pictures = 0;
  const latestFrame = async () => {
    const next = frames[asked++];
    if (next instanceof Error) throw next;
    return next;
  };
  const stop = smallPictures({ look, latestFrame }, () => pictures++);
  while (asked < frames.length) await vi.advanceTimersByTimeAsync(200);
  expect(pictures).toBe(2);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
