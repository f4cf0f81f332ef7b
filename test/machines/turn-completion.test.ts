import { describe, expect, test } from 'vitest';
import { fromPromise } from 'xstate';
import type { FrameRef } from '../../src/frame.ts';
import { turnCompletionMachine } from '../../src/machines/turn-completion.machine.ts';
import type { TurnCompletionInput } from '../../src/machines/turn-completion.types.ts';
import { deferred, settled } from '../../src/testing/simulated-clock.ts';
import { newestFrame, turnInput } from '../support/machines/inputs.ts';
import type { SettingsFrom } from '../support/machines/parent.ts';
import { ofType, record } from '../support/machines/recorded.ts';
import { Coverage, eventsOf, everyPath, type PathEvent } from '../support/paths.ts';

type TurnEvent = PathEvent<typeof turnCompletionMachine>;

const { elapsed, done, failed } = eventsOf(turnCompletionMachine);
const firstFrame: FrameRef = { ...newestFrame, id: 8, receivedAt: 100_300 };
const events: TurnEvent[] = [
  elapsed('attachBudget', 'preparing'),
  elapsed('commitTimeout', 'attached'),
  done('preparing.waiting', firstFrame),
  failed('preparing.waiting', 'the stream ended'),
  done('preparing.encoding', newestFrame),
  done('preparing.encoding', null),
  failed('preparing.encoding', 'a broken frame'),
  done('describing', true),
  done('describing', false),
  failed('describing', 'no description'),
  { type: 'turn.committed', requestId: turnInput.requestId - 1 },
  { type: 'turn.committed', requestId: turnInput.requestId },
  { type: 'turn.committed', requestId: turnInput.requestId + 1 },
];
const inputs: Record<string, SettingsFrom<typeof turnCompletionMachine>> = {
  'a fresh frame': turnInput,
  'an old frame': { ...turnInput, frame: { ...newestFrame, receivedAt: 93_999 } },
  'a frame expected': { ...turnInput, frame: null, frameExpected: true },
  'no frame': { ...turnInput, frame: null },
  'a model that takes text only': { ...turnInput, needsWords: true },
};

/** A turn whose first frame and encoder are settled by the test. */
function turn(change: Partial<TurnCompletionInput> = {}) {
  const frame = deferred<FrameRef>();
  const picture = deferred<FrameRef | null>();
  const words = deferred<boolean>();
  const encoded: { frameId: number; requestId: number }[] = [];
  const machine = turnCompletionMachine.provide({
    actors: {
      firstFrame: fromPromise(() => frame.promise),
      encodePicture: fromPromise(({ input }) => {
        encoded.push(input);
        return picture.promise;
      }),
      describePictures: fromPromise(() => words.promise),
    },
  });
  return { ...record(machine, { ...turnInput, ...change }), frame, picture, words, encoded };
}

describe('paths', () => {
  test('every state is entered and every transition is taken', () => {
    const coverage = new Coverage(turnCompletionMachine);
    for (const input of Object.values(inputs)) coverage.explore({ input, events });
    console.info(coverage.summary());
    expect(coverage.missed()).toEqual([]);
  });

  test.each(Object.entries(inputs))(
    'the model gets exactly one answer on every path, given %s',
    (_, input) => {
      for (const path of everyPath(turnCompletionMachine, { input, events })) {
        const answers = ofType(path.reports, 'turn.ready');
        const isOpen = path.snapshot.matches('preparing') || path.snapshot.matches('describing');
        expect(answers).toHaveLength(isOpen ? 0 : 1);
        const ends = path.reports.filter(({ type }) => type !== 'turn.ready');
        expect(ends).toHaveLength(
          path.snapshot.matches('cleared') || path.snapshot.matches('discarded') ? 1 : 0,
        );
      }
    },
  );
});

describe('a fresh frame', () => {
  test('a fresh frame is encoded, attached, and cleared once the request is committed', async () => {
    const { actor, picture, encoded, reports } = turn();
    expect(actor.getSnapshot().value).toEqual({ preparing: 'encoding' });
    expect(encoded).toEqual([{ frameId: 7, requestId: 3 }]);

    picture.resolve(newestFrame);
    await settled();
    expect(actor.getSnapshot().value).toBe('attached');
    const answer = { type: 'turn.ready', requestId: 3, outcome: 'attached', error: null };
    expect(reports).toEqual([{ ...answer, frame: newestFrame }]);

    actor.send({ type: 'turn.committed', requestId: 3 });
    expect(actor.getSnapshot()).toMatchObject({ value: 'cleared', status: 'done' });
    expect(reports[1]).toEqual({ type: 'turn.cleared', requestId: 3, frameId: 7 });
  });

  test('a frame may be as old as the limit, and not older', () => {
    const receivedAt = turnInput.requestedAt - turnInput.maxFrameAgeMs;
    const young = turn({ frame: { ...newestFrame, receivedAt } });
    const old = turn({ frame: { ...newestFrame, receivedAt: receivedAt - 1 } });
    expect(young.actor.getSnapshot().value).toEqual({ preparing: 'encoding' });
    expect(old.actor.getSnapshot().value).toBe('tooOld');
    expect(ofType(old.reports, 'turn.ready')[0]?.outcome).toBe('too-old');
    expect(old.encoded).toEqual([]);
  });

  test('a frame of a screen may be of any age', () => {
    const receivedAt = turnInput.requestedAt - 100 * turnInput.maxFrameAgeMs;
    const { actor } = turn({ frame: { ...newestFrame, source: 'screen', receivedAt } });
    expect(actor.getSnapshot().value).toEqual({ preparing: 'encoding' });
  });

  test('a request reports the frame that the encoder took, even if it is newer', async () => {
    const { actor, picture, reports } = turn();
    picture.resolve(firstFrame);
    await settled();
    actor.send({ type: 'turn.committed', requestId: 3 });
    expect(ofType(reports, 'turn.ready')[0]?.frame).toEqual(firstFrame);
    expect(ofType(reports, 'turn.cleared')[0]?.frameId).toBe(firstFrame.id);
  });

  test('a request whose frame was taken away during the encoding has nothing to attach', async () => {
    const { actor, picture, reports } = turn();
    picture.resolve(null);
    await settled();
    expect(actor.getSnapshot()).toMatchObject({ value: 'nothingToAttach', status: 'done' });
    expect(reports).toMatchObject([{ outcome: 'nothing-to-attach' }]);
  });

  test('a request whose frame cannot be encoded has no picture, and reports why', async () => {
    const { actor, picture, reports } = turn();
    picture.reject(new Error('a broken frame'));
    await settled();
    expect(actor.getSnapshot().value).toBe('encodeFailed');
    expect(reports).toMatchObject([{ outcome: 'encode-failed', error: 'Error: a broken frame' }]);
  });

  test('a slow encoder costs the turn exactly its budget', async () => {
    const { actor, clock, picture, reports } = turn();
    await clock.advanceSettling(turnInput.attachBudgetMs - 1);
    expect(reports).toEqual([]);
    await clock.advanceSettling(1);
    expect(actor.getSnapshot().value).toBe('overBudget');
    expect(ofType(reports, 'turn.ready').map((r) => r.outcome)).toEqual(['over-budget']);

    picture.resolve(newestFrame);
    await settled();
    expect(reports).toHaveLength(1);
  });
});

describe('a request to a model that takes text only', () => {
  const describing = async () => {
    const started = turn({ needsWords: true });
    started.picture.resolve(firstFrame);
    await settled();
    expect(started.actor.getSnapshot().value).toBe('describing');
    expect(started.reports).toEqual([]);
    return started;
  };

  test('a request with words reports that they are attached once they are there', async () => {
    const { words, reports } = await describing();
    words.resolve(true);
    await settled();
    expect(reports).toMatchObject([{ type: 'turn.ready', outcome: 'attached', frame: firstFrame }]);
  });

  test('a request whose picture was not described reports why, and has no picture', async () => {
    const { actor, words, reports } = await describing();
    words.reject(new Error('no description'));
    await settled();
    expect(actor.getSnapshot()).toMatchObject({ value: 'notDescribed', status: 'done' });
    expect(reports).toMatchObject([{ outcome: 'not-described', error: 'Error: no description' }]);
  });

  test('a request whose picture was taken away during the description has nothing to attach', async () => {
    const { words, reports } = await describing();
    words.resolve(false);
    await settled();
    expect(reports).toMatchObject([{ outcome: 'nothing-to-attach' }]);
  });

  test('a description may take longer than the budget of the picture', async () => {
    const { actor, clock } = await describing();
    await clock.advanceSettling(10 * turnInput.attachBudgetMs);
    expect(actor.getSnapshot().value).toBe('describing');
  });
});

describe('a request that the framework discards', () => {
  const attached = async () => {
    const started = turn();
    started.picture.resolve(newestFrame);
    await settled();
    return started;
  };

  test('a discarded request returns its frame when a later one is committed', async () => {
    const { actor, reports } = await attached();
    actor.send({ type: 'turn.committed', requestId: 4 });
    expect(actor.getSnapshot()).toMatchObject({ value: 'discarded', status: 'done' });
    expect(reports[1]).toEqual({ type: 'turn.discarded', requestId: 3, frameId: 7 });
  });

  test('a request is not settled by the commit of an earlier one', async () => {
    const { actor, reports } = await attached();
    actor.send({ type: 'turn.committed', requestId: 2 });
    expect(actor.getSnapshot().value).toBe('attached');
    expect(reports).toHaveLength(1);
  });

  test('a request returns its frame if nothing is committed in time', async () => {
    const { actor, clock, reports } = await attached();
    await clock.advanceSettling(turnInput.commitTimeoutMs - 1);
    expect(actor.getSnapshot().value).toBe('attached');
    await clock.advanceSettling(1);
    expect(actor.getSnapshot().value).toBe('discarded');
    expect(reports.map((r) => r.type)).toEqual(['turn.ready', 'turn.discarded']);
  });
});

describe('no frame yet', () => {
  test('a request without a frame is answered at once if none is expected', () => {
    const { actor, reports } = turn({ frame: null });
    expect(actor.getSnapshot()).toMatchObject({ value: 'nothingToAttach', status: 'done' });
    expect(reports).toMatchObject([{ outcome: 'nothing-to-attach', frame: null }]);
  });

  test('a request waits for the first frame of a stream that was just opened, and attaches it', async () => {
    const { actor, clock, frame, picture, encoded, reports } = turn(inputs['a frame expected']);
    expect(actor.getSnapshot().value).toEqual({ preparing: 'waiting' });
    await clock.advanceSettling(turnInput.attachBudgetMs / 2);
    frame.resolve(firstFrame);
    await settled();
    expect(encoded).toEqual([{ frameId: firstFrame.id, requestId: 3 }]);
    picture.resolve(firstFrame);
    await settled();
    expect(reports).toMatchObject([{ outcome: 'attached', frame: firstFrame }]);
  });

  test('a request waits for the first frame only within the budget', async () => {
    const { actor, clock, frame, encoded, reports } = turn(inputs['a frame expected']);
    await clock.advanceSettling(turnInput.attachBudgetMs - 1);
    expect(reports).toEqual([]);
    await clock.advanceSettling(1);
    expect(actor.getSnapshot()).toMatchObject({ value: 'nothingToAttach', status: 'done' });
    frame.resolve(firstFrame);
    await settled();
    expect(encoded).toEqual([]);
    expect(reports).toMatchObject([{ outcome: 'nothing-to-attach', frame: null }]);
  });

  test('a request has one budget for the wait and the encoder together', async () => {
    const { actor, clock, frame } = turn(inputs['a frame expected']);
    await clock.advanceSettling(turnInput.attachBudgetMs - 1);
    frame.resolve(firstFrame);
    await settled();
    expect(actor.getSnapshot().value).toEqual({ preparing: 'encoding' });
    await clock.advanceSettling(1);
    expect(actor.getSnapshot().value).toBe('overBudget');
  });

  test('a request is answered at once when the stream ends before its first frame', async () => {
    const { frame, reports } = turn(inputs['a frame expected']);
    frame.reject(new Error('the stream ended'));
    await settled();
    expect(reports).toMatchObject([{ outcome: 'nothing-to-attach' }]);
  });
});
