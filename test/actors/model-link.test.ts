import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor, setup, toPromise } from 'xstate';
import { connectionEvents, revive } from '../../src/actors/model-link.ts';
import type { RealtimeVideoSink } from '../../src/models/video-sink.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => vi.useRealTimers());

/** The events of a sink whose connection a test sets. */
function stage() {
  const state = { connection: undefined as object | undefined, isSilentlyClosed: false };
  const sink = {
    connection: () => state.connection,
    isSilentlyClosed: () => state.isSilentlyClosed,
  } as RealtimeVideoSink;
  const sinks: { current: RealtimeVideoSink | undefined } = { current: sink };
  const events: string[] = [];
  const machine = setup({
    actors: { link: connectionEvents(() => sinks.current) },
    actions: { note: ({ event }) => void events.push(event.type) },
  }).createMachine({ invoke: { src: 'link' }, on: { '*': { actions: 'note' } } });
  const actor = createActor(machine).start();
  /** The new events after this change. */
  const after = (change: Partial<typeof state>) => {
    Object.assign(state, change);
    vi.advanceTimersByTime(1000);
    return events.splice(0);
  };
  return { actor, after, sinks };
}

test('each connection is reported once, also one that replaces another', () => {
  const { actor, after, sinks } = stage();
  expect(after({})).toEqual([]);
  expect(after({ connection: {} })).toEqual(['model.connected']);
  expect(after({})).toEqual([]);
  expect(after({ connection: {} })).toEqual(['model.connected']);
  expect(after({ connection: undefined })).toEqual(['model.disconnected']);
  expect(after({ connection: {} })).toEqual(['model.connected']);
  sinks.current = undefined;
  expect(after({})).toEqual(['model.disconnected']);
  actor.stop();
});

test('a connection that closed without the plugin noticing is reported as that, each time', () => {
  const { actor, after } = stage();
  expect(after({ connection: {} })).toEqual(['model.connected']);
  const closed = { connection: undefined, isSilentlyClosed: true };
  expect(after(closed)).toEqual(['model.closedSilently']);
  expect(after({})).toEqual([]);
  expect(after({ connection: {}, isSilentlyClosed: false })).toEqual(['model.connected']);
  expect(after(closed)).toEqual(['model.closedSilently']);
  actor.stop();
});

test('the connection is no longer watched after the end', () => {
  const { actor, after } = stage();
  actor.stop();
  expect(after({ connection: {} })).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [{ revive: () => true } as RealtimeVideoSink, true],
  [{ revive: () => false } as RealtimeVideoSink, false],
  [undefined, false],
])('a plugin that cannot reconnect fails the attempt', async (sink, canReconnect) => {
  const revived = toPromise(createActor(revive(() => sink)).start());
  if (canReconnect) await expect(revived).resolves.toBeUndefined();
  else await expect(revived).rejects.toThrow('this plugin session cannot reconnect');
});
