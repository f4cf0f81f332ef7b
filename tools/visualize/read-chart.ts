import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { ChartInvoke, ChartState, ChartTransition, Trigger } from './chart.ts';
import { type DelayTimes, timesOfDelays } from './delay-times.ts';

type AnyTransition = NonNullable<AnyStateNode['always']>[number];
/** An action or a guard as a config writes it. */
type Named = string | { type: string; params?: unknown } | ((...args: never[]) => unknown);

/** Reads a machine into a plain tree, which the picture, the page and the Mermaid text draw. */
export function readChart(machine: AnyStateMachine): ChartState {
  return readState(machine.root, timesOfDelays(machine));
}

function readState(node: AnyStateNode, times: DelayTimes): ChartState {
  return {
    id: idOf(node),
    key: node.key,
    path: node.path,
    kind: node.type,
    description: node.description,
    // From the config: the node's own lists also contain the timers of `after`.
    entry: listOf(node.config.entry).map(nameOf),
    exit: listOf(node.config.exit).map(nameOf),
    invokes: node.invoke.map((invoke) => readInvoke(node, invoke)),
    transitions: [...node.transitions.values(), node.always ?? []]
      .flat()
      .map((transition) => readTransition(node, transition, times)),
    initial: node.type === 'compound' ? idOfFirst(node.initial.target) : undefined,
    children: Object.values<AnyStateNode>(node.states).map((child) => readState(child, times)),
  };
}

/** From the path, so that a state lies in another one exactly if its id begins with that id. */
const idOf = (node: AnyStateNode): string => [node.machine.id, ...node.path].join('.');

const idOfFirst = ([node]: readonly AnyStateNode[]) => node && idOf(node);

function readInvoke(node: AnyStateNode, invoke: { src: unknown; id: string }): ChartInvoke {
  return {
    src: typeof invoke.src === 'string' ? invoke.src : '(inline actor)',
    // XState creates ids such as `0.turnCompletion.preparing.waiting`.
    id: invoke.id.endsWith(`.${node.id}`) ? undefined : invoke.id,
  };
}

function readTransition(
  node: AnyStateNode,
  transition: AnyTransition,
  times: DelayTimes,
): ChartTransition {
  const { trigger, sourceKey } = readTrigger(node, transition.eventType, times);
  return {
    trigger,
    sourceKey,
    guard: transition.guard ? nameOf(transition.guard as Named) : undefined,
    actions: transition.actions.map((action) => nameOf(action as Named)),
    targets: (transition.target ?? []).map(idOf),
    reenter: transition.reenter,
    description: transition.description,
  };
}

function readTrigger(
  node: AnyStateNode,
  event: string,
  times: DelayTimes,
): { trigger: Trigger; sourceKey: string } {
  if (event === '') return { trigger: { kind: 'always' }, sourceKey: 'always' };
  if (event === `xstate.done.state.${node.id}`)
    return { trigger: { kind: 'stateDone' }, sourceKey: 'onDone' };
  const delay = between(event, 'xstate.after.', `.${node.id}`);
  if (delay !== undefined) {
    const { name, value } = times.get(delay) ?? { name: delay, value: undefined };
    return { trigger: { kind: 'after', delay: name, value }, sourceKey: delay };
  }
  for (const [prefix, outcome, sourceKey] of actorEvents) {
    const id = between(event, prefix, '');
    if (id === undefined) continue;
    const invoke = node.invoke.find((candidate: { id: string }) => candidate.id === id);
    const actor = invoke ? readInvoke(node, invoke).src : id;
    return { trigger: { kind: 'actor', actor, outcome }, sourceKey };
  }
  return { trigger: { kind: 'event', name: event }, sourceKey: event };
}

const actorEvents = [
  ['xstate.done.actor.', 'done', 'onDone'],
  ['xstate.error.actor.', 'failed', 'onError'],
  ['xstate.snapshot.', 'snapshot', 'onSnapshot'],
] as const;

function between(text: string, prefix: string, suffix: string): string | undefined {
  if (!text.startsWith(prefix) || !text.endsWith(suffix)) return undefined;
  return text.slice(prefix.length, text.length - suffix.length);
}

/** `answer(too-old)` for an action with plain params; computed params are left out. */
function nameOf(item: Named): string {
  if (typeof item === 'string') return item;
  if (typeof item === 'function') return item.name || '(inline)';
  const { type, params } = item;
  if (typeof params !== 'object' || params === null) return type;
  return `${type}(${Object.values(params)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ')})`;
}

function listOf(items: unknown): Named[] {
  if (items === undefined) return [];
  return (Array.isArray(items) ? items : [items]) as Named[];
}
