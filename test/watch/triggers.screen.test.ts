import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shrinkLuma } from '../../src/frames/luma.ts';
import { GeneratedScreen, type ScreenItem } from '../../src/testing/generated-screen.ts';
import { watchedTriggers } from '../support/watched-triggers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

const screen = new GeneratedScreen({ width: 1280, height: 720 });

/** A watch of a screen that sends a frame only if it changes. Lists the looks that it requested. */
function watched() {
  let items: readonly ScreenItem[] = [];
  const { looks, arrive, stop } = watchedTriggers((width, height) =>
    shrinkLuma(screen.showing(items), width, height),
  );
  return {
    looks,
    stop,
    show(next: readonly ScreenItem[]) {
      items = next;
      arrive({ trackSid: 'TR', source: 'screen' });
    },
  };
}

test('a watch looks at a still screen after the only frame that shows a changed line of text', () => {
  const { looks, show, stop } = watched();
  const line = (text: string) => [{ text, x: 300, y: 300 }];
  show(line('the price is ten euros'));
  expect(looks).toEqual(['change']);
  vi.advanceTimersByTime(5000);
  show(line('now it costs a lot more'));
  expect(looks).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  // Once when the line has lasted, and once when the screen is still.
  expect(looks).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
  stop();
});

test('a watch of a screen that ends during a change leaves no timer', () => {
  const { looks, show, stop } = watched();
  show([]);
  show([{ x: 100, y: 100, width: 600, height: 300, luma: 60 }]);
  vi.advanceTimersByTime(300);
  show([{ x: 100, y: 100, width: 600, height: 300, luma: 60 }]);
  expect(vi.getTimerCount()).toBe(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  expect(looks).toHaveLength(1);
});
