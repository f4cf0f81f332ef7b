import { type AnyStateMachine, type AnyStateNode, initialTransition } from 'xstate';
import { defaultsOf } from './default-inputs.ts';

/** By the delay's key in the event: its displayed name, and its time with default options. */
export type DelayTimes = Map<string, { name: string; value: string | undefined }>;

type Delay =
  | number
  | ((args: { context: object; event: { type: string } }, params: unknown) => number);

/** The times of all delays that the machine's default input determines. */
export function timesOfDelays(machine: AnyStateMachine): DelayTimes {
  const times: DelayTimes = new Map();
  for (const key of delayKeys(machine.root)) {
    if (/^\d+$/.test(key)) times.set(key, { name: formatTime(Number(key)), value: undefined });
    else times.set(key, { name: key, value: timeOf(machine, key) });
  }
  return times;
}

function delayKeys(node: AnyStateNode): string[] {
  const prefix = 'xstate.after.';
  const own = [...node.transitions.keys()]
    .filter((event) => event.startsWith(prefix))
    .map((event) => event.slice(prefix.length, -(node.id.length + 1)));
  return [...own, ...Object.values<AnyStateNode>(node.states).flatMap(delayKeys)];
}

function timeOf(machine: AnyStateMachine, name: string): string | undefined {
  const delay = machine.implementations.delays[name] as Delay | undefined;
  if (typeof delay === 'number') return formatTime(delay);
  const defaults = defaultsOf(machine.id);
  if (!delay || !defaults) return undefined;
  const [{ context }] = initialTransition(machine, defaults.input);
  const samples = defaults.delays?.[name] ?? [{}];
  const values = samples.map((change) =>
    formatTime(delay({ context: { ...context, ...change }, event: { type: '' } }, undefined)),
  );
  return [...new Set([values[0], values.at(-1)])].join(' to ');
}

/** `150 ms`, `2.5 s`, `2 min`. */
function formatTime(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${ms / 1000} s`;
  return `${ms / 60_000} min`;
}
