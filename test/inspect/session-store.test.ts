import { expect, test } from 'vitest';
import { SessionStore } from '../../src/inspect/session-store.ts';
import type { WireEvent, WirePicture } from '../../src/inspect/wire.ts';

const MAX_SESSIONS = 32;

const event = (type: string, fields = {}): WireEvent =>
  ({
    ...{ type, sessionId: 'x:0', createdAt: '0', id: '0', _version: '1', event: { type: 'go' } },
    ...fields,
  }) as WireEvent;

const picture = (fields: Partial<WirePicture> = {}) => event('@sightline.picture', fields);

/** A store, and a session in it with an agent that is connected. */
function stage(events = 100) {
  const store = new SessionStore({ events, bytes: 1e6 });
  const session = store.connect('agent', 'one');
  if (!session) throw new Error('the store is full');
  return { store, session };
}

test('a sender that reconnects continues its session, another sender of that name does not', () => {
  const { store, session } = stage();
  session.connected = false;
  expect(store.connect('agent', 'one')).toBe(session);
  expect(session.connected).toBe(true);
  expect(store.connect('agent', 'two')).not.toBe(session);
  expect(store.connect('agent', undefined)).not.toBe(store.connect('agent', undefined));
  expect(store.list().map(({ id }) => id)).toEqual(['s1', 's2', 's3', 's4']);
});

test('the oldest session that is not connected makes room, and its sender begins a new one', () => {
  const { store, session } = stage();
  for (let n = 1; n < MAX_SESSIONS; n++) store.connect('agent', `other ${n}`);
  expect(store.connect('agent', 'too many')).toBeUndefined();
  session.connected = false;
  const next = store.connect('agent', 'one more');
  expect(next).toBeDefined();
  expect(store.get(session.id)).toBeUndefined();
  expect(store.list()).toHaveLength(MAX_SESSIONS);
  if (next) next.connected = false;
  expect(store.connect('agent', 'one')?.id).not.toBe(session.id);
});

test('a recording is a session that is not connected, without its pictures', () => {
  const { store } = stage();
  const session = store.load({
    header: { name: 'recorded', startedAt: 5 },
    events: [event('@xstate.event'), picture(), event('@xstate.event')],
    refused: 2,
  } as unknown as Parameters<SessionStore['load']>[0]);
  expect(session?.summary()).toMatchObject({
    ...{ name: 'recorded', kind: 'recording', connected: false, startedAt: 5 },
    ...{ events: 2, refused: 3 },
  });
  expect(session?.pictures).toEqual([]);
});

test('each change of a session or of the list is reported until the listener leaves', () => {
  const { store, session } = stage();
  let changes = 0;
  const stop = store.onChange(() => changes++);
  session.add(event('@xstate.event'));
  store.connect('agent', 'two');
  expect(changes).toBe(2);
  stop();
  session.add(event('@xstate.event'));
  expect(changes).toBe(2);
});

test('a summary counts all events, those that are gone, and the latest loss of the agent', () => {
  const { session } = stage(2);
  for (let n = 0; n < 3; n++) session.add(event('@xstate.event'));
  session.add(picture());
  for (const dropped of [4, 9]) session.add(event('@sightline.loss', { dropped }));
  expect(session.lastSeq).toBe(5);
  expect(session.summary()).toMatchObject({ events: 5, gone: 3, dropped: 9 });
});

test('the newest 24 pictures are kept, fewer if they are large, but at least one', () => {
  const { session } = stage();
  for (let n = 0; n < 30; n++) session.add(picture());
  expect(session.pictures.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 24 }, (_, index) => index + 7),
  );
  session.add(picture({ data: 'x'.repeat(17 * 1024 * 1024) } as Partial<WirePicture>));
  expect(session.pictures.map(({ seq }) => seq)).toEqual([31]);
  session.add(picture());
  expect(session.pictures.map(({ seq }) => seq)).toEqual([32]);
});
