import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { SessionStore } from '../../src/inspect/session-store.ts';
import { Viewer } from '../../src/inspect/viewer.ts';
import type { WireEvent } from '../../src/inspect/wire.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

const event = (n: number, type = '@xstate.event', fields = {}): WireEvent =>
  ({
    ...{ type, sessionId: 'x:0', createdAt: '0', id: String(n), _version: '1' },
    ...{ event: { type: 'go' }, ...fields },
  }) as unknown as WireEvent;
const picture = (n: number) => event(n, '@sightline.picture');

/** A page that is connected, one session in the store, and what the page gets. */
function stage(limits = { events: 10_000, bytes: 1e8 }) {
  const store = new SessionStore(limits);
  const session = store.connect('agent', 'one');
  if (!session) throw new Error('the store is full');
  let sent: { type: string; session?: string; [field: string]: unknown }[] = [];
  const socket = Object.assign(new EventEmitter(), {
    ...{ readyState: WebSocket.OPEN as number, bufferedAmount: 0 },
    send: (text: string) => void sent.push(JSON.parse(text)),
  });
  const hello = { type: 'hello', charts: ['a'], pixels: false, maxEvents: 10, maxBytes: 10_000 };
  new Viewer(socket as unknown as WebSocket, store, hello as never);
  /** What the page got since the last call. */
  const got = () => {
    const messages = sent;
    sent = [];
    return messages;
  };
  const watch = (id: unknown) => socket.emit('message', JSON.stringify({ watch: id }));
  const pass = () => vi.advanceTimersByTime(40);
  return { store, session, socket, hello, got, watch, pass };
}

const numbersIn = (messages: { type: string; events?: unknown }[]) =>
  messages.flatMap(({ type, events }) =>
    type === 'events' ? (events as [number, { id: string }][]).map(([seq]) => seq) : [],
  );

test('a page gets a greeting and the list of sessions at once, and nothing of a session', () => {
  const { got, hello, session, watch, pass } = stage();
  session.add(event(1));
  expect(got()).toEqual([
    hello,
    { type: 'sessions', sessions: [expect.objectContaining({ id: 's1', events: 0 })] },
  ]);
  pass();
  expect(got()).toEqual([{ type: 'sessions', sessions: [expect.objectContaining({ events: 1 })] }]);
  pass();
  expect(got()).toEqual([]);
  watch('unknown');
  expect(got()).toEqual([]);
});

test('changes are collected for 40 ms', () => {
  const { store, got } = stage();
  got();
  store.connect('agent', 'two');
  vi.advanceTimersByTime(39);
  store.connect('agent', 'three');
  expect(got()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(got()).toEqual([{ type: 'sessions', sessions: expect.any(Array) }]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a page that asks for a session gets its kept events, and then each new one once', () => {
  const { session, got, watch, pass } = stage();
  session.add(event(1));
  session.add(event(2));
  got();
  watch('s1');
  expect(got().filter(({ type }) => type !== 'sessions')).toEqual([
    { type: 'reset', session: 's1', base: [], nextSeq: 1 },
    {
      type: 'events',
      session: 's1',
      events: [
        [1, expect.objectContaining({ id: '1' })],
        [2, expect.objectContaining({ id: '2' })],
      ],
    },
  ]);
  session.add(event(3));
  pass();
  expect(numbersIn(got())).toEqual([3]);
  watch('s1');
  expect(numbersIn(got())).toEqual([1, 2, 3]);
});

test('pictures are sent once, and again if the page asks again', () => {
  const { session, got, watch, pass } = stage();
  session.add(picture(1));
  watch('s1');
  const pictures = () => got().filter(({ type }) => type === 'picture');
  expect(pictures()).toEqual([
    { type: 'picture', session: 's1', picture: expect.objectContaining({ id: '1' }) },
  ]);
  session.add(picture(2));
  pass();
  expect(pictures()).toHaveLength(1);
  watch('s1');
  expect(pictures()).toHaveLength(2);
});

test('a page that asks for another session gets nothing more of the first one', () => {
  const { store, session, got, watch, pass } = stage();
  const other = store.connect('agent', 'two');
  watch('s1');
  watch('s2');
  pass();
  got();
  session.add(event(1));
  other?.add(event(2));
  pass();
  const events = got().filter(({ type }) => type === 'events');
  expect(events).toMatchObject([{ session: 's2' }]);
  watch('unknown');
  other?.add(event(3));
  pass();
  expect(got().filter(({ type }) => type !== 'sessions')).toEqual([]);
});

test.each(['{', 'null', '5', '{"watch":5}', '{}'])('a message %s of a page is ignored', (text) => {
  const { socket, session, got, watch, pass } = stage();
  watch('s1');
  got();
  socket.emit('message', text);
  session.add(event(1));
  pass();
  expect(numbersIn(got())).toEqual([1]);
});

test('a page that is too far behind starts again with what is kept', () => {
  const { session, got, watch, pass } = stage({ events: 3, bytes: 1e6 });
  watch('s1');
  pass();
  got();
  session.add(event(1, '@xstate.actor', { name: 'root', definition: '{}' }));
  for (const n of [2, 3, 4, 5]) session.add(event(n));
  pass();
  const messages = got();
  expect(messages.find(({ type }) => type === 'reset')).toMatchObject({
    nextSeq: 3,
    base: [{ name: 'root' }],
  });
  expect(numbersIn(messages)).toEqual([3, 4, 5]);
});

test('events come in batches of at most a thousand', () => {
  const { session, got, watch } = stage();
  for (let n = 1; n <= 2500; n++) session.add(event(n));
  watch('s1');
  const batches = got().filter(({ type }) => type === 'events');
  expect(batches.map((one) => numbersIn([one]).length)).toEqual([1000, 1000, 500]);
  expect(numbersIn(batches)).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
});

test('events come in batches of about a megabyte', () => {
  const { session, got, watch } = stage();
  for (let n = 1; n <= 4; n++) session.add(event(n, '@xstate.event', { text: 'x'.repeat(4e5) }));
  watch('s1');
  const batches = got().filter(({ type }) => type === 'events');
  expect(batches.map((one) => numbersIn([one]))).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('a page with more than 4 MB on the way gets its events later', () => {
  const { session, socket, got, watch, pass } = stage();
  session.add(event(1));
  socket.bufferedAmount = 4 * 1024 * 1024 + 1;
  watch('s1');
  expect(numbersIn(got())).toEqual([]);
  pass();
  expect(numbersIn(got())).toEqual([]);
  socket.bufferedAmount = 4 * 1024 * 1024;
  pass();
  expect(numbersIn(got())).toEqual([1]);
});

test('a page that is not open gets nothing, and gets the rest when it asks again', () => {
  const { session, socket, got, watch, pass } = stage();
  watch('s1');
  got();
  socket.readyState = WebSocket.CLOSING;
  session.add(event(1));
  pass();
  expect(got()).toEqual([]);
});

test('a page that is closed or broken leaves no listener and no timer', () => {
  const store = new SessionStore({ events: 10, bytes: 10_000 });
  const session = store.connect('agent', 'one');
  if (!session) throw new Error('the store is full');
  const socket = Object.assign(new EventEmitter(), {
    ...{ readyState: WebSocket.OPEN, bufferedAmount: 0, send: () => {} },
  });
  const listeners = { count: 0 };
  for (const source of [store, session]) {
    const onChange = source.onChange.bind(source);
    Object.assign(source, {
      onChange(listener: () => void) {
        const stop = onChange(listener);
        listeners.count += 1;
        return () => {
          stop();
          listeners.count -= 1;
        };
      },
    });
  }
  const hello = { type: 'hello', charts: [], pixels: false, maxEvents: 10, maxBytes: 10_000 };
  new Viewer(socket as unknown as WebSocket, store, hello as never);
  for (const watch of [session.id, session.id]) socket.emit('message', JSON.stringify({ watch }));
  expect(listeners.count).toBe(2);
  session.add(event(1));
  socket.emit('error', new Error('reset'));
  socket.emit('close');
  expect(listeners.count).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
