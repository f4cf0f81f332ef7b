import { assign, fromPromise, sendTo, setup, stateIn } from 'xstate';
import type { FrameRef } from '../frame.ts';
import type {
  TurnCompletionContext,
  TurnCompletionEvent,
  TurnCompletionInput,
  TurnOutcome,
} from './turn-completion.types.ts';

const contextFromInput = ({ input }: { input: TurnCompletionInput }): TurnCompletionContext => ({
  ...input,
  error: null,
});
const frameToEncode = ({ context }: { context: TurnCompletionContext }) => ({
  frameId: context.frame?.id ?? -1,
  requestId: context.requestId,
});
const receivedFrame = ({ event }: { event: { output: FrameRef } }) => ({ frame: event.output });
const parentOf = ({ context }: { context: TurnCompletionContext }) => context.parent;
const encodedFrame = ({ event }: { event: { output: FrameRef | null } }) => ({
  frame: event.output,
});
const requestOf = ({ context }: { context: TurnCompletionContext }) => ({
  requestId: context.requestId,
});
const givenWords = ({ event }: { event: { output: boolean } }) => ({ hasWords: event.output });
const failure = ({ event }: { event: { error: unknown } }) => ({ error: String(event.error) });

/**
 * One model request of a user turn: takes the newest frame, attaches its picture, and marks the
 * frame as used when the request becomes part of the conversation. A request that the framework
 * discards uses up no frame, and no request waits longer than its budget.
 */
export const turnCompletionMachine = setup({
  types: {
    context: {} as TurnCompletionContext,
    events: {} as TurnCompletionEvent,
    input: {} as TurnCompletionInput,
  },
  actors: {
    /** Resolves with the first frame of a stream that was just opened. */
    firstFrame: fromPromise<FrameRef>(() => Promise.reject(new Error('provide firstFrame'))),
    /**
     * Encodes this frame or a newer one. Resolves with the encoded frame, or `null` if it is gone.
     */
    encodePicture: fromPromise<FrameRef | null, { frameId: number; requestId: number }>(() =>
      Promise.reject(new Error('provide encodePicture')),
    ),
    /**
     * Describes the pictures, within a time limit of its own. Resolves to whether there are words:
     * there are none if the pictures were taken away, or the turn does not need them any more.
     */
    describePictures: fromPromise<boolean, { requestId: number }>(() =>
      Promise.reject(new Error('provide describePictures')),
    ),
  },
  guards: {
    // A still screen sends no frame, and its last one stays true.
    frameIsValid: ({ context }) =>
      context.frame !== null &&
      (context.frame.source === 'screen' ||
        context.requestedAt - context.frame.receivedAt <= context.maxFrameAgeMs),
    frameIsTooOld: ({ context }) => context.frame !== null,
    aPictureIsThere: (_, params: { frame: FrameRef | null }) => params.frame !== null,
    aModelDescribesIt: ({ context }, params: { frame: FrameRef | null }) =>
      params.frame !== null && context.needsWords,
    wordsAreThere: (_, params: { hasWords: boolean }) => params.hasWords,
    frameIsExpected: ({ context }) => context.frameExpected,
    noFrameCame: stateIn({ preparing: 'waiting' }),
    ofThisRequest: ({ context, event }) => event.requestId === context.requestId,
    ofALaterRequest: ({ context, event }) => event.requestId > context.requestId,
  },
  actions: {
    takeFrame: assign((_, params: { frame: FrameRef | null }) => ({ frame: params.frame })),
    keepError: assign((_, params: { error: string }) => ({ error: params.error })),
    answer: sendTo(parentOf, ({ context }, params: { outcome: TurnOutcome }) => ({
      type: 'turn.ready',
      requestId: context.requestId,
      outcome: params.outcome,
      frame: context.frame,
      error: context.error,
    })),
    reportEnd: sendTo(
      parentOf,
      ({ context }, params: { as: 'turn.cleared' | 'turn.discarded' }) => ({
        type: params.as,
        requestId: context.requestId,
        frameId: context.frame?.id ?? -1,
      }),
    ),
  },
  delays: {
    attachBudget: ({ context }) => context.attachBudgetMs,
    commitTimeout: ({ context }) => context.commitTimeoutMs,
  },
}).createMachine({
  id: 'turnCompletion',
  description: 'The picture of one user turn',
  context: contextFromInput,
  initial: 'preparing',
  states: {
    preparing: {
      description: 'The model request waits for its picture, within the budget',
      initial: 'taking',
      after: {
        attachBudget: [
          { guard: 'noFrameCame', target: 'nothingToAttach' },
          { target: 'overBudget' },
        ],
      },
      states: {
        taking: {
          description: 'Is there a frame that is still valid?',
          always: [
            { guard: 'frameIsValid', target: 'encoding' },
            { guard: 'frameIsTooOld', target: '#turnCompletion.tooOld' },
            { guard: 'frameIsExpected', target: 'waiting' },
            { target: '#turnCompletion.nothingToAttach' },
          ],
        },
        waiting: {
          description: 'A stream was just opened: its first frame may still arrive in time',
          invoke: {
            src: 'firstFrame',
            onDone: { target: 'encoding', actions: { type: 'takeFrame', params: receivedFrame } },
            onError: { target: '#turnCompletion.nothingToAttach' },
          },
        },
        encoding: {
          description: 'The frame is being encoded',
          invoke: {
            src: 'encodePicture',
            input: frameToEncode,
            onDone: [
              {
                guard: { type: 'aModelDescribesIt', params: encodedFrame },
                target: '#turnCompletion.describing',
                actions: { type: 'takeFrame', params: encodedFrame },
              },
              {
                guard: { type: 'aPictureIsThere', params: encodedFrame },
                target: '#turnCompletion.attached',
                actions: { type: 'takeFrame', params: encodedFrame },
              },
              { target: '#turnCompletion.nothingToAttach' },
            ],
            onError: {
              target: '#turnCompletion.encodeFailed',
              actions: { type: 'keepError', params: failure },
            },
          },
        },
      },
    },
    attached: {
      description:
        'The picture or its words are attached; waiting for the request to become part of the conversation',
      entry: { type: 'answer', params: { outcome: 'attached' } },
      on: {
        'turn.committed': [
          {
            guard: 'ofThisRequest',
            target: 'cleared',
            description: 'This request became part of the conversation',
          },
          {
            guard: 'ofALaterRequest',
            target: 'discarded',
            description: 'A later request of the turn replaced this one',
          },
        ],
      },
      after: { commitTimeout: { target: 'discarded' } },
    },
    nothingToAttach: {
      description: 'There was no frame, or it was taken away',
      entry: { type: 'answer', params: { outcome: 'nothing-to-attach' } },
      type: 'final',
    },
    encodeFailed: {
      description: 'The frame could not be encoded',
      entry: { type: 'answer', params: { outcome: 'encode-failed' } },
      type: 'final',
    },
    describing: {
      description: 'The model takes text only: another model describes the picture',
      invoke: {
        src: 'describePictures',
        input: requestOf,
        onDone: [
          { guard: { type: 'wordsAreThere', params: givenWords }, target: 'attached' },
          { target: 'nothingToAttach' },
        ],
        onError: {
          target: 'notDescribed',
          actions: { type: 'keepError', params: failure },
        },
      },
    },
    notDescribed: {
      description: 'The other model did not describe the picture: the turn continued without words',
      entry: { type: 'answer', params: { outcome: 'not-described' } },
      type: 'final',
    },
    overBudget: {
      description: 'The picture was not ready in time: the turn continued without it',
      entry: { type: 'answer', params: { outcome: 'over-budget' } },
      type: 'final',
    },
    tooOld: {
      description: 'The newest frame was older than the limit',
      entry: { type: 'answer', params: { outcome: 'too-old' } },
      type: 'final',
    },
    cleared: {
      description: 'The frame was used, and is not used again',
      entry: { type: 'reportEnd', params: { as: 'turn.cleared' } },
      type: 'final',
    },
    discarded: {
      description: 'The request was discarded: its frame stays available',
      entry: { type: 'reportEnd', params: { as: 'turn.discarded' } },
      type: 'final',
    },
  },
});
