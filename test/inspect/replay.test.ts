import { expect, test } from 'vitest';
import { assign, createActor, createMachine } from 'xstate';
import { toWire } from '../../src/inspect/convert.ts';
import { replay } from '../../src/inspect/replay.ts';
import type { WireEvent } from '../../src/inspect/wire.ts';
import { actorMessage, lamp, snapshotMessage } from '../support/inspect.ts';

/** The messages about a lamp that is pressed twice. */
function pressed(): WireEvent[] {
  const events: WireEvent[] = [];
  const inspect = (event: Parameters<typeof toWire>[0]) => {
    const message = toWire(event, events.length);
    if (message) events.push(JSON.parse(JSON.stringify(message)));
  };
  const actor = createActor(lamp, { inspect }).start();
  actor.send({ type: 'press' });
  actor.send({ type: 'press' });
  actor.stop();
  return events;
}

const isActor = ({ type }: WireEvent) => type === '@xstate.actor';

test('a replay reaches the recorded states, also if an actor is described again later', () => {
  const events = pressed();
  const first = replay(events, [lamp]);
  expect(first).toMatchObject({ different: 0, unknown: [] });
  expect(first.actors).toEqual([{ name: 'lamp', machine: 'lamp', steps: first.steps }]);
  expect(first.steps).toBeGreaterThanOrEqual(3);
  // As an agent does when its connection to the inspector is restored.
  const again = events.findIndex(isActor);
  const middle = events.findLastIndex(({ type }) => type === '@xstate.snapshot');
  const repeated = [...events.slice(0, middle), ...events.slice(again, again + 1)];
  const second = replay([...repeated, ...events.slice(middle)], [lamp]);
  expect(second).toEqual(first);
});

test('a state that differs from the recording is reported with its place', () => {
  const events = pressed();
  const index = events.findLastIndex(({ type }) => type === '@xstate.snapshot');
  const event = events[index];
  if (event?.type !== '@xstate.snapshot') throw new Error('there is no state');
  const recorded = event.snapshot.value;
  event.snapshot.value = 'broken';
  expect(replay(events, [lamp])).toMatchObject({
    different: 1,
    differences: [{ index, actor: 'lamp', field: 'value', recorded: 'broken', replayed: recorded }],
  });
});

test('an actor whose start is not in the recording is unknown, and nothing is replayed', () => {
  const events = pressed().filter(
    (event) => event.type !== '@xstate.snapshot' || event.event.type !== 'xstate.init',
  );
  expect(replay(events, [lamp])).toMatchObject({ steps: 0, different: 0, unknown: ['lamp'] });
});

/** A recording of one actor of this machine: its start, then these events with their states. */
function recording(
  id: string,
  steps: readonly { type: string; value: unknown; context?: object }[],
) {
  const definition = JSON.stringify({ id, states: {} });
  return [
    actorMessage('x:1', { name: id, definition }),
    ...steps.map(({ type, value, context }) => ({
      ...snapshotMessage('x:1', value, context && { context }),
      event: { type },
    })),
  ] as WireEvent[];
}

const counter = createMachine({
  id: 'counter',
  context: { first: 1, second: { a: 1, b: undefined as number | undefined } },
  initial: 'counting',
  states: { counting: { on: { go: {} } } },
});

test('neither the order of keys nor a key without a value makes two contexts different', () => {
  const context = { second: { a: 1 }, first: 1 };
  const events = recording('counter', [
    { type: 'xstate.init', value: 'counting', context },
    { type: 'go', value: 'counting', context: { second: { a: 2 }, first: 1 } },
  ]);
  const { steps, differences } = replay(events, [counter]);
  expect(steps).toBe(2);
  expect(differences).toMatchObject([
    { index: 2, machine: 'counter', event: 'go', field: 'context' },
  ]);
});

test('of many differences the first 200 are kept, and all are counted', () => {
  const wrong = { type: 'go', value: 'broken', context: { first: 2 } };
  const events = recording('counter', [
    { type: 'xstate.init', value: 'counting' },
    ...Array.from({ length: 150 }, () => wrong),
  ]);
  const { different, differences } = replay(events, [counter]);
  expect([different, differences.length]).toEqual([300, 200]);
});

test('a machine that throws on an event is a difference, and its later events are not replayed', () => {
  const failing = createMachine({
    id: 'failing',
    initial: 'on',
    states: {
      on: {
        on: {
          go: {},
          fail: {
            actions: assign(() => {
              throw new Error('no such event');
            }),
          },
        },
      },
    },
  });
  const events = recording('failing', [
    { type: 'xstate.init', value: 'on' },
    { type: 'fail', value: 'on' },
    { type: 'go', value: 'off' },
  ]);
  const { steps, different, differences } = replay(events, [failing]);
  expect([steps, different]).toEqual([1, 1]);
  expect(differences).toMatchObject([
    { index: 2, event: 'fail', field: 'error', replayed: 'Error: no such event' },
  ]);
});

test('a recording whose machine would never come to rest ends with an error', () => {
  const endless = createMachine({
    id: 'endless',
    initial: 'on',
    states: { on: { on: { go: 'there' } }, there: { always: 'back' }, back: { always: 'there' } },
  });
  const events = recording('endless', [
    { type: 'xstate.init', value: 'on' },
    { type: 'go', value: 'there' },
  ]);
  expect(replay(events, [endless]).differences).toMatchObject([{ index: 2, field: 'error' }]);
});
