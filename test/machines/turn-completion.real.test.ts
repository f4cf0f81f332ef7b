import { afterAll } from 'vitest';
import { createActor, fromPromise, type SnapshotFrom } from 'xstate';
import { firstFrame } from '../../src/actors/fresh-frame.ts';
import { takeNewest } from '../../src/actors/turn-pictures.ts';
import type { FrameRef } from '../../src/frame.ts';
import type { GatePicture } from '../../src/frames/gate.types.ts';
import { turnCompletionMachine } from '../../src/machines/turn-completion.machine.ts';
import { describePictures } from '../../src/models/describe-pictures.ts';
import { TurnContent } from '../../src/session/turn-content.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { newestFrame, SOURCE_ID, turnInput } from '../support/machines/inputs.ts';
import { inputOf, type SettingsFrom } from '../support/machines/parent.ts';
import { RealFrames } from '../support/machines/real/frames.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import { closeCameras } from '../support/machines/real/held-room.ts';
import type { Operations } from '../support/machines/real/paths.ts';
import { type Play, type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

type Turn = typeof turnCompletionMachine;
type Snapshot = SnapshotFrom<Turn>;
type Event = PathEvent<Turn>;
type EncodeInput = { frameId: number; requestId: number };

afterAll(closeCameras);

const { elapsed, done, failed } = eventsOf(turnCompletionMachine);
const { attachBudgetMs, commitTimeoutMs, requestId } = turnInput;
const encoded = done('preparing.encoding', newestFrame);

/** One request, with real frames and the real encoder. */
class RealTurn implements RealWorld {
  readonly frames = new RealFrames();
  readonly clock = new HandClock();
  /** Describes the pictures. */
  readonly eyes = new RecordingLLM('gpt-4o');
  readonly actor;
  readonly watch: Watch;

  constructor(settings: SettingsFrom<Turn>) {
    const { gate } = this.frames;
    const sourceIds = [SOURCE_ID];
    let pictures: GatePicture[] = [];
    const content = new TurnContent({
      gate,
      speeches: { interrupted: (over) => over },
      detail: 'auto',
      isLabelled: false,
      describer: describePictures({ llm: this.eyes }),
      onError() {},
    });
    this.actor = createActor(
      turnCompletionMachine.provide({
        actors: {
          firstFrame: firstFrame(gate, sourceIds),
          encodePicture: fromPromise<FrameRef | null, EncodeInput>(async ({ input, signal }) => {
            pictures = await takeNewest(
              {
                gate,
                sourceIds,
                picture: () => ({ image: { format: 'jpeg' } }),
                maxFrameAgeMs: turnInput.maxFrameAgeMs,
                late: () => ({ skipped: 'over-budget' }),
                onError() {},
              },
              input.frameId,
              signal,
            );
            return pictures[0]?.ref ?? null;
          }),
          describePictures: fromPromise<boolean, { requestId: number }>(async ({ signal }) => {
            const words = await content.words({ earlier: [], newest: pictures }, '', signal);
            return words.length > 0;
          }),
        },
      }),
      { id: 'turn', input: inputOf(turnCompletionMachine, settings), clock: this.clock },
    );
    this.watch = new Watch(this.actor, 'turn');
  }

  start(): void {
    this.actor.start();
  }

  async end(): Promise<void> {
    this.actor.stop();
    await this.frames.end();
  }
}

const is = (s: Snapshot, preparing: 'waiting' | 'encoding') => s.matches({ preparing });
const operations: Operations<Turn, null> = {
  'the first frame': {
    brings: (s) => (is(s, 'waiting') ? [done('preparing.waiting', newestFrame), encoded] : null),
  },
  'the first frame, which is broken': {
    brings: (s) =>
      is(s, 'waiting')
        ? [done('preparing.waiting', newestFrame), failed('preparing.encoding', 'broken')]
        : null,
  },
  'the budget is over': {
    brings: (s) => (is(s, 'waiting') ? [elapsed('attachBudget', 'preparing')] : null),
  },
  'it becomes part of the conversation': {
    brings: (s) => (s.value === 'attached' ? [{ type: 'turn.committed', requestId }] : null),
  },
  'another becomes part of the conversation': {
    brings: (s) =>
      s.value === 'attached' ? [{ type: 'turn.committed', requestId: requestId + 1 }] : null,
  },
  'an older one becomes part of the conversation': {
    brings: (s) =>
      s.value === 'attached' ? [{ type: 'turn.committed', requestId: requestId - 1 }] : null,
  },
  'no request becomes part of the conversation': {
    brings: (s) => (s.value === 'attached' ? [elapsed('commitTimeout', 'attached')] : null),
  },
};

/**
 * A run of one request: the state when the model is called, and the events that follow by
 * themselves.
 */
function play(
  change: Partial<SettingsFrom<Turn>>,
  start: readonly Event[],
  before: (turn: RealTurn) => unknown = () => {},
): Play<Turn, null, RealTurn> {
  const input = { ...turnInput, ...change };
  return {
    machine: turnCompletionMachine,
    input,
    start,
    world: null,
    operations,
    make: async () => {
      const turn = new RealTurn(input);
      await before(turn);
      return turn;
    },
    does: {
      'the first frame': ({ frames }) => frames.show(),
      'the first frame, which is broken': ({ frames }) => frames.showBroken(),
      'the budget is over': ({ clock }) => clock.elapse(attachBudgetMs),
      'it becomes part of the conversation': ({ actor }) =>
        actor.send({ type: 'turn.committed', requestId }),
      'another becomes part of the conversation': ({ actor }) =>
        actor.send({ type: 'turn.committed', requestId: requestId + 1 }),
      'an older one becomes part of the conversation': ({ actor }) =>
        actor.send({ type: 'turn.committed', requestId: requestId - 1 }),
      'no request becomes part of the conversation': ({ clock }) => clock.elapse(commitTimeoutMs),
    },
  };
}

const fresh = { frame: newestFrame, requestedAt: newestFrame.receivedAt };
const described = { ...fresh, needsWords: true };

testRealPaths(
  [
    play(fresh, [encoded], ({ frames }) => frames.show()),
    play(fresh, [failed('preparing.encoding', 'broken')], ({ frames }) => frames.showBroken()),
    // The frame's content is revoked while it is encoded.
    play(fresh, [done('preparing.encoding', null)], async (turn) => {
      await turn.frames.show();
      turn.actor.subscribe((s) => {
        if (is(s, 'encoding')) turn.frames.gate.revoke('all');
      });
    }),
    // The clock runs out before the encoder, which uses another thread, can answer.
    {
      ...play(fresh, [elapsed('attachBudget', 'preparing')], async (turn) => {
        await turn.frames.show();
        turn.actor.subscribe((s) => {
          if (is(s, 'encoding')) turn.clock.elapse(attachBudgetMs);
        });
      }),
    },
    play(described, [encoded, done('describing', true)], async ({ frames, eyes }) => {
      eyes.replies.push('A cup.');
      await frames.show();
    }),
    play(described, [encoded, failed('describing', 'no answer')], async ({ frames, eyes }) => {
      eyes.replies.push('');
      await frames.show();
    }),
    // The frame's content is revoked while it is described.
    play(described, [encoded, done('describing', false)], async (turn) => {
      turn.eyes.replies.push(() => {
        turn.frames.gate.revoke('all');
        return 'A cup.';
      });
      await turn.frames.show();
    }),
    play({ ...fresh, requestedAt: newestFrame.receivedAt + 60_000 }, []),
    play({ frame: null, frameExpected: true }, []),
    play({ frame: null, frameExpected: false }, []),
  ],
  { 'waiting -- xstate.error.actor': 'the wait for a frame ends only with its actor' },
);
