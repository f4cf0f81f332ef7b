import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

/** A watch of cameras. */
function watched() {
  let scene: typeof ROOM = ROOM;
  let pictures = 0;
  const { news, arrive, stop } = watchedTriggers((width, height) => {
    const { luma, texture, edges } = scene;
    pictures += 1;
    const means = Float32Array.from({ length: width * height }, (_, at) => luma(at, pictures));
    const textures = new Float32Array(width * height).fill(texture);
    return { width, height, means, textures, edges };
  });
  /** A track shows this for a time, at five pictures a second. */
  const show = (trackSid: string, next: typeof ROOM, ms: number) => {
    scene = next;
    for (let passed = 0; passed < ms; passed += 200) {
      arrive({ trackSid, source: 'camera' });
      vi.advanceTimersByTime(200);
    }
  };
  return { news, show, stop };
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
