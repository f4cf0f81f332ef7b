import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor, setup } from 'xstate';
import type { FrameRef } from '../../src/frame.ts';
import { shrinkLuma } from '../../src/frames/luma.ts';
import type { WatchEvent } from '../../src/machines/watch.types.ts';
import { GeneratedScreen, type ScreenItem } from '../../src/testing/generated-screen.ts';
import { triggers } from '../../src/watch/triggers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

const screen = new GeneratedScreen({ width: 1280, height: 720 });

/** A watch of a screen that sends a frame only if it changes. Lists the looks that it requested. */
function watched() {
  let items: readonly ScreenItem[] = [];
  let arrived: (frame: FrameRef) => void = () => {};
  const looks: string[] = [];
  const started = createActor(
    setup({
      actors: {
        triggers: triggers({
          video: {
            look: () => Promise.reject(new Error('not asked for')),
            lumaFeed: {
              onFrame: (listener) => {
                arrived = listener;
                return () => {};
              },
              luma: (width, height) => shrinkLuma(screen.showing(items), width, height),
            },
          },
          onSceneChange: {},
          schedule: undefined,
          onScheduleFailed: () => {},
          onVisibility: () => {},
        }),
      },
      types: { events: {} as WatchEvent },
    }).createMachine({
      invoke: { src: 'triggers' },
      on: { 'look.due': { actions: ({ event }) => looks.push(event.cause) } },
    }),
  ).start();
  return {
    looks,
    stop: () => started.stop(),
    show(next: readonly ScreenItem[]) {
      items = next;
      arrived({ trackSid: 'TR', source: 'screen' } as FrameRef);
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
  vi.advanceTimersByTime(5000);
  expect(looks).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
