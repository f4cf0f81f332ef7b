import { expect, test } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import { FrameGate } from '../../src/frames/gate.ts';
import type { FrameGateDeps, PictureRequest } from '../../src/frames/gate.types.ts';
import { WHOLE } from '../../src/frames/picture-place.ts';
import type { FrameProcessing } from '../../src/frames/processed-frames.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';

const SOURCE = 'camera';
type Sent = Parameters<FrameGateDeps['onSent']>[0];

/** A gate with one frame, and what became of its frames. */
function stage(processing?: FrameProcessing) {
  const ledger = new FrameLedger();
  const state = { mayShow: (_: FrameRef) => true };
  const encodedIn: number[] = [];
  const sent: Sent[] = [];
  const gate = new FrameGate({
    ...{ ledger, mayShow: (_, frame) => state.mayShow(frame) },
    onEncoded: (ms) => encodedIn.push(ms),
    onSent: (one) => sent.push(one),
    ...(processing && { processing }),
  });
  const frame = greyFrame(5);
  let released = 0;
  const put = (read = () => frame, trackSid = 'TR_1', rotation: 0 | 1 = 0) =>
    gate.intake(SOURCE).put(
      {
        ...{ width: frame.width, height: frame.height, rotation, isBlack: () => false },
        ...{ read, release: () => void released++ },
      },
      { trackSid, identity: 'ada', source: 'camera', receivedAt: 0 },
    );
  put();
  const picture = (request: Partial<PictureRequest> = {}) =>
    gate.picture({ sourceId: SOURCE, purpose: 'turn', image: {}, ...request });
  const skipped = () => ledger.counts().skipped;
  return { gate, ledger, state, encodedIn, sent, put, picture, skipped, released: () => released };
}

const broken = () => {
  throw new Error('torn');
};

test('a picture that was sent is reported once, with its size, its frame and its purpose', async () => {
  const { picture, sent, encodedIn, ledger } = stage();
  const made = await picture({ purpose: 'push' });
  expect(sent).toEqual([]);
  made?.done('sent');
  made?.done('sent');
  made?.done({ skipped: 'late' });
  const image = made?.handOver();
  if (!made || !image) throw new Error('there is no picture');
  const { width, height } = image;
  const size = { bytes: image.data.length, width, height };
  expect(sent).toEqual([{ image, sizes: [size], ref: made.ref, purpose: 'push' }]);
  expect(made.size).toBe(image.data.length);
  expect(encodedIn).toHaveLength(1);
  expect(encodedIn[0]).toBeGreaterThan(0);
  expect(ledger.counts()).toMatchObject({ sampled: 1, pending: 1, sent: 0, skipped: {} });
});

test('a picture that was not sent is not reported, and its frame has the reason', async () => {
  const { picture, sent, gate, skipped, released } = stage();
  (await picture())?.done({ skipped: 'late' });
  gate.clear(SOURCE);
  expect([sent, skipped(), released()]).toEqual([[], { late: 1 }, 1]);
});

test('only the frame that is asked for is taken, if it is still the newest', async () => {
  const { picture, put, ledger } = stage();
  put();
  expect(await picture({ frameId: 1 })).toBeUndefined();
  expect(ledger.counts().sampled).toBe(0);
  const newest = await picture({ frameId: 2 });
  expect(newest?.ref.id).toBe(2);
  newest?.done('sent');
});

test.each<[string, Partial<PictureRequest>, object]>([
  ['closed', {}, { closed: 1 }],
  ['turn-over', { late: () => ({ skipped: 'turn-over' }) }, { 'turn-over': 1 }],
])('a picture that is no longer needed leaves its frame as %s', async (_, request, fate) => {
  const { picture, gate, skipped } = stage();
  const end = new AbortController();
  const made = picture({ ...request, signal: end.signal });
  end.abort();
  expect(await made).toBeUndefined();
  gate.clear(SOURCE);
  expect(skipped()).toEqual(fate);
});

test('a picture whose video is switched off while it is encoded leaves its frame as off', async () => {
  const { picture, gate, skipped } = stage();
  const made = picture();
  gate.revoke('all');
  expect(await made).toBeUndefined();
  expect(skipped()).toEqual({ off: 1 });
});

test.each([
  [false, { 'encode-failed': 1 }],
  [true, { closed: 1 }],
])(
  'a frame that cannot be encoded is an error, and ends, for a request that is over: %s',
  async (isOver, fate) => {
    const { picture, put, gate, skipped } = stage();
    put(broken);
    const signal = isOver ? AbortSignal.abort() : new AbortController().signal;
    await expect(picture({ signal })).rejects.toThrow('torn');
    gate.clear(SOURCE);
    expect(skipped()).toEqual(fate);
  },
);

test('a frame that a processor withholds is not used, for a picture or for the application', async () => {
  const at = stage({ isActive: true, intervalMs: 0, process: async () => null });
  expect(await at.picture()).toBeUndefined();
  expect(await at.gate.frame(SOURCE)).toBeUndefined();
  at.put();
  expect(await at.gate.frame(SOURCE)).toBeUndefined();
  at.gate.clear(SOURCE);
  expect(at.skipped()).toEqual({ processor: 2 });
});

test('a frame for the application ends as sent, off or failed', async () => {
  const { gate, put, ledger, skipped, released } = stage();
  expect(await gate.frame(SOURCE)).toMatchObject({ id: 1 });
  put();
  const taking = gate.frame(SOURCE, { maxSize: 8 });
  gate.revoke('all');
  expect(await taking).toBeUndefined();
  put(broken);
  await expect(gate.frame(SOURCE)).rejects.toThrow('torn');
  gate.clear(SOURCE);
  expect(await gate.frame(SOURCE)).toBeUndefined();
  expect(ledger.counts()).toMatchObject({ sent: 1, sampled: 3, pending: 0 });
  expect(skipped()).toEqual({ off: 1, 'encode-failed': 1 });
  expect(released()).toBe(3);
});

test('a part of a frame is upright and has its own size, and says whether a model saw it', async () => {
  const { gate, picture, put } = stage();
  put(undefined, 'TR_1', 1);
  const region = { x: 0, y: 0, width: 0.5, height: 0.5 };
  gate.keepShown();
  const fresh = await gate.frame(SOURCE, { region });
  const whole = await gate.frame(SOURCE);
  if (!fresh || !whole) throw new Error('there is no frame');
  expect(fresh).toMatchObject({ region, wasShown: false, rotation: 0 });
  expect([fresh.width, fresh.height]).toEqual([fresh.frame.width, fresh.frame.height]);
  expect([fresh.width, fresh.height]).toEqual([whole.height / 2, whole.width / 2]);
  expect([whole.rotation, whole.region]).toEqual([1, undefined]);
  (await picture())?.done('sent');
  expect(await gate.shownFrame({}, { region })).toMatchObject({ id: 2, region, wasShown: true });
});

test('a frame that may not be shown is not the newest, and is not waited for', async () => {
  const { gate, state, put, picture, ledger } = stage();
  state.mayShow = ({ trackSid }) => trackSid === 'TR_2';
  expect(gate.newest(SOURCE)).toBeNull();
  expect(await picture()).toBeUndefined();
  expect(await gate.frame(SOURCE)).toBeUndefined();
  const next = gate.next([SOURCE, 'screen'], new AbortController().signal);
  put();
  await new Promise(setImmediate);
  put(undefined, 'TR_2');
  expect(await next).toMatchObject({ trackSid: 'TR_2' });
  expect(gate.newest(SOURCE)).toMatchObject({ trackSid: 'TR_2' });
  expect(ledger.counts().sampled).toBe(0);
});

test('a wait for a frame ends with its signal', async () => {
  const { gate } = stage();
  const end = new AbortController();
  const next = gate.next([SOURCE, 'screen'], end.signal);
  end.abort();
  await expect(next).rejects.toThrow();
});

test('only the newest frame of what was taken away is dropped', () => {
  const { gate, put, released } = stage();
  gate.revoke({ trackSid: 'TR_2' });
  gate.revoke({ identity: 'bob' });
  expect(gate.newest(SOURCE)?.id).toBe(1);
  gate.revoke({ trackSid: 'TR_1' });
  expect([gate.newest(SOURCE), released()]).toEqual([null, 1]);
  put();
  gate.revoke({ identity: 'ada' });
  expect([gate.newest(SOURCE), released()]).toEqual([null, 2]);
});

test('a gate that is closed holds no frame, and keeps none for a closer look', async () => {
  const { gate, picture, put, released } = stage();
  gate.keepShown();
  (await picture())?.done('sent');
  expect(await gate.shownFrame({}, {})).toMatchObject({ id: 1 });
  await gate.close();
  expect(await gate.shownFrame({}, {})).toBeUndefined();
  expect([gate.newest(SOURCE), released()]).toEqual([null, 1]);
  // A late frame is not kept either.
  put();
  (await picture())?.done('sent');
  expect(await gate.shownFrame({}, {})).toBeUndefined();
});

test('what the old processors let through is no longer shown after a change of them', async () => {
  const at = stage({
    ...{ isActive: true, intervalMs: 0 },
    process: async (frame) => ({ frame, area: WHOLE }),
  });
  at.gate.keepShown();
  const made = await at.picture();
  made?.done('sent');
  const withdrawn: object[] = [];
  const content = {};
  if (made) at.gate.keepRevocable(made.ref, content, (one) => withdrawn.push(one));
  at.gate.processAgain();
  expect(made?.handOver()).toBeUndefined();
  expect(withdrawn).toEqual([content]);
  expect(at.gate.shown.find({})).toBeUndefined();
  expect(await at.gate.shownFrame({}, {})).toBeUndefined();
  expect(at.gate.newest(SOURCE)?.id).toBe(1);
});
