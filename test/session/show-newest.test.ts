import { afterEach, expect, test, vi } from 'vitest';
import type { SessionActor } from '../../src/session/session-actor.ts';
import { showNewest } from '../../src/session/show-newest.ts';

afterEach(() => vi.useRealTimers());

test('a typed turn of a realtime model leaves no listener and no timer', async () => {
  vi.useFakeTimers();
  const heard = new Map<string, (event: object) => void>();
  const actor = {
    getSnapshot: () => ({ context: { mode: 'sampled', follow: [{ id: 'camera' }], sources: {} } }),
    on: (type: string, listener: (event: object) => void) => {
      heard.set(type, listener);
      return { unsubscribe: () => heard.delete(type) };
    },
    send: () => heard.get('sample.sent')?.({ sourceId: 'camera' }),
  } as unknown as SessionActor;
  await showNewest({ actor, budgetMs: 100, hasFrame: () => true });
  expect([...heard.keys()]).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
