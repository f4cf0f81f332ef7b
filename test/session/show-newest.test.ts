import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SessionActor } from '../../src/session/session-actor.ts';
import { showNewest } from '../../src/session/show-newest.ts';
import type { StreamStatus } from '../../src/source.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

/** A typed turn with these sources, each with the state of its stream. */
function typedTurn(
  sources: Record<string, StreamStatus>,
  { mode = 'sampled', framesOf = [] as string[] } = {},
) {
  const heard = new Map<string, (event: object) => void>();
  const sent: object[] = [];
  const actor = {
    getSnapshot: () => ({
      context: {
        mode,
        follow: Object.keys(sources).map((id) => ({ id })),
        sources: Object.fromEntries(
          Object.entries(sources).map(([id, streamStatus]) => [id, { streamStatus }]),
        ),
      },
    }),
    on: (type: string, listener: (event: object) => void) => {
      heard.set(type, listener);
      return { unsubscribe: () => heard.delete(type) };
    },
    send: (event: object) => sent.push(event),
  } as unknown as SessionActor;
  let isOver = false;
  const hasFrame = (id: string) => framesOf.includes(id);
  const done = showNewest({ actor, budgetMs: 100, hasFrame }).then(() => {
    isOver = true;
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  /** Whether the turn still waits after this outcome of a sample. */
  const outcome = async (sourceId: string, reason?: string) => {
    const type = reason === undefined ? 'sample.sent' : 'sample.skipped';
    heard.get(type)?.({ sourceId, reason });
    await settle();
    return isOver ? 'over' : 'waits';
  };
  return { heard, sent, done, settle, outcome, isOver: () => isOver };
}

test('a typed turn requests a sample, and is over when it was sent; it leaves nothing', async () => {
  const { heard, sent, outcome, done } = typedTurn({ camera: 'live' });
  expect(sent).toEqual([{ type: 'user.typed' }]);
  expect(await outcome('camera')).toBe('over');
  await done;
  expect([...heard.keys()]).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a typed turn waits for each source, whatever the order is', async () => {
  const { outcome } = typedTurn({ camera: 'live', screen: 'live' });
  expect(await outcome('screen')).toBe('waits');
  expect(await outcome('screen')).toBe('waits');
  expect(await outcome('camera')).toBe('over');
});

test('a typed turn waits no longer than its budget', async () => {
  const { heard, settle, isOver } = typedTurn({ camera: 'live' });
  await vi.advanceTimersByTimeAsync(99);
  expect(isOver()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await settle();
  expect(isOver()).toBe(true);
  expect([...heard.keys()]).toEqual([]);
});

test('a typed turn requests nothing and waits for nothing while the video is off', async () => {
  const { sent, settle, isOver } = typedTurn({ camera: 'live' }, { mode: 'off' });
  await settle();
  expect(isOver()).toBe(true);
  expect(sent).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each(['busy', 'overtaken', 'not-connected', 'restarting'])(
  'a sample that is skipped as %s is followed by another one',
  async (reason) => {
    const { outcome } = typedTurn({ camera: 'live' }, { framesOf: ['camera'] });
    expect(await outcome('camera', reason)).toBe('waits');
    expect(await outcome('camera')).toBe('over');
  },
);

test.each(['off', 'budget', 'refused', 'encode-failed'])(
  'a sample that is skipped as %s ends the wait',
  async (reason) => {
    const { outcome } = typedTurn({ camera: 'opening' });
    expect(await outcome('camera', reason)).toBe('over');
  },
);

test.each<[string, StreamStatus, string[]]>([
  ['waits', 'opening', []],
  ['waits', 'opening', ['camera']],
  // The last turn of a pipeline used its newest frame.
  ['waits', 'live', []],
  ['over', 'live', ['camera']],
  ['over', 'none', []],
  ['over', 'stalled', []],
])(
  'without a frame, the turn %s if the stream is %s and has frames of %j',
  async (state, status, framesOf) => {
    const { outcome } = typedTurn({ camera: status }, { framesOf });
    expect(await outcome('camera', 'no-frame')).toBe(state);
  },
);

test('a source that found no connection gets its frame on the next one, even if it has none now', async () => {
  const { outcome } = typedTurn({ camera: 'live' }, { framesOf: ['camera'] });
  expect(await outcome('camera', 'not-connected')).toBe('waits');
  expect(await outcome('camera', 'no-frame')).toBe('waits');
  expect(await outcome('camera')).toBe('over');
});
