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
