import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import type { LumaFeed } from '../../src/frames/gate.types.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import { watchedTriggers } from '../support/watched-triggers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/**
 * Brightness of each place in each picture, texture and edges: of a room with the noise of a camera,
 * and of a covered lens.
 */
const ROOM = {
  luma: (at: number, picture: number) => ((at * 37) % 200) + (picture % 3),
  ...{ texture: 40, edges: 0.2 },
};
const DARK = { luma: () => 16, texture: 0, edges: 0 };

/** Shows a scene that can be replaced, in pictures of any size. */
function camera() {
  let scene: typeof ROOM = ROOM;
  let pictures = 0;
  const luma = (width: number, height: number) => {
    const { luma: level, texture, edges } = scene;
    pictures += 1;
    const means = Float32Array.from({ length: width * height }, (_, at) => level(at, pictures));
    const textures = new Float32Array(width * height).fill(texture);
    return { width, height, means, textures, edges };
  };
  /** Shows this for a time, at five pictures a second. */
  const show = (next: typeof ROOM, ms: number, arrive: () => void) => {
    scene = next;
    for (let passed = 0; passed < ms; passed += 200) {
      arrive();
      vi.advanceTimersByTime(200);
    }
  };
  return { luma, show };
}

/** A watch of cameras. */
function watched() {
  const { luma, show } = camera();
  const { news, arrive, stop } = watchedTriggers(luma);
  return {
    ...{ news, stop },
    show: (trackSid: string, next: typeof ROOM, ms: number) =>
      show(next, ms, () => arrive({ trackSid, source: 'camera' })),
  };
}

test('another camera is a change, once, even if it shows the same', () => {
  const { news, show, stop } = watched();
  show('first', ROOM, 3000);
  expect(news).toEqual(['change']);
  show('second', ROOM, 3000);
  expect(news).toEqual(['change', 'change']);
  stop();
});

test('a camera that is covered, and one that sees again, is reported once each', () => {
  const { news, show, stop } = watched();
  show('camera', ROOM, 2000);
  show('camera', DARK, 5000);
  expect(news.filter((one) => one !== 'change')).toEqual(['covered']);
  show('camera', ROOM, 5000);
  expect(news.filter((one) => one !== 'change')).toEqual(['covered', 'clear']);
  stop();
});

test('a watch reports how its camera sees, and looks at it no more after its stop', () => {
  const { luma, show } = camera();
  const listeners = new Set<(frame: FrameRef) => void>();
  const lumaFeed: LumaFeed = {
    luma,
    onFrame: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const look = () => new Promise<SeenFrame>(() => {});
  const watch = new VideoWatch(
    { look, lumaFeed },
    { onSceneChange: true, decide: () => false, act: 'event' },
  );
  const seen: string[] = [];
  watch.on('scene.changed', ({ visibility }) => seen.push(visibility));
  const arrive = () => {
    for (const listener of listeners) listener({ trackSid: 'TR', source: 'camera' } as FrameRef);
  };
  watch.start();
  expect(listeners.size).toBe(1);
  show(ROOM, 2000, arrive);
  show(DARK, 5000, arrive);
  show(ROOM, 5000, arrive);
  expect(seen).toEqual(['covered', 'clear']);
  watch.stop();
  expect(listeners.size).toBe(0);
});
