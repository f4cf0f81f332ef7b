import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { toWire } from '../../src/inspect/convert.ts';
import { replay } from '../../src/inspect/replay.ts';
import type { WireEvent } from '../../src/inspect/wire.ts';
import { lamp } from '../support/inspect.ts';

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
