import type { VideoFrame } from '@livekit/rtc-node';
import { describe, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import type { TakenAway } from '../../src/frames/consent.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import { FrameGate } from '../../src/frames/gate.ts';
import type { Purpose } from '../../src/frames/gate.types.ts';
import { type LumaPicture, shrinkLuma } from '../../src/frames/luma.ts';
import { NewestFrameSlot } from '../../src/frames/newest-frame.ts';
import { WHOLE } from '../../src/frames/picture-place.ts';
import type { FrameProcessing } from '../../src/frames/processed-frames.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { greyLevel } from '../../src/testing/pictures/likeness.ts';

const SOURCE = 'camera';

/** A gate with one frame. */
function gateWithFrame(processing?: FrameProcessing) {
  const inspected: (EncodedImage | undefined)[] = [];
  let mayShow = true;
  const gate = new FrameGate({
    ledger: new FrameLedger(),
    mayShow: () => mayShow,
    onEncoded: () => undefined,
    onSent: ({ image }) => inspected.push(image),
    ...(processing ? { processing } : {}),
  });
  const frame: VideoFrame = greyFrame(5);
  const put = (luma?: LumaPicture): FrameRef | null =>
    gate.intake(SOURCE).put(
      {
        width: frame.width,
        height: frame.height,
        rotation: 0,
        isBlack: () => false,
        read: () => frame,
        luma: () => luma,
        release: () => undefined,
      },
      { trackSid: 'TR_1', identity: 'ada', source: 'camera', receivedAt: 0 },
    );
  put();
  return {
    gate,
    inspected,
    put,
    hide: () => {
      mayShow = false;
    },
  };
}

const plain = (level: number): LumaPicture =>
  shrinkLuma({ width: 2, height: 2, stride: 2, read: () => Uint8Array.of(level, level) }, 2, 2);

const PURPOSES: Purpose[] = ['turn', 'push'];
const TAKEN: TakenAway[] = ['all', { trackSid: 'TR_1' }, { identity: 'ada' }];

describe.each(PURPOSES)('a picture for %s', (purpose) => {
  const request = { sourceId: SOURCE, purpose, image: {} };

  test.each(TAKEN)(
    `a picture for ${purpose} is not returned after its frame was withdrawn: %j`,
    async (what) => {
      const { gate, put, inspected } = gateWithFrame();
      const picture = await gate.picture(request);
      expect(picture?.handOver()).toMatchObject({ mimeType: 'image/jpeg' });
      gate.revoke(what);
      // Off and on again: a newer frame does not restore the older one.
      put();
      expect(picture?.handOver()).toBeUndefined();
      picture?.done('sent');
      expect(inspected).toEqual([undefined]);
      expect((await gate.picture(request))?.handOver()).toBeDefined();
    },
  );

  test(`a picture for ${purpose} is not made of a frame that is withdrawn during the encoding`, async () => {
    const { gate, put } = gateWithFrame();
    const picture = gate.picture(request);
    gate.revoke('all');
    put();
    expect(await picture).toBeUndefined();
  });

  test(`a picture for ${purpose} has the luma of its own frame, until it is done`, async () => {
    const { gate, put } = gateWithFrame();
    const [own, newer] = [plain(20), plain(200)];
    put(own);
    const taking = gate.picture(request);
    put(newer);
    const picture = await taking;
    expect(gate.luma(SOURCE, 2, 2)).toBe(newer);
    expect(picture?.luma(2, 2)).toBe(own);
    picture?.done('sent');
    expect(picture?.luma(2, 2)).toBeUndefined();
  });

  test(`a frame is kept for a closer look once its picture for ${purpose} was sent`, async () => {
    const { gate } = gateWithFrame();
    gate.keepShown();
    const kept = () => gate.shownFrame({}, {});
    const refused = await gate.picture(request);
    refused?.handOver();
    refused?.done({ skipped: 'tool-pending' });
    expect(await kept()).toBeUndefined();
    (await gate.picture(request))?.done('sent');
    expect(await kept()).toMatchObject({ id: 1 });
  });

  test(`a picture for ${purpose} is not returned to a session that may no longer show it`, async () => {
    const { gate, hide } = gateWithFrame();
    const picture = await gate.picture(request);
    hide();
    expect(picture?.handOver()).toBeUndefined();
  });
});

test.each<[string, FrameProcessing | undefined]>([
  ['without processors', undefined],
  [
    'behind processors',
    { isActive: true, intervalMs: 0, process: async (frame) => ({ frame, area: WHOLE }) },
  ],
])(
  'an application that paints on its frame changes no picture of a model (%s)',
  async (_, processing) => {
    const { gate } = gateWithFrame(processing);
    const seen = await gate.frame(SOURCE);
    seen?.frame.data.fill(0);
    const picture = await gate.picture({ sourceId: SOURCE, purpose: 'turn', image: {} });
    const shown = picture?.handOver();
    if (!seen || !shown) throw new Error('there is no picture');
    expect(await greyLevel(shown)).toBe(5);
    picture?.done('sent');
  },
);

test('the luma of a frame that may not be shown is not readable', () => {
  const { gate, put, hide } = gateWithFrame();
  put(plain(20));
  expect(gate.luma(SOURCE, 2, 2)).toBeDefined();
  hide();
  expect(gate.luma(SOURCE, 2, 2)).toBeUndefined();
});

test('a frame of the application that is withdrawn during its encoding is not encoded', async () => {
  const { gate } = gateWithFrame();
  const frame = await gate.frame(SOURCE);
  const encoding = frame?.encode();
  gate.revoke('all');
  await expect(encoding).rejects.toThrow('taken away');
});

test('the first frame of several sources ends the wait for the others', async () => {
  const { gate, put } = gateWithFrame();
  let waits = 0;
  const onFrame = NewestFrameSlot.prototype.onFrame;
  const counted = vi.spyOn(NewestFrameSlot.prototype, 'onFrame').mockImplementation(function (
    this: NewestFrameSlot,
    listener,
  ) {
    const stop = onFrame.call(this, listener);
    waits += 1;
    return () => {
      waits -= 1;
      stop();
    };
  });
  const first = gate.next([SOURCE, 'screen'], new AbortController().signal);
  expect(waits).toBe(2);
  put();
  await first;
  expect(waits).toBe(0);
  counted.mockRestore();
});

test('a gate is closed only after its work on a picture', async () => {
  let finish = () => {};
  const { gate } = gateWithFrame({
    ...{ isActive: true, intervalMs: 0 },
    process: (frame) =>
      new Promise((resolve) => {
        finish = () => resolve({ frame, area: WHOLE });
      }),
  });
  const picture = gate.picture({ sourceId: SOURCE, purpose: 'turn', image: {} });
  await new Promise(setImmediate);
  let isClosed = false;
  const closing = gate.close().then(() => {
    isClosed = true;
  });
  await new Promise(setImmediate);
  expect(isClosed).toBe(false);
  finish();
  await closing;
  await picture;
});

test('after a change of the processors, the frame of a still screen passes the new ones', async () => {
  let level = 3;
  const process: FrameProcessing['process'] = async () => ({
    frame: greyFrame(level),
    area: WHOLE,
  });
  const { gate } = gateWithFrame({ ...{ isActive: true, intervalMs: 0 }, process });
  const shown = async () => {
    const frame = await gate.frame(SOURCE);
    return frame && greyLevel(frame.frame);
  };
  expect(await shown()).toBe(3);
  level = 7;
  gate.processAgain();
  expect(await shown()).toBe(7);
});

test('a picture and a look that a change of the processors overtakes pass the new ones', async () => {
  const waiting: (() => void)[] = [];
  let level = 3;
  const process: FrameProcessing['process'] = async () => {
    const frame = greyFrame(level);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { frame, area: WHOLE };
  };
  for (const take of [
    async (gate: FrameGate) => {
      const picture = await gate.picture({ sourceId: SOURCE, purpose: 'push', image: {} });
      return picture?.handOver()?.data;
    },
    async (gate: FrameGate) => (await gate.frame(SOURCE))?.frame,
  ]) {
    level = 3;
    const { gate } = gateWithFrame({ ...{ isActive: true, intervalMs: 0 }, process });
    const taken = take(gate);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    level = 7;
    gate.processAgain();
    waiting.pop()?.();
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.pop()?.();
    const shown = await taken;
    expect(shown && (await greyLevel(shown))).toBe(7);
    await gate.close();
  }
});
