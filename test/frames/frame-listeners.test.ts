import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { FrameListeners } from '../../src/frames/frame-listeners.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const frame = (id: number, receivedAt: number): FrameRef => ({
  ...{ id, receivedAt, trackSid: 'TR_1', identity: 'ada', source: 'screen' as const },
  ...{ width: 320, height: 180 },
});

/** One listener of a frame a second, and what it got. */
function stage() {
  const got: number[] = [];
  let newest = frame(0, 0);
  const listeners = new FrameListeners(() => listeners.emit(newest));
  const remove = listeners.add(({ id }) => void got.push(id), 1000);
  const arrive = (id: number, receivedAt: number) => {
    newest = frame(id, receivedAt);
    listeners.emit(newest);
    listeners.letWait(newest);
  };
  return { got, arrive, remove };
}

test('the newest of the frames that are too early for a listener waits for its time', () => {
  const { got, arrive } = stage();
  arrive(1, 100_000);
  arrive(2, 100_400);
  arrive(3, 100_800);
  expect(got).toEqual([1]);
  vi.advanceTimersByTime(599);
  expect(got).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(got).toEqual([1, 3]);
});

test('a listener waits no longer than its interval after the clock was set back', () => {
  const { got, arrive } = stage();
  arrive(1, 100_000);
  arrive(2, 40_000);
  vi.advanceTimersByTime(1000);
  expect(got).toEqual([1, 2]);
});

test('a listener that is removed while a frame waits for it leaves no timer', () => {
  const { got, arrive, remove } = stage();
  arrive(1, 100_000);
  arrive(2, 100_400);
  remove();
  expect(vi.getTimerCount()).toBe(0);
  expect(got).toEqual([1]);
});
