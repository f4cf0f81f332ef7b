import type { AnyActorRef, InspectionEvent, Snapshot } from 'xstate';
import type { Transition } from './result.ts';

/** Collects the transitions of all machines from XState's inspection events. */
export function transitionLog(
  onTransition: (transition: Transition) => void,
  elapsedMs: () => number,
) {
  const states = new Map<string, string[]>();
  return (inspected: InspectionEvent): void => {
    if (inspected.type !== '@xstate.snapshot') return;
    const value = (inspected.snapshot as Snapshot<unknown> & { value?: unknown }).value;
    // Promises and callbacks have no states.
    if (value === undefined) return;
    const { sessionId, id } = inspected.actorRef as AnyActorRef;
    const before = states.get(sessionId);
    const now = leaves(value);
    states.set(sessionId, now);
    if (!before) return;
    const left = before.filter((state) => !now.includes(state));
    const entered = now.filter((state) => !before.includes(state));
    if (left.length === 0 && entered.length === 0) return;
    onTransition({
      atMs: Math.round(elapsedMs()),
      machine: id,
      from: left.join(', '),
      to: entered.join(', '),
      event: inspected.event.type,
    });
  };
}

/** The innermost states of a state value, as dotted paths. */
function leaves(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value === 'string') return [[...path, value].join('.')];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) =>
    leaves(inner, [...path, key]),
  );
}
