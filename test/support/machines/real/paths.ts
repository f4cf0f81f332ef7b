import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  fromTransition,
  type SnapshotFrom,
} from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { begin, Coverage, type PathEvent, step } from '../../paths.ts';
import type { SettingsFrom } from '../parent.ts';

/** An operation in the outer world. */
export interface Operation<M extends AnyStateMachine, W> {
  /** The events that it sends to the machine, in order; `null` if it cannot be done now. */
  brings(snapshot: SnapshotFrom<M>, world: W): readonly PathEvent<M>[] | null;
  /** What it changes in the world that the machine does not know. */
  changes?(snapshot: SnapshotFrom<M>, world: W): Partial<W>;
}

export type Operations<M extends AnyStateMachine, W> = Readonly<Record<string, Operation<M, W>>>;

export interface Search<M extends AnyStateMachine, W> {
  readonly machine: M;
  readonly input: SettingsFrom<M>;
  /** What the real actor goes through by itself when it starts. */
  readonly start?: readonly PathEvent<M>[];
  readonly world: W;
  readonly operations: Operations<M, W>;
  /** What distinguishes two snapshots besides the state value and the world. */
  readonly key?: (snapshot: SnapshotFrom<M>) => unknown;
}

export interface PathStep {
  readonly operation: string;
  /** Each event of the operation, and the machine's state after it. */
  readonly expected: readonly { readonly type: string; readonly value: unknown }[];
}

export interface RealPath<M extends AnyStateMachine> {
  readonly name: string;
  readonly steps: readonly PathStep[];
  readonly events: readonly PathEvent<M>[];
}

/** A point on a path: the pure machine's snapshot, and what it does not know of the world. */
interface Place<M extends AnyStateMachine, W> {
  readonly snapshot: SnapshotFrom<M>;
  readonly world: W;
}

const START = 'start';

/**
 * Paths of operations through the pure machine: as few as possible that take every transition which
 * an operation can cause. Each is the shortest way to a state, and one operation more.
 */
export function realPaths<M extends AnyStateMachine, W>(search: Search<M, W>): RealPath<M>[] {
  const { operations } = search;
  const map = new PathMap(search);
  const shortest = getShortestPaths(map.logic, {
    events: Object.keys(operations).map((type) => ({ type })),
    serializeState: ({ context }) => serialized(search, context),
    stopWhen: ({ context }) => isOver(context.snapshot),
  });
  const candidates = shortest.flatMap(({ state, steps }) => {
    const names = steps.map(({ event }) => event.type).filter((type) => type !== 'xstate.init');
    if (isOver(state.context.snapshot)) return [map.path(names)];
    const possible = Object.keys(operations).filter((operation) =>
      map.done(state.context, operation),
    );
    return [names, ...possible.map((operation) => [...names, operation])].map((all) =>
      map.path(all),
    );
  });
  return fewest(search, candidates);
}

const isOver = (snapshot: unknown) => (snapshot as AnyMachineSnapshot).status !== 'active';

function serialized<M extends AnyStateMachine, W>(search: Search<M, W>, place: Place<M, W>) {
  const { value, status } = place.snapshot as AnyMachineSnapshot;
  return JSON.stringify([value, status, search.key?.(place.snapshot), place.world]);
}

interface Done<M extends AnyStateMachine, W> extends Pick<RealPath<M>, 'events'> {
  readonly place: Place<M, W>;
  readonly expected: PathStep['expected'];
}

/**
 * The places of a machine and the operations between them. Thousands of paths share their first
 * steps, so each operation is computed once at each place.
 */
class PathMap<M extends AnyStateMachine, W> {
  readonly #search: Search<M, W>;
  readonly #start: Done<M, W>;
  readonly #done = new Map<Place<M, W>, Map<string, Done<M, W> | null>>();

  constructor(search: Search<M, W>) {
    this.#search = search;
    const [snapshot] = begin(search.machine, search.input);
    this.#start = taken(search, { snapshot, world: search.world }, search.start ?? []);
  }

  get logic() {
    return fromTransition(
      (place: Place<M, W>, { type }: { type: string }) => this.done(place, type)?.place ?? place,
      this.#start.place,
    );
  }

  /** What an operation does at a place; `null` if it cannot be done there. */
  done(place: Place<M, W>, name: string): Done<M, W> | null {
    const known = this.#done.get(place) ?? new Map<string, Done<M, W> | null>();
    this.#done.set(place, known);
    const before = known.get(name);
    if (before !== undefined) return before;
    const done = this.#compute(place, name);
    known.set(name, done);
    return done;
  }

  #compute({ snapshot, world }: Place<M, W>, name: string): Done<M, W> | null {
    const operation = this.#search.operations[name];
    const events = operation?.brings(snapshot, world);
    if (!events) return null;
    const changed = { ...world, ...operation?.changes?.(snapshot, world) };
    return taken(this.#search, { snapshot, world: changed }, events);
  }

  path(names: readonly string[]): RealPath<M> {
    const steps: PathStep[] = [{ operation: START, expected: this.#start.expected }];
    const events = [...this.#start.events];
    let { place } = this.#start;
    for (const operation of names) {
      const done = this.done(place, operation);
      if (!done)
        throw new Error(`${operation} cannot be done after ${steps.map((s) => s.operation)}`);
      steps.push({ operation, expected: done.expected });
      events.push(...done.events);
      place = done.place;
    }
    return { name: names.join(', ') || 'nothing', steps, events };
  }
}

function taken<M extends AnyStateMachine, W>(
  { machine }: Search<M, W>,
  { snapshot, world }: Place<M, W>,
  events: readonly PathEvent<M>[],
): Done<M, W> {
  let now = snapshot;
  const expected = events.map((event) => {
    [now] = step(machine, now, event);
    return { type: (event as { type: string }).type, value: (now as AnyMachineSnapshot).value };
  });
  return { place: { snapshot: now, world }, expected, events };
}

/** Keeps only paths that cover something new; the longest come first. */
function fewest<M extends AnyStateMachine, W>(
  { machine, input }: Search<M, W>,
  candidates: readonly RealPath<M>[],
): RealPath<M>[] {
  const coverage = new Coverage(machine);
  const byLength = [...candidates].sort((a, b) => b.events.length - a.events.length);
  let missed = Number.POSITIVE_INFINITY;
  return byLength.filter(({ events }) => {
    coverage.follow(input, events);
    const before = missed;
    missed = coverage.missed().length;
    return missed < before;
  });
}
