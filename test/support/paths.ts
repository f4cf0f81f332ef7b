import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  type EventFromLogic,
  type ExecutableActionsFrom,
  initialTransition,
  type SnapshotFrom,
  transition,
} from 'xstate';
import { getShortestPaths, getSimplePaths } from 'xstate/graph';
import { inputOf, PARENT, type ReportFrom, type SettingsFrom } from './machines/parent.ts';

/** An event that xstate creates itself: a delay ended, or an invoked actor ended or failed. */
export interface InternalEvent {
  type: `xstate.${string}`;
  output?: unknown;
  error?: unknown;
}

export type PathEvent<M extends AnyStateMachine> = EventFromLogic<M> | InternalEvent;

/** The end of a path, and the reports on the way. */
export interface Played<M extends AnyStateMachine> {
  snapshot: SnapshotFrom<M>;
  reports: ReportFrom<M>[];
}

export interface Exploration<M extends AnyStateMachine> {
  input: SettingsFrom<M>;
  /** Concrete events to try in each state; those of delays and invokes come from `eventsOf`. */
  events: readonly PathEvent<M>[];
  /**
   * What distinguishes two snapshots besides the state value. Counters would make the search
   * endless.
   */
  key?: (snapshot: SnapshotFrom<M>) => unknown;
}

const ENTERED = 'coverage.entered';
const TAKEN = 'coverage.taken';

/** The actions of the pure functions: named, not executed. */
type NamedActions = readonly { type: string; params: unknown }[];

/** A state node and all nodes below it, in document order. */
export const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states as Record<string, AnyStateNode>).flatMap(nodesOf),
];

/** All transitions that leave a state node: `on`, `after`, `onDone`, `onError`, then `always`. */
const transitionsOf = (node: AnyStateNode): AnyTransitionDefinition[][] => [
  ...node.transitions.values(),
  ...(node.always ? [node.always] : []),
];

function nameOf(definition: AnyTransitionDefinition, index: number) {
  const event = definition.eventType === '' ? 'always' : definition.eventType;
  const guard = definition.guard === undefined ? '' : ` [${guardName(definition.guard)}]`;
  const target = definition.target?.map((node) => node.id).join(', ') ?? 'stays';
  return `${definition.source.id} -- ${event} #${index}${guard} --> ${target}`;
}

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  return typeof guard === 'object' && guard !== null && 'type' in guard ? String(guard.type) : '?';
}

/**
 * The internal events of `machine`, exactly as its transitions name them. States are named by their
 * path below the root: `preparing.encoding`.
 */
export function eventsOf(machine: AnyStateMachine) {
  const nodeAt = (path: string) => {
    const node = nodesOf(machine.root).find((n) => n.path.join('.') === path);
    if (!node) throw new Error(`${machine.id} has no state ${path}`);
    return node;
  };
  const waitedFor = (node: AnyStateNode, type: string) => {
    if (!node.transitions.has(type)) throw new Error(`${node.id} does not wait for ${type}`);
    return type as InternalEvent['type'];
  };
  const waitsForAny = (node: AnyStateNode | undefined, types: string): boolean =>
    node !== undefined && (node.transitions.has(types) || waitsForAny(node.parent, types));
  const invokedIn = (node: AnyStateNode) => {
    const [invoke, ...others] = node.invoke;
    if (!invoke || others.length > 0) throw new Error(`${node.id} does not invoke one actor`);
    return invoke.id;
  };
  return {
    /** The delay of a state ends. */
    elapsed(delay: string, path: string): InternalEvent {
      const node = nodeAt(path);
      return { type: waitedFor(node, `xstate.after.${delay}.${node.id}`) };
    },
    /** The actor that a state invokes is done. */
    done(path: string, output?: unknown): InternalEvent {
      const node = nodeAt(path);
      return { type: waitedFor(node, `xstate.done.actor.${invokedIn(node)}`), output };
    },
    /** The actor that a state invokes fails. Either the state or one around it handles that. */
    failed(path: string, message: string): InternalEvent {
      const node = nodeAt(path);
      const type = `xstate.error.actor.${invokedIn(node)}` as const;
      if (!waitsForAny(node, 'xstate.error.actor.*')) waitedFor(node, type);
      return { type, error: new Error(message) };
    },
  };
}

/** The first snapshot of `machine`, and its first actions. */
export function begin<M extends AnyStateMachine>(machine: M, settings: SettingsFrom<M>) {
  // The argument is optional for some machines only, which no generic call can express.
  const result = initialTransition(machine, ...([inputOf(machine, settings)] as never));
  return result as [SnapshotFrom<M>, ExecutableActionsFrom<M>[]];
}

/** One step of the pure `transition()`: no actor runs and no time passes. */
export function step<M extends AnyStateMachine>(
  machine: M,
  snapshot: SnapshotFrom<M>,
  event: PathEvent<M>,
) {
  // The types of xstate leave its internal events out of the events of a machine.
  return transition(machine, snapshot, event as EventFromLogic<M>);
}

/** Applies `events` one after the other, purely. */
function play<M extends AnyStateMachine>(
  machine: M,
  input: SettingsFrom<M>,
  events: readonly PathEvent<M>[],
): Played<M> {
  let [snapshot, actions] = begin(machine, input);
  const reports = reportsIn<M>(actions);
  for (const event of events) {
    [snapshot, actions] = step(machine, snapshot, event);
    reports.push(...reportsIn<M>(actions));
  }
  return { snapshot, reports };
}

/** The reports among the actions of a pure transition: what is emitted, or sent to the parent. */
export function reportsIn<M extends AnyStateMachine>(actions: NamedActions): ReportFrom<M>[] {
  return actions.flatMap(({ type, params }) => {
    const { to, event } = (params ?? {}) as { to?: unknown; event: ReportFrom<M> };
    return type === 'xstate.emit' || (type === 'xstate.sendTo' && to === PARENT) ? [event] : [];
  });
}

/** Every path through a machine that visits no state twice, with its reports. */
export function everyPath<M extends AnyStateMachine>(machine: M, options: Exploration<M>) {
  return getSimplePaths(machine, graphOptions(machine, options)).map((path) => {
    const events = eventsIn<M>(path);
    return { events, ...play(machine, options.input, events) };
  });
}

function graphOptions<M extends AnyStateMachine>(
  machine: M,
  { input: settings, events, key }: Exploration<M>,
) {
  const input = inputOf(machine, settings);
  // A machine that ended with an error keeps its state; the status distinguishes it from the live
  // one.
  const serializeState = (snapshot: SnapshotFrom<M>) => {
    const { status, value } = snapshot as AnyMachineSnapshot;
    return JSON.stringify([status, value, key?.(snapshot)]);
  };
  // The graph functions use another type for the same snapshot: the result of `transition`.
  const stopWhen = (snapshot: SnapshotFrom<M>) =>
    (snapshot as AnyMachineSnapshot).status !== 'active';
  return { input, events, serializeState, stopWhen } as Parameters<typeof getShortestPaths<M>>[1];
}

const eventsIn = <M extends AnyStateMachine>(path: { steps: { event: { type: string } }[] }) =>
  path.steps
    .filter(({ event }) => event.type !== 'xstate.init')
    .map(({ event }) => event as PathEvent<M>);

/** A snapshot on a path, and what came after each event that was tried there. */
interface Reached<M extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<M>;
  readonly next: Map<PathEvent<M>, Reached<M>>;
}

/**
 * Which states of a machine were entered and which of its transitions were taken, eventless ones
 * included. A copy of the machine gets one extra action for each state and transition, which adds
 * its name to the actions of `transition()`. So it counts what xstate really ran.
 */
export class Coverage<M extends AnyStateMachine> {
  readonly #machine: M;
  readonly #states = new Map<string, boolean>();
  readonly #transitions = new Map<string, boolean>();
  readonly #starts = new Map<SettingsFrom<M>, Reached<M>>();

  constructor(machine: M) {
    this.#machine = machine.provide({}) as M;
    for (const node of nodesOf(this.#machine.root)) {
      this.#states.set(node.id, false);
      node.entry = [...node.entry, { type: ENTERED, params: { name: node.id } }];
      for (const candidates of transitionsOf(node)) {
        for (const [index, definition] of candidates.entries()) {
          const name = nameOf(definition, index);
          this.#transitions.set(name, false);
          definition.actions = [...definition.actions, { type: TAKEN, params: { name } }];
        }
      }
    }
  }

  /** Tries each event in each state that a path reaches. */
  explore(options: Exploration<M>): this {
    this.follow(options.input, []);
    for (const { state } of getShortestPaths(this.#machine, graphOptions(this.#machine, options))) {
      if ((state as AnyMachineSnapshot).status !== 'active') continue;
      for (const event of options.events) {
        const [, actions] = step(this.#machine, state as SnapshotFrom<M>, event);
        this.#record(actions);
      }
    }
    return this;
  }

  /** Runs one path. The steps that it shares with an earlier one are not computed again. */
  follow(input: SettingsFrom<M>, events: readonly PathEvent<M>[]): SnapshotFrom<M> {
    const start = this.#starts.get(input) ?? this.#reached(begin(this.#machine, input));
    this.#starts.set(input, start);
    return events.reduce((at, event) => {
      const next = at.next.get(event) ?? this.#reached(step(this.#machine, at.snapshot, event));
      at.next.set(event, next);
      return next;
    }, start).snapshot;
  }

  #reached([snapshot, actions]: [SnapshotFrom<M>, NamedActions]): Reached<M> {
    this.#record(actions);
    return { snapshot, next: new Map() };
  }

  /** `turnCompletion: states 12/12, transitions 16/16` */
  summary(): string {
    return `${this.#machine.id}: states ${share(this.#states)}, transitions ${share(this.#transitions)}`;
  }

  /** Names of everything that was not reached. */
  missed(): string[] {
    return [...this.#states, ...this.#transitions].filter(([, hit]) => !hit).map(([name]) => name);
  }

  #record(actions: NamedActions) {
    for (const { type, params } of actions) {
      if (type === ENTERED) this.#states.set((params as { name: string }).name, true);
      if (type === TAKEN) this.#transitions.set((params as { name: string }).name, true);
    }
  }
}

const share = (names: Map<string, boolean>) =>
  `${[...names.values()].filter(Boolean).length}/${names.size}`;
