import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GeminiSession } from '../../../src/testing/fakes/gemini-session.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import type { ReceivedFrame } from '../../../src/testing/fakes/service-record.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const LIMITS = { sessionMs: 1000, videoSessionMs: 100, goAwayMs: 60 };
const frame = (via: ReceivedFrame['via'] = 'realtimeInput') => ({ via }) as ReceivedFrame;

/** A connection, and what it was made to do. */
function connection() {
  const events: string[] = [];
  return {
    events,
    send: ({ goAway }: JsonObject) => void events.push(`goAway ${JSON.stringify(goAway)}`),
    close: (code: number) => void events.push(`closed ${code}`),
  };
}

function opened(setup: JsonObject = {}) {
  const session = new GeminiSession(setup, LIMITS);
  const first = connection();
  session.open(first, setup);
  return { session, first, events: first.events };
}

const GO_AWAY = 'goAway {"timeLeft":"0.06s"}';

test('a session ends after its limit, and announces that before', () => {
  const { session, events } = opened();
  vi.advanceTimersByTime(939);
  expect(events).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(events).toEqual([GO_AWAY]);
  vi.advanceTimersByTime(59);
  expect(session.isOver).toBe(false);
  vi.advanceTimersByTime(1);
  expect([session.isOver, events]).toEqual([true, [GO_AWAY, 'closed 1011']]);
});

test('video shortens the limit of a session, counted from its start, and content does not', () => {
  const { session, events } = opened();
  vi.advanceTimersByTime(30);
  session.add(frame('clientContent'), true);
  session.add(frame(), false);
  vi.advanceTimersByTime(9);
  session.add(frame(), false);
  expect(events).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(events).toEqual([GO_AWAY]);
  vi.advanceTimersByTime(60);
  expect(session.isOver).toBe(true);
  const without = opened();
  without.session.add(frame('clientContent'), true);
  vi.advanceTimersByTime(939);
  expect(without.events).toEqual([]);
});

test('only compression by a sliding window lifts the limits', () => {
  expect(opened({ contextWindowCompression: { slidingWindow: {} } }).events).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  opened({ contextWindowCompression: { triggerTokens: 1 } });
  expect(vi.getTimerCount()).toBe(2);
});

test('a session without a connection has no timer, and goes on with the next one', () => {
  const { session, first, events } = opened();
  session.leave(connection());
  expect(vi.getTimerCount()).toBe(2);
  vi.advanceTimersByTime(950);
  session.leave(first);
  expect(vi.getTimerCount()).toBe(0);
  session.add(frame(), false);
  expect(vi.getTimerCount()).toBe(0);
  const second = connection();
  session.open(second, {});
  // Its limit with video is over.
  vi.advanceTimersByTime(0);
  expect(second.events).toEqual(['closed 1011']);
  expect(events).toEqual([GO_AWAY]);
});

test('a session takes the setup of its newest connection', () => {
  const { session } = opened();
  session.open(connection(), { contextWindowCompression: { slidingWindow: {} } });
  expect(vi.getTimerCount()).toBe(0);
  expect(session.setup).toHaveProperty('contextWindowCompression');
});

test('a turn has the pictures of its time and of all turns before it', () => {
  const { session } = opened();
  const [one, two] = [frame(), frame('clientContent')];
  session.add(one, true);
  session.add(frame(), false);
  expect(session.seen).toEqual([]);
  expect(session.completeTurn()).toEqual([one]);
  session.add(two, true);
  const turn = session.completeTurn();
  expect(turn).toEqual([one, two]);
  expect(session.completeTurn()).toEqual([one, two]);
  expect(session.seen).not.toBe(turn);
});
