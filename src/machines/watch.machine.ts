import { assign, enqueueActions, fromCallback, fromPromise, raise, setup, stateIn } from 'xstate';
import type {
  WatchContext,
  WatchDrop,
  WatchEvent,
  WatchFailure,
  WatchInput,
  WatchReport,
  WatchVerdict,
} from './watch.types.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const contextFromInput = ({ input }: { input: WatchInput }): WatchContext => ({
  ...input,
  lookId: 0,
  looksLeft: input.budget.looksPerMinute,
  actsLeft: input.budget.actsPerHour,
  yes: 0,
  no: 0,
  failures: 0,
  actFailures: 0,
});

const lookFromContext = ({ context }: { context: WatchContext }) => ({ lookId: context.lookId });

const backOffMs = ({ backOff: { baseMs, maxMs } }: WatchContext, failures: number) =>
  failures === 0 ? 0 : Math.min(maxMs, baseMs * 2 ** (failures - 1));

/** The error of a failed actor, as text. */
const errorOf = (event: { type: string }): string =>
  'error' in event ? String(event.error) : 'it did not finish within its time limit';

const verdictOf = (event: { type: string }): boolean =>
  'output' in event && (event.output as WatchVerdict).act;

/** The actions for each kind of failure, and for each reason not to act. */
const LOOK_FAILED = { type: 'reportFailure', params: { step: 'look' } } as const;
const DECIDE_FAILED = { type: 'reportFailure', params: { step: 'decide' } } as const;
const ACT_FAILED = ['countActFailure', { type: 'reportFailure', params: { step: 'act' } }] as const;
const FLOOR_TAKEN = { type: 'reportDropped', params: { reason: 'floor' } } as const;
const BUDGET_SPENT = { type: 'reportDropped', params: { reason: 'budget' } } as const;

/**
 * Looks at the video without a user turn: at an interval, on a schedule or after a scene change.
 * Then it decides, confirms, and acts once when the floor is free. One look runs at a time; if the
 * model is slow or fails, looks become rarer.
 */
export const watchMachine = setup({
  types: {
    context: {} as WatchContext,
    events: {} as WatchEvent,
    emitted: {} as WatchReport,
    input: {} as WatchInput,
  },
  actors: {
    /** Reports when a schedule or a scene change requires a look. */
    triggers: fromCallback<WatchEvent>(() => {
      throw new Error('provide triggers');
    }),
    /** Reports when the user or the agent starts to speak, and when both are silent. */
    floorEvents: fromCallback<WatchEvent>(() => {
      throw new Error('provide floorEvents');
    }),
    /** Gets a fresh frame and stores it outside the machine under the look's number. */
    look: fromPromise<void, { lookId: number }>(() => Promise.reject(new Error('provide look'))),
    /** Decides whether that frame is a reason to act. */
    decide: fromPromise<WatchVerdict, { lookId: number }>(() =>
      Promise.reject(new Error('provide decide')),
    ),
    act: fromPromise<void, { lookId: number }>(() => Promise.reject(new Error('provide act'))),
  },
  guards: {
    timerIsSet: ({ context }) => context.everyMs !== null,
    lookIsWanted: stateIn({ watching: { demand: 'wanted' } }),
    anotherLookIsAllowed: ({ context }) => context.looksLeft > 0,
    anotherActIsAllowed: ({ context }) => context.actsLeft > 0,
    floorIsFree: stateIn({ watching: { floor: 'free' } }),
    floorDoesNotMatter: ({ context }) => context.floor === 'ignore',
    floorIsWaitedFor: ({ context }) => context.floor === 'wait',
    saysYes: ({ event }) => verdictOf(event),
    evidenceIsUnderWay: ({ context }) => context.yes > 0,
    evidenceIsEnough: ({ context }) => context.yes >= context.confirm.looks,
    evidenceIsOldEnough: stateIn({ watching: { evidence: 'ripe' } }),
    agesAtOnce: ({ context }) => context.confirm.forMs === 0,
    evidenceCanNotBeEnough: ({ context: { confirm, no } }) => no > confirm.of - confirm.looks,
  },
  actions: {
    spendLook: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ looksLeft: context.looksLeft - 1, lookId: context.lookId + 1 });
      enqueue.raise({ type: 'demand.met' });
      enqueue.raise({ type: 'budget.lookReturned' }, { delay: MINUTE_MS });
      enqueue.emit({ type: 'look.begun', lookId: context.lookId + 1 });
    }),
    spendAct: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ actsLeft: context.actsLeft - 1 });
      enqueue.raise({ type: 'budget.actReturned' }, { delay: HOUR_MS });
      enqueue.emit({ type: 'act.begun', lookId: context.lookId });
    }),
    returnLook: assign(({ context }) => ({ looksLeft: context.looksLeft + 1 })),
    returnAct: assign(({ context }) => ({ actsLeft: context.actsLeft + 1 })),
    keepVerdict: enqueueActions(({ context, enqueue, event }) => {
      const act = verdictOf(event);
      enqueue.emit({ type: 'look.decided', lookId: context.lookId, act });
      enqueue.assign({ failures: 0 });
      if (act) enqueue.assign({ yes: context.yes + 1 });
      else if (context.yes > 0) enqueue.assign({ no: context.no + 1 });
      if (act && context.yes === 0) enqueue.raise({ type: 'evidence.begun' });
    }),
    dropEvidence: assign({ yes: 0, no: 0 }),
    endEvidence: raise({ type: 'evidence.over' }),
    countFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
    forgetFailures: assign({ failures: 0, actFailures: 0 }),
    countActFailure: assign(({ context }) => ({ actFailures: context.actFailures + 1 })),
    report: enqueueActions(({ enqueue }, params: { type: 'watch.started' | 'watch.stopped' }) => {
      enqueue.emit({ type: params.type });
    }),
    reportFailure: enqueueActions(({ context, enqueue, event }, params: { step: WatchFailure }) => {
      const error = errorOf(event);
      enqueue.emit({ type: 'watch.failed', lookId: context.lookId, step: params.step, error });
    }),
    reportActed: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ actFailures: 0 });
      enqueue.emit({ type: 'act.done', lookId: context.lookId });
    }),
    reportDropped: enqueueActions(({ context, enqueue }, params: { reason: WatchDrop }) => {
      enqueue.emit({ type: 'act.dropped', lookId: context.lookId, reason: params.reason });
    }),
  },
  delays: {
    untilNextLook: ({ context }) => context.everyMs ?? 0,
    lookTimeout: ({ context }) => context.lookTimeoutMs,
    decideTimeout: ({ context }) => context.decideTimeoutMs,
    actTimeout: ({ context }) => context.actTimeoutMs,
    untilConfirmed: ({ context }) => context.confirm.forMs,
    untilAnotherLook: ({ context }) => context.confirm.everyMs,
    floorTimeout: ({ context }) => context.floorTimeoutMs,
    coolDown: ({ context }) =>
      Math.max(context.coolDownMs, backOffMs(context, context.actFailures)),
    backOff: ({ context }) => backOffMs(context, context.failures),
  },
}).createMachine({
  id: 'watch',
  description: 'Looks at the video without a user turn, decides, and acts',
  context: contextFromInput,
  initial: 'stopped',
  on: {
    // Budgets refill in every state, also while the watch is stopped.
    'budget.lookReturned': { actions: 'returnLook', description: 'A minute after a look' },
    'budget.actReturned': { actions: 'returnAct', description: 'An hour after an act' },
  },
  states: {
    stopped: {
      description: 'The watch is stopped',
      on: { 'watch.start': { target: 'watching', description: 'start() was called' } },
    },
    watching: {
      type: 'parallel',
      description: 'The watch is running, and follows who speaks',
      entry: [
        'dropEvidence',
        'forgetFailures',
        { type: 'report', params: { type: 'watch.started' } },
      ],
      exit: { type: 'report', params: { type: 'watch.stopped' } },
      invoke: [{ src: 'triggers' }, { src: 'floorEvents' }],
      on: { 'watch.stop': { target: 'stopped', description: 'Enough' } },
      states: {
        floor: {
          description: 'Who has the floor',
          initial: 'free',
          states: {
            free: {
              description: 'The user and the agent are silent',
              on: {
                'floor.taken': { target: 'taken', description: 'One of them speaks' },
              },
            },
            taken: {
              description: 'The user or the agent speaks',
              on: { 'floor.free': { target: 'free', description: 'Both are silent' } },
            },
          },
        },
        demand: {
          description: 'Whether a schedule or a scene change requires a look',
          initial: 'none',
          states: {
            none: {
              description: 'No look is required',
              on: {
                'look.due': { target: 'wanted', description: 'A schedule, or a scene change' },
              },
            },
            wanted: {
              description: 'The next look begins as soon as the loop is ready',
              on: { 'demand.met': { target: 'none', description: 'A look begins' } },
            },
          },
        },
        evidence: {
          description: 'How long the decisions have been yes',
          initial: 'none',
          states: {
            none: {
              description: 'No decision said yes',
              on: { 'evidence.begun': { target: 'fresh', description: 'The first yes' } },
            },
            fresh: {
              description: 'The first yes is not yet old enough',
              on: {
                'evidence.over': { target: 'none', description: 'Used, or dropped' },
              },
              after: { untilConfirmed: { target: 'ripe' } },
            },
            ripe: {
              description: 'The first yes is old enough',
              on: {
                'evidence.over': { target: 'none', description: 'Used, or dropped' },
              },
            },
          },
        },
        loop: {
          description: 'One look after the other',
          initial: 'idle',
          states: {
            idle: {
              description: 'No look is due',
              entry: ['dropEvidence', 'endEvidence'],
              always: { guard: 'lookIsWanted', target: 'due' },
              initial: 'choosing',
              states: {
                choosing: {
                  description: 'Is an interval set?',
                  always: [{ guard: 'timerIsSet', target: 'timed' }, { target: 'untimed' }],
                },
                timed: {
                  description: 'Waiting for the interval',
                  after: { untilNextLook: { target: '#watch.watching.loop.due' } },
                },
                untimed: { description: 'Waiting for a schedule or a change' },
              },
            },
            due: {
              description: 'A look is due, and begins as soon as the budget allows it',
              always: { guard: 'anotherLookIsAllowed', target: 'looking' },
            },
            looking: {
              description: 'Waiting for a fresh frame',
              entry: 'spendLook',
              invoke: {
                src: 'look',
                input: lookFromContext,
                onDone: { target: 'deciding' },
                onError: { target: 'backingOff', actions: LOOK_FAILED },
              },
              after: { lookTimeout: { target: 'backingOff', actions: LOOK_FAILED } },
            },
            deciding: {
              description: 'Is the frame a reason to act?',
              invoke: {
                src: 'decide',
                input: lookFromContext,
                onDone: [
                  { guard: 'saysYes', target: 'confirming', actions: 'keepVerdict' },
                  { guard: 'evidenceIsUnderWay', target: 'confirming', actions: 'keepVerdict' },
                  { target: 'idle', actions: 'keepVerdict' },
                ],
                onError: { target: 'backingOff', actions: DECIDE_FAILED },
              },
              after: { decideTimeout: { target: 'backingOff', actions: DECIDE_FAILED } },
            },
            confirming: {
              description: 'Do enough looks confirm it, for long enough?',
              initial: 'weighing',
              states: {
                weighing: {
                  description: 'What do the looks so far say?',
                  always: [
                    { guard: 'evidenceCanNotBeEnough', target: '#watch.watching.loop.idle' },
                    { guard: 'evidenceIsEnough', target: 'ageing' },
                    { target: 'waiting' },
                  ],
                },
                ageing: {
                  description: 'Enough looks confirm it; is the first one old enough?',
                  always: [
                    { guard: 'agesAtOnce', target: '#watch.watching.loop.confirmed' },
                    { guard: 'evidenceIsOldEnough', target: '#watch.watching.loop.confirmed' },
                    { target: 'waiting' },
                  ],
                },
                waiting: {
                  description: 'Waiting for the next look',
                  after: { untilAnotherLook: { target: '#watch.watching.loop.due' } },
                },
              },
            },
            confirmed: {
              description: 'Confirmed: is the floor free?',
              always: [
                { guard: 'floorDoesNotMatter', target: 'cleared' },
                { guard: 'floorIsFree', target: 'cleared' },
                { guard: 'floorIsWaitedFor', target: 'waitingForFloor' },
                { target: 'coolingDown', actions: FLOOR_TAKEN },
              ],
            },
            waitingForFloor: {
              description: 'The user or the agent speaks: waiting for silence',
              always: { guard: 'floorIsFree', target: 'cleared' },
              after: { floorTimeout: { target: 'coolingDown', actions: FLOOR_TAKEN } },
            },
            cleared: {
              description: 'The floor is free: does the budget allow an act?',
              always: [
                { guard: 'anotherActIsAllowed', target: 'acting' },
                { target: 'coolingDown', actions: BUDGET_SPENT },
              ],
            },
            acting: {
              description: 'Says something, calls a tool, or calls the application',
              entry: 'spendAct',
              invoke: {
                src: 'act',
                input: lookFromContext,
                onDone: { target: 'coolingDown', actions: 'reportActed' },
                onError: { target: 'coolingDown', actions: ACT_FAILED },
              },
              after: { actTimeout: { target: 'coolingDown', actions: ACT_FAILED } },
            },
            coolingDown: {
              description: 'Waiting before the next look',
              after: { coolDown: { target: 'idle' } },
            },
            backingOff: {
              description: 'A look or a decision failed: waiting before the next look',
              entry: ['countFailure', 'dropEvidence', 'endEvidence'],
              after: { backOff: { target: 'due' } },
            },
          },
        },
      },
    },
  },
});
