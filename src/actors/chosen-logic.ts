import type { AnyStateMachine } from 'xstate';

/**
 * One actor logic out of several, chosen by the input: how actors of the same machine get parts of
 * their own, such as each view its own frames. A snapshot knows its machine, which goes on with it.
 */
export function chosenLogic<M extends AnyStateMachine, I>(
  machines: readonly [M, ...M[]],
  choose: (input: I) => number,
): M {
  const [first] = machines;
  const logic: M = Object.create(first);
  logic.getInitialSnapshot = (scope, input) =>
    (machines[choose(input as I)] ?? first).getInitialSnapshot(scope, input);
  logic.transition = (snapshot, event, scope) =>
    snapshot.machine.transition(snapshot, event, scope);
  logic.start = (snapshot) => snapshot.machine.start(snapshot);
  return logic;
}
