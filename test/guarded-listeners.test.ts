import { expect, test } from 'vitest';
import { createActor, createMachine, emit, waitFor } from 'xstate';
import { guardListeners } from '../src/guarded-listeners.ts';
import { notify } from '../src/notify.ts';

const machine = createMachine({
  initial: 'one',
  states: {
    one: { on: { go: { target: 'two', actions: emit({ type: 'gone' }) } } },
    two: { on: { end: 'over' } },
    over: { type: 'final' },
  },
});
const fails = () => {
  throw new Error('my fault');
};

/** An actor with guarded listeners; it is done. */
async function run(listen: (actor: ReturnType<typeof createActor<typeof machine>>) => void) {
  const errors: unknown[] = [];
  const actor = createActor(machine);
  guardListeners(actor, (error) => errors.push(error));
  listen(actor);
  actor.start();
  actor.send({ type: 'go' });
  actor.send({ type: 'end' });
  await waitFor(actor, ({ status }) => status === 'done');
  // A listener's promise is rejected a little later; xstate throws in a task of its own.
  await new Promise((resolve) => setTimeout(resolve));
  return errors.map(String);
}

test('a listener of an actor that throws is reported, and the others are called', async () => {
  const seen: string[] = [];
  const errors = await run((actor) => {
    actor.on('gone' as never, fails);
    actor.on('gone' as never, () => seen.push('gone'));
    actor.subscribe({ complete: fails });
    actor.subscribe(({ value }) => seen.push(String(value)));
  });
  expect(errors).toEqual(['Error: my fault', 'Error: my fault']);
  expect(seen).toEqual(expect.arrayContaining(['gone', 'two', 'over']));
});

test('a listener of an actor whose promise is rejected is reported', async () => {
  const errors = await run((actor) => actor.on('gone' as never, async () => fails()));
  expect(errors).toEqual(['Error: my fault']);
});

test('a subscription ends as it does without a guard', async () => {
  let count = 0;
  await run((actor) => actor.subscribe(() => count++).unsubscribe());
  expect(count).toBe(0);
});

test('a handler that throws or rejects ends nothing', async () => {
  const errors: unknown[] = [];
  const keep = (error: unknown) => errors.push(error);
  notify(fails, 1, keep);
  notify(async () => fails(), 1, keep);
  await new Promise((resolve) => setTimeout(resolve));
  expect(errors.map(String)).toEqual(['Error: my fault', 'Error: my fault']);
});
