import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { VideoMode } from '../../src/client/control-protocol.ts';
import { ModeAnnouncement } from '../../src/session/mode-announcement.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server that accepts or refuses writes when the test says so. */
function announcing(mode: VideoMode = 'sampled') {
  const state = { mode, announced: undefined as VideoMode | undefined, isDown: false };
  const writes: VideoMode[] = [];
  const errors: unknown[] = [];
  const pending: (() => void)[] = [];
  const announcement = new ModeAnnouncement({
    mode: () => state.mode,
    write: (written) => {
      writes.push(written);
      return new Promise((resolve, reject) => {
        pending.push(() => {
          if (state.isDown) return reject(new Error('the server is down'));
          state.announced = written;
          resolve();
        });
      });
    },
    onError: (error) => errors.push(error),
  });
  return {
    state,
    writes,
    errors,
    announcement,
    change: (to: VideoMode) => {
      state.mode = to;
      announcement.update();
    },
    /** The server answers the pending write. */
    answer: async () => {
      pending.shift()?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('the announced mode', () => {
  test('a failed write of the mode is repeated with growing pauses until it succeeds', async () => {
    const { state, writes, errors, announcement, answer } = announcing('off');
    state.isDown = true;
    announcement.update();
    await answer();
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const before = Date.now();
      const count = writes.length;
      while (writes.length === count) await vi.advanceTimersByTimeAsync(100);
      waits.push(Date.now() - before);
      await answer();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(errors).toHaveLength(10);
    state.isDown = false;
    await vi.advanceTimersByTimeAsync(30_000);
    await answer();
    expect(state.announced).toBe('off');
    expect(vi.getTimerCount()).toBe(0);
    // It succeeded, so nothing more is written.
    announcement.update();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(writes).toHaveLength(11);
  });

  test('a mode that changes during the retries of the old one is written at once, and the old one is dropped', async () => {
    const { state, writes, announcement, change, answer } = announcing('sampled');
    state.isDown = true;
    announcement.update();
    await answer();
    change('off');
    expect(writes).toEqual(['sampled', 'off']);
    state.isDown = false;
    await answer();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(writes).toEqual(['sampled', 'off']);
    expect(state.announced).toBe('off');
  });

  test('a new mode whose write fails is repeated after the first pause, however long the old one failed', async () => {
    const { state, writes, announcement, change, answer } = announcing('sampled');
    state.isDown = true;
    announcement.update();
    await answer();
    await vi.advanceTimersByTimeAsync(500);
    await answer();
    change('off');
    await answer();
    expect(writes).toEqual(['sampled', 'sampled', 'off']);
    await vi.advanceTimersByTimeAsync(500);
    expect(writes).toEqual(['sampled', 'sampled', 'off', 'off']);
  });

  test('a mode that changes back while a write fails is written again', async () => {
    const { state, writes, announcement, change, answer } = announcing('sampled');
    announcement.update();
    await answer();
    state.isDown = true;
    change('off');
    change('sampled');
    await answer();
    expect(writes).toEqual(['sampled', 'off', 'sampled']);
  });

  test('other changes of the session cause no extra writes of the mode', async () => {
    const { state, writes, announcement, answer } = announcing('off');
    state.isDown = true;
    announcement.update();
    await answer();
    for (let i = 0; i < 100; i++) announcement.update();
    expect(writes).toEqual(['off']);
  });

  test('a closed announcement writes no mode and leaves no timer', async () => {
    const { state, writes, announcement, change, answer } = announcing('off');
    state.isDown = true;
    announcement.update();
    await answer();
    await announcement.close();
    expect(vi.getTimerCount()).toBe(0);
    change('sampled');
    announcement.rewrite();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(writes).toEqual(['off']);
  });

  test('a write of the mode that fails after the close leaves no timer', async () => {
    const { state, writes, announcement, answer } = announcing('off');
    announcement.update();
    const closed = announcement.close();
    state.isDown = true;
    await answer();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
    expect(writes).toEqual(['off']);
  });

  test('the announced mode is the current one in the end, whatever fails, changes or is lost meanwhile', async () => {
    const step = fc.oneof(
      fc.constantFrom<VideoMode>('off', 'onDemand', 'sampled'),
      fc.constantFrom('answer', 'down', 'up', 'lose', 'wait'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { state, announcement, change, answer } = announcing();
        announcement.update();
        for (const one of steps) {
          if (one === 'answer') await answer();
          else if (one === 'down' || one === 'up') state.isDown = one === 'down';
          else if (one === 'wait') await vi.advanceTimersByTimeAsync(700);
          else if (one === 'lose') {
            state.announced = undefined;
            announcement.rewrite();
          } else change(one);
        }
        state.isDown = false;
        for (let i = 0; i < 4; i++) {
          await answer();
          await vi.advanceTimersByTimeAsync(30_000);
        }
        expect(state.announced).toBe(state.mode);
        await announcement.close();
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
