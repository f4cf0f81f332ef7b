import { expect, test, vi } from 'vitest';
import { createActor, fromCallback, fromPromise, type InspectionEvent, setup } from 'xstate';
import { actorToWire, pick, snapshotOf, stamp, toWire } from '../../src/inspect/convert.ts';
import type { WireActor, WireEvent } from '../../src/inspect/wire.ts';

const SECRET = 'sk-proj-Planted0123456789abcdefghijklmnop';

const childMachine = setup({}).createMachine({
  id: 'child',
  initial: 'idle',
  states: { idle: {} },
});
const machine = setup({ actors: { child: childMachine, work: fromPromise(async () => 1) } });
const parentMachine = machine.createMachine({
  id: 'parent',
  context: { apiKey: SECRET, count: 1 },
  invoke: [{ src: 'child', id: 'first' }],
  initial: 'off',
  states: { off: { on: { 'light.switched': 'on' } }, on: {} },
});

/** The messages of one run of the parent. */
function wire(run: (actor: ReturnType<typeof createActor<typeof parentMachine>>) => void) {
  const events: WireEvent[] = [];
  let id = 0;
  const inspect = (event: InspectionEvent) => {
    const message = toWire(event, ++id);
    if (message) events.push(message);
  };
  const actor = createActor(parentMachine, { inspect });
  actor.start();
  run(actor);
  actor.stop();
  return { events, actor };
}

test('an event names its actor, its sender and its root', () => {
  const { events, actor } = wire((one) => one.send({ type: 'light.switched' }));
  const sent = events.filter((event) => event.type === '@xstate.event');
  const own = sent.find((event) => event.event.type === 'light.switched');
  expect(own).toMatchObject({ sessionId: actor.sessionId, rootId: actor.sessionId });
  expect(own).not.toHaveProperty('sourceId');
  // The child gets its first event from its parent.
  const init = sent.find((event) => event.sessionId !== actor.sessionId);
  expect(init).toMatchObject({ sourceId: actor.sessionId, event: { type: 'xstate.init' } });
});

test('a snapshot holds the state, the event that led to it, and no secret', () => {
  const { events, actor } = wire((one) => one.send({ type: 'light.switched' }));
  const snapshots = events.filter(
    (event) => event.type === '@xstate.snapshot' && event.sessionId === actor.sessionId,
  );
  expect(
    snapshots.find((one) => 'event' in one && one.event.type === 'light.switched'),
  ).toMatchObject({
    snapshot: {
      ...{ status: 'active', value: 'on', context: { count: 1 } },
      children: { first: expect.anything() },
    },
  });
  expect(JSON.stringify(events)).not.toContain(SECRET);
});

test('inspection events of other kinds have no message', () => {
  const { events } = wire(() => {});
  const kinds = new Set(events.map(({ type }) => type));
  expect([...kinds].sort()).toEqual(['@xstate.actor', '@xstate.event', '@xstate.snapshot']);
});

test('a root has the name of its machine, and a child the name that it was invoked by', () => {
  const { events, actor } = wire(() => {});
  const actors = events.filter((event): event is WireActor => event.type === '@xstate.actor');
  const [root, child] = actors;
  expect(root).toMatchObject({ name: 'parent', rootId: actor.sessionId });
  expect(root).not.toHaveProperty('parentId');
  expect(child).toMatchObject({ name: 'first', parentId: actor.sessionId });
  expect(JSON.parse(child?.definition ?? '')).toMatchObject({ id: 'child', initial: 'idle' });
  const definition = JSON.parse(root?.definition ?? '');
  expect(definition).toMatchObject({ id: 'parent', states: { off: {}, on: {} } });
  expect(definition).not.toHaveProperty('context');
});

test('an actor without a machine has its name as its definition', () => {
  const actor = createActor(
    fromCallback(() => {}),
    { id: `camera ${SECRET}` },
  ).start();
  const message = actorToWire(actor, 'root', 1);
  expect(message.name).toMatch(/^camera /);
  expect(message.name).not.toContain(SECRET);
  expect(JSON.parse(message.definition ?? '')).toEqual({ id: message.name });
  expect(message.snapshot).toMatchObject({ status: 'active' });
  actor.stop();
});

test('the chart of a machine is converted once', () => {
  let reads = 0;
  const states = { idle: {} };
  const chart = setup({}).createMachine({ id: 'read', initial: 'idle', states });
  Object.defineProperty(chart.config, 'version', { enumerable: true, get: () => String(++reads) });
  const definitions = [1, 2].map((id) => actorToWire(createActor(chart), 'root', id).definition);
  expect(JSON.parse(definitions[0] ?? '')).toMatchObject({ id: 'read', version: '1' });
  expect(definitions[1]).toBe(definitions[0]);
  expect(reads).toBe(1);
});

test('a chart that is too long for a message is left out, but for its id', () => {
  const description = 'a'.repeat(9000);
  const states = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [`state${n}`, { description }]),
  );
  const long = setup({}).createMachine({ id: 'long', initial: 'state0', states });
  const message = actorToWire(createActor(long), 'root', 1);
  expect(message.definition).toBe(JSON.stringify({ id: 'long' }));
});

test('an actor that has no state yet is sent without one', () => {
  const actor = createActor(parentMachine);
  vi.spyOn(actor, 'getSnapshot').mockImplementation(() => {
    throw new TypeError('not yet');
  });
  expect(snapshotOf(actor)).toBeUndefined();
  expect(actorToWire(actor, 'root', 1)).not.toHaveProperty('snapshot');
});

test('each message has its number, its time and the version of the protocol', () => {
  const before = Date.now();
  const { createdAt, ...others } = stamp('x:1', 'x:0', 7);
  expect(others).toEqual({ sessionId: 'x:1', rootId: 'x:0', id: '7', _version: expect.anything() });
  expect(Number(createdAt)).toBeGreaterThanOrEqual(before);
  expect(stamp('x:1', undefined, 7)).not.toHaveProperty('rootId');
});

test('a state has no other fields than those of a state', () => {
  const state = { status: 'done', value: 'on', context: 0, children: {}, output: 1, error: 'e' };
  expect(pick({ ...state, tags: ['a'], machine: {} } as never)).toEqual(state);
  expect(pick({ status: 'active', output: undefined } as never)).toEqual({ status: 'active' });
});
