import { expect, test } from 'vitest';
import { createActor, createMachine, emit, fromCallback, waitFor } from 'xstate';
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

/** An actor with guarded listeners, which is done. */
async function run(listen: (actor: ReturnType<typeof createActor<typeof machine>>) => void) {
  const errors: unknown[] = [];
  const actor = createActor(machine);
  guardListeners(actor, (error) => errors.push(error));
  listen(actor);
  actor.start();
  actor.send({ type: 'go' });
  actor.send({ type: 'end' });
  await waitFor(actor, ({ status }) => status === 'done');
  // A listener's promise is rejected a little later; xstate throws in a separate task.
  await new Promise((resolve) => setTimeout(resolve));
  return errors.map(String);
}

test("an exception of an actor's listener is reported, and the other listeners are called", async () => {
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

test("a rejected promise of an actor's listener is reported", async () => {
  const errors = await run((actor) => actor.on('gone' as never, async () => fails()));
  expect(errors).toEqual(['Error: my fault']);
});

test('each listener of an observer is called as a method of it, also for the error of an actor', async () => {
  const calls: unknown[] = [];
  const observer = {
    name: 'mine',
    next() {
      calls.push(this.name);
    },
    complete() {
      calls.push(`end of ${this.name}`);
    },
  };
  await run((actor) => actor.subscribe(observer));
  expect(calls).toEqual(['mine', 'mine', 'mine', 'end of mine']);
  const failing = createActor(fromCallback(fails));
  guardListeners(failing, () => {});
  failing.subscribe({ error: (error) => calls.push(String(error)) });
  failing.subscribe(undefined, (error) => calls.push(String(error)));
  failing.start();
  expect(calls.slice(4)).toEqual(['Error: my fault', 'Error: my fault']);
});

test('a subscription with guarded listeners can be ended like one without', async () => {
  let count = 0;
  await run((actor) => actor.subscribe(() => count++).unsubscribe());
  expect(count).toBe(0);
});

test('an exception or rejection of a handler does not end the process', async () => {
  const errors: unknown[] = [];
  const keep = (error: unknown) => errors.push(error);
  notify(fails, 1, keep);
  notify(async () => fails(), 1, keep);
  await new Promise((resolve) => setTimeout(resolve));
  expect(errors.map(String)).toEqual(['Error: my fault', 'Error: my fault']);
});
