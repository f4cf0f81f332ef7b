import { fromPromise, setup } from 'xstate';

/** A machine with every feature that a picture can show. */
export const sampleMachine = setup({
  types: { context: {} as { waitMs: number }, events: {} as { type: string } },
  actors: { work: fromPromise(() => Promise.resolve()) },
  actions: { start: () => {}, stop: () => {}, say: (_, _params: { word: string }) => {} },
  guards: { ready: () => true },
  delays: { patience: 1500, pause: ({ context }) => context.waitMs },
}).createMachine({
  id: 'sample',
  description: 'Every feature once',
  context: { waitMs: 20 },
  initial: 'idle',
  on: { 'log.*': { actions: 'start', description: 'Kept: "a" < b & c' } },
  states: {
    idle: {
      description: 'Nothing: yet; {really} #1',
      entry: ['start', { type: 'say', params: { word: 'hello' } }],
      exit: 'stop',
      on: {
        go: [{ guard: 'ready', target: 'both', actions: 'start' }, { guard: 'ready' }],
        again: { target: 'idle', reenter: true },
      },
      after: { patience: 'end', 250: 'end' },
    },
    both: {
      type: 'parallel',
      on: { reset: '.left.one' },
      states: {
        left: {
          initial: 'one',
          on: { two: '.two' },
          states: {
            one: { always: { guard: 'ready', target: 'two' } },
            two: {
              invoke: { src: 'work', id: 'job', onDone: '#sample.end', onError: 'one' },
              after: { pause: 'one' },
            },
          },
        },
        right: { on: { quit: '#sample.end' } },
      },
    },
    end: { type: 'final' },
  },
});
