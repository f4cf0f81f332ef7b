import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { FrameCaptures } from '../../src/actors/frame-captures.ts';
import type { FrameGate } from '../../src/frames/gate.ts';
import type { PictureRequest } from '../../src/frames/gate.types.ts';
import type { PictureOrigin, PushResult, RealtimeVideoSink } from '../../src/models/video-sink.ts';
import { picture } from '../support/frames/gate-picture.ts';

/** A capture whose newest frame, connection and answers a test sets. */
function stage({ isLabelled = false, labelsInPicture = false } = {}) {
  const state = {
    newest: { id: 1, trackSid: 'TR_1', source: 'screen' },
    connection: {} as object | undefined,
    answer: 'sent' as PushResult | Error,
    isOff: false,
    hasSink: true,
    /** Called in place of each picture that is taken away while it is encoded. */
    takenAway: [] as (() => void)[],
  };
  const requests: PictureRequest[] = [];
  const fates: string[] = [];
  const origins: (PictureOrigin | undefined)[] = [];
  const captions: unknown[] = [];
  const withdrawals: (() => void)[] = [];
  const shown: number[] = [];
  const gate = {
    newest: () => state.newest,
    picture: async (request: PictureRequest) => {
      requests.push(request);
      captions.push(request.caption);
      const takeAway = state.takenAway.shift();
      if (takeAway) return takeAway();
      const { id, trackSid } = state.newest;
      return picture(id, {
        ...{ sourceId: 'screen', trackSid, isOff: () => state.isOff },
        onDone: (fate) => fates.push(`${id} ${fate}`),
      });
    },
    keepRevocable: (_ref: unknown, sent: unknown, withdraw: (gone: unknown) => void) =>
      void withdrawals.push(() => withdraw(sent)),
  } as unknown as FrameGate;
  const sink = {
    labelsInPicture,
    connection: () => state.connection,
    push: (_image: unknown, origin?: PictureOrigin) => {
      origins.push(origin);
      if (state.answer instanceof Error) throw state.answer;
      return state.answer;
    },
  } as unknown as RealtimeVideoSink;
  const captures = new FrameCaptures({
    ...{
      gate,
      isLabelled,
      picture: (source) => ({ image: { quality: source === 'screen' ? 90 : 60 } }),
      sink: () => (state.hasSink ? sink : undefined),
    },
    onSent: ({ ref }) => void shown.push(ref.id),
  });
  const input = { sourceId: 'screen' };
  const capture = () => toPromise(createActor(captures.capture(), { input }).start());
  const push = () =>
    toPromise(createActor(captures.push(), { input: { ...input, frameId: 0 } }).start());
  const next = (id: number, trackSid = 'TR_1') => {
    state.newest = { ...state.newest, id, trackSid };
  };
  return {
    ...{ captures, capture, push, next, state },
    fates,
    origins,
    captions,
    requests,
    withdrawals,
    shown,
  };
}

test('a frame is sent once on a connection, and again on the next one or on request', async () => {
  const { captures, capture, push, state, shown } = stage();
  expect(await capture()).toEqual({ frameId: 1 });
  expect(await push()).toEqual({ result: 'sent' });
  expect(await capture()).toBeNull();
  captures.showAgain('screen');
  expect(await capture()).toEqual({ frameId: 1 });
  expect(await push()).toEqual({ result: 'sent' });
  expect(await capture()).toBeNull();
  state.connection = {};
  expect(await capture()).toEqual({ frameId: 1 });
  expect(await push()).toEqual({ result: 'sent' });
  expect(shown).toEqual([1, 1, 1]);
});

test('a connection that opened while a frame was captured has it, and the next model gets it too', async () => {
  const { capture, push, state, captures } = stage();
  state.connection = undefined;
  expect(await capture()).toEqual({ frameId: 1 });
  state.connection = {};
  expect(await push()).toEqual({ result: 'sent' });
  expect(captures.lastSent('screen')).toBeDefined();
  expect(await capture()).toBeNull();
  // Another agent takes over, whose model is not connected yet.
  state.connection = undefined;
  expect(await capture()).toEqual({ frameId: 1 });
});

test('a frame that the model did not take is sent again', async () => {
  const { captures, capture, push, state, fates, shown } = stage();
  state.answer = 'backpressure';
  await capture();
  expect(await push()).toEqual({ result: 'backpressure' });
  expect(captures.lastSent('screen')).toBeUndefined();
  expect(await capture()).toEqual({ frameId: 1 });
  state.answer = new Error('broken');
  await expect(push()).rejects.toThrow('broken');
  expect(await push()).toEqual({ result: 'no-frame' });
  state.answer = 'sent';
  expect(await capture()).toEqual({ frameId: 1 });
  state.hasSink = false;
  expect(await push()).toEqual({ result: 'not-connected' });
  expect(fates).toEqual(['1 backpressure', '1 push-failed', '1 not-connected']);
  expect(shown).toEqual([]);
});

test('a frame is not sent if its track was replaced, or its video is off, meanwhile', async () => {
  const { capture, push, next, state, fates, origins } = stage();
  await capture();
  next(2, 'TR_2');
  expect(await push()).toEqual({ result: 'overtaken' });
  await capture();
  state.isOff = true;
  expect(await push()).toEqual({ result: 'off' });
  expect(origins).toEqual([]);
  expect(fates).toEqual(['1 overtaken', '2 off']);
});

test('a new connection gets the newest frame first, the same one a frame that is a little older', async () => {
  const { capture, push, next, state } = stage();
  await capture();
  next(2);
  expect(await push()).toEqual({ result: 'sent' });
  await capture();
  next(3);
  state.connection = {};
  expect(await push()).toEqual({ result: 'overtaken' });
});

test('the last frame that the model got is known until it is withdrawn or the connection is another', async () => {
  const { captures, capture, push, next, state, withdrawals } = stage();
  await capture();
  await push();
  next(2);
  await capture();
  await push();
  withdrawals[0]?.();
  expect(captures.lastSent('screen')?.luma?.means).toEqual(Float32Array.of(2));
  const { connection } = state;
  state.connection = {};
  expect(captures.lastSent('screen')).toBeUndefined();
  state.connection = connection;
  expect(captures.lastSent('screen')).toBeDefined();
  withdrawals[1]?.();
  expect(captures.lastSent('screen')).toBeUndefined();
});

test('a new connection that got no frame yet has none, although the one before had some', async () => {
  const { captures, capture, push, state } = stage();
  await capture();
  await push();
  expect(captures.lastSent('screen')).toBeDefined();
  state.connection = {};
  await capture();
  expect(captures.lastSent('screen')).toBeUndefined();
});

test.each([
  [false, false, undefined, undefined],
  [true, false, undefined, 'screen:'],
  [true, true, 'screen', 'screen:'],
  [false, true, undefined, undefined],
])(
  'with several sources: %s and labels in pictures: %s, the caption is %s and the label %s',
  async (isLabelled, labelsInPicture, caption, label) => {
    const { capture, push, captions, origins } = stage({ isLabelled, labelsInPicture });
    await capture();
    await push();
    expect(captions).toEqual([caption]);
    expect(origins).toEqual([{ sourceId: 'screen', label }]);
  },
);

test('a frame that was not sent before the close is counted as closed', async () => {
  const { captures, capture, push, fates } = stage();
  await capture();
  captures.close();
  expect(await push()).toEqual({ result: 'no-frame' });
  expect(fates).toEqual(['1 closed']);
});

test('a capture asks for the newest frame of its source, and ends with its actor', async () => {
  const { captures, requests, state } = stage();
  state.newest = { id: 3, trackSid: 'TR_1', source: 'screen' };
  const actor = createActor(captures.capture(), { input: { sourceId: 'screen' } }).start();
  actor.stop();
  const [request] = requests;
  expect(request).toMatchObject({ sourceId: 'screen', purpose: 'push', frameId: 3 });
  expect(request?.image.quality).toBe(90);
  expect(request?.signal?.aborted).toBe(true);
});

test('a frame that is taken away while it is encoded leaves the place to the track that is watched by now', async () => {
  const { capture, push, next, requests, shown, state } = stage();
  state.takenAway.push(() => next(2, 'TR_2'));
  expect(await capture()).toEqual({ frameId: 2 });
  expect(requests.map(({ frameId }) => frameId)).toEqual([1, 2]);
  await push();
  expect(shown).toEqual([2]);
});

test('a frame that is taken away while its track is still watched leaves nothing to send', async () => {
  const { capture, push, requests, state } = stage();
  state.takenAway.push(() => {});
  expect(await capture()).toBeNull();
  expect(requests).toHaveLength(1);
  expect(await push()).toEqual({ result: 'no-frame' });
});
