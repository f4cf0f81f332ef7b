import { expect, test } from 'vitest';
import { ActorTable } from '../../src/inspect/actor-table.ts';

/** Characters of an actor's texts. */
const LENGTH = 1024 * 1024;
/** Together they have more text than the table keeps. */
const ACTORS = 40;

const event = { seq: 1, children: undefined, parentId: undefined, name: undefined };

test('actors that have stopped do not displace a living one, however many there were', () => {
  const table = new ActorTable();
  table.fold({ ...event, type: '@xstate.actor', sessionId: 'root', json: '"root"' });
  for (let index = 0; index < ACTORS; index++) {
    const child = { sessionId: `x:${index}`, json: 'x'.repeat(LENGTH), parentId: 'root' };
    table.fold({ ...event, type: '@xstate.actor', ...child, name: `stream-${index}` });
    table.fold({ ...event, type: '@xstate.snapshot', sessionId: 'root', json: '{}', children: [] });
  }
  expect(table.messages()).toEqual(['"root"', '{}']);
});

/** The table after these messages. */
function tableOf(...events: Partial<Parameters<ActorTable['fold']>[0]>[]): ActorTable {
  const table = new ActorTable();
  for (const one of events)
    table.fold({ ...event, type: '@xstate.snapshot', sessionId: 'root', json: '', ...one });
  return table;
}

const actor = (sessionId: string, parentId?: string) =>
  ({ type: '@xstate.actor', sessionId, json: sessionId, parentId, name: sessionId }) as const;

test('each actor has its last state, and the newest metrics come last', () => {
  const table = tableOf(
    actor('root'),
    { json: 'first' },
    { type: '@sightline.metrics', json: 'old' },
    actor('child', 'root'),
    { json: 'second', children: ['child'] },
    { sessionId: 'child', json: 'its state' },
    { type: '@xstate.event', json: 'an event' },
    { type: '@sightline.metrics', json: 'new' },
    { sessionId: 'unknown', json: 'a state of no actor' },
  );
  expect(table.messages()).toEqual(['root', 'second', 'child', 'its state', 'new']);
  expect(table.size).toBe(2);
});

test('an actor that stopped leaves with its own children, and those of others stay', () => {
  const table = tableOf(
    ...[actor('root'), actor('a', 'root'), actor('b', 'root'), actor('in a', 'a')],
    ...[actor('in b', 'b'), { children: ['b'] }],
  );
  expect(table.messages().filter((one) => one !== '')).toEqual(['root', 'b', 'in b']);
});

test('a state without a list of children leaves them', () => {
  expect(tableOf(actor('root'), actor('a', 'root'), { json: 'on' }).size).toBe(2);
});

test('the oldest of more than 2000 actors are dropped', () => {
  const table = tableOf(...Array.from({ length: 2001 }, (_, index) => actor(`x:${index}`)));
  expect(table.size).toBe(2000);
  expect(table.messages()[0]).toBe('x:1');
});

/** A living actor whose texts have this length. */
const long = (sessionId: string) => ({ ...actor(sessionId), json: 'x'.repeat(LENGTH) });

test('of living actors with more text than is kept, the newest stay', () => {
  const table = tableOf(...Array.from({ length: ACTORS }, (_, index) => long(`x:${index}`)));
  expect(table.size).toBe(32);
});

test('only the last state of an actor counts as its text, so that it displaces no other one', () => {
  const states = Array.from({ length: ACTORS }, () => ({ json: 'x'.repeat(LENGTH) }));
  expect(tableOf(actor('other'), actor('root'), ...states).messages()[0]).toBe('other');
});
