import { describe, expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { actorToWire, toWire } from '../../src/inspect/convert.ts';
import { parseWire } from '../../src/inspect/parse.ts';
import { actorMessage, snapshotMessage } from '../support/inspect.ts';

const KEY = 'sk-planted-foreign-7c2e9a4b6d8f0a1c';

/** What the inspector keeps of a message of another app. */
const kept = (message: object) => JSON.stringify(parseWire(JSON.stringify(message)));

describe('a secret of another XState app', () => {
  const definition = (config: object) =>
    actorMessage('x:0', { definition: JSON.stringify(config) });

  test.each([
    ['the meta of a state', definition({ id: 'm', states: { a: { meta: { password: 'luna' } } } })],
    ['a text of its definition', definition({ id: 'm', description: `uses ${KEY}`, states: {} })],
    ['the name of a state', definition({ id: 'm', states: { [KEY]: {} } })],
    ['a definition that is no JSON', actorMessage('x:0', { definition: `https://a/?k=${KEY}` })],
    ['the name of an actor', actorMessage('x:0', { name: `worker ${KEY}` })],
    ['its id', actorMessage(KEY)],
    ['the type of an event', { ...snapshotMessage('x:0', 'a'), event: { type: `call.${KEY}` } }],
    [
      'the type of an event that is sent',
      { ...actorMessage('x:0'), type: '@xstate.event', event: { type: `call.${KEY}` } },
    ],
  ])('a secret of another XState app does not reach the inspector by %s', (_, message) => {
    const text = kept(message);
    expect(text).toBeDefined();
    expect(text).not.toContain('planted');
    expect(text).not.toContain('luna');
  });

  test('the drawn parts of a definition are kept', () => {
    const config = { id: 'lamp', initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } };
    const event = parseWire(JSON.stringify(definition(config)));
    expect(JSON.parse((event as { definition: string }).definition)).toEqual(config);
  });
});

test('an agent does not send a secret in the name of an actor or the type of an event', () => {
  const actor = createActor(createMachine({ id: 'm', initial: 'a', states: { a: {} } }), {
    id: KEY,
  });
  actor.start();
  expect(JSON.stringify(actorToWire(actor, 'x:0', 1))).not.toContain('planted');
  const sent = toWire(
    { type: '@xstate.event', actorRef: actor, rootId: 'x:0', event: { type: KEY } } as never,
    1,
  );
  expect(JSON.stringify(sent)).not.toContain('planted');
  actor.stop();
});
