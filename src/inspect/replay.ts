import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  initialTransition,
  transition,
} from 'xstate';
import { textOf } from '../thrown.ts';
import { plain, revive } from './plain.ts';
import type { WireEvent, WireSnapshot } from './wire.ts';

/** A step with a result that differs from the recording. */
export interface Difference {
  /** Position in the recording, from 0. */
  index: number;
  actor: string;
  machine: string;
  event: string;
  /** `error`: the machine threw on the event. */
  field: 'value' | 'status' | 'context' | 'error';
  recorded: unknown;
  replayed: unknown;
}

export interface Replayed {
  /** Number of replayed steps. */
  steps: number;
  /** The actors, and the machine of each. */
  actors: { name: string; machine: string; steps: number }[];
  /** Actors whose start is not in the recording. */
  unknown: string[];
  /** The first differences; {@link Replayed.different} counts all. */
  differences: Difference[];
  different: number;
}

/** Most differences that are kept. */
const MAX_DIFFERENCES = 200;
/** More than any event of our machines causes. */
const MAX_MICROSTEPS = 500;

interface Run {
  name: string;
  machine: AnyStateMachine;
  snapshot: AnyMachineSnapshot | undefined;
  steps: number;
}

/**
 * Replays a recording with the pure `transition()` of each machine: no actor runs, and no time
 * passes. A machine whose decisions depend only on its events reaches the same states.
 */
export function replay(
  events: readonly WireEvent[],
  machines: Iterable<AnyStateMachine>,
): Replayed {
  const byId = new Map([...machines].map((machine) => [machine.id, bounded(machine)]));
  const runs = new Map<string, Run>();
  const differences: Difference[] = [];
  let different = 0;
  for (const [index, event] of events.entries()) {
    if (event.type === '@xstate.actor') {
      const machine = byId.get(machineId(event.definition));
      if (machine && !runs.has(event.sessionId))
        runs.set(event.sessionId, { name: event.name, machine, snapshot: undefined, steps: 0 });
    }
    if (event.type !== '@xstate.snapshot') continue;
    const run = runs.get(event.sessionId);
    if (!run) continue;
    const found = step(run, event, index);
    different += found.length;
    // Limited, because each difference holds two contexts.
    differences.push(...found.slice(0, MAX_DIFFERENCES - differences.length));
  }
  const all = [...runs.values()];
  return {
    steps: all.reduce((sum, { steps }) => sum + steps, 0),
    actors: all.map(({ name, machine, steps }) => ({ name, machine: machine.id, steps })),
    unknown: all.filter(({ steps }) => steps === 0).map(({ name }) => name),
    differences,
    different,
  };
}

/**
 * The same machine, but it throws on an endless sequence of transitions: a file may contain events
 * that no actor sends.
 */
function bounded(machine: AnyStateMachine): AnyStateMachine {
  const copy = machine.provide({});
  copy.options = { ...copy.options, maxIterations: MAX_MICROSTEPS };
  return copy;
}

function step(run: Run, recorded: WireSnapshot, index: number): Difference[] {
  const event = revive(recorded.event) as EventObject & { input?: unknown };
  const { name: actor, machine } = run;
  const place = { index, actor, machine: machine.id, event: event.type };
  try {
    if (event.type === 'xstate.init') run.snapshot = begin(machine, event.input);
    else if (run.snapshot) [run.snapshot] = transition(machine, run.snapshot, event);
  } catch (error) {
    // A file may contain events that the machine never received.
    run.snapshot = undefined;
    return [{ ...place, field: 'error', recorded: undefined, replayed: textOf(error) }];
  }
  // The actor started before the recording.
  if (!run.snapshot) return [];
  run.steps++;
  const { status, value, context } = run.snapshot;
  const replayed = { status, value, context: plain(context) };
  return (['status', 'value', 'context'] as const).flatMap((field) =>
    recorded.snapshot[field] === undefined || same(recorded.snapshot[field], replayed[field])
      ? []
      : { ...place, field, recorded: recorded.snapshot[field], replayed: replayed[field] },
  );
}

/** The argument is optional for some machines, which a generic call cannot express. */
function begin(machine: AnyStateMachine, input: unknown): AnyMachineSnapshot {
  const initial = initialTransition as (machine: AnyStateMachine, input: unknown) => unknown;
  const [snapshot] = initial(machine, input) as [AnyMachineSnapshot];
  return snapshot;
}

/** Whether two values are equal, regardless of the order of keys. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function machineId(definition: string | undefined): string {
  try {
    const { id, states } = JSON.parse(definition ?? '{}') as { id?: unknown; states?: unknown };
    return typeof id === 'string' && states !== undefined ? id : '';
  } catch {
    return '';
  }
}
