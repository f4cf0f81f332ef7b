import type { VideoFrame } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import { NewestFrameSlot, type PinnedFrame } from '../../src/frames/newest-frame.ts';
import { WHOLE } from '../../src/frames/picture-place.ts';
import {
  type FrameProcessing,
  ProcessedFrames,
  type ProcessedPixels,
} from '../../src/frames/processed-frames.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';

afterEach(() => vi.useRealTimers());

/** A source behind a processor that leaves each frame as it is. */
function sourceWithProcessor(processing: Partial<FrameProcessing> = {}) {
  const ledger = new FrameLedger();
  const slot = new NewestFrameSlot(ledger);
  const released: number[] = [];
  const state = { mayShow: true };
  const frames = new ProcessedFrames({
    slot,
    processing: {
      ...{ isActive: true, intervalMs: 0 },
      process: async (frame) => ({ frame, area: WHOLE }),
      ...processing,
    },
    mayShow: () => state.mayShow,
  });
  const frame: VideoFrame = greyFrame(5);
  /** A frame that was received at this time, which is also its number. */
  const put = (id: number, trackSid = 'TR_1', rotation: 0 | 1 = 0) =>
    slot.put(
      {
        ...{ width: frame.width, height: frame.height, rotation, isBlack: () => false },
        read: () => frame,
        luma: () => undefined,
        release: () => void released.push(id),
      },
      { trackSid, identity: 'ada', source: 'camera', receivedAt: id },
    );
  const pin = (): PinnedFrame => {
    const pinned = slot.pin();
    if (!pinned) throw new Error('there is no frame');
    return pinned;
  };
  return { frames, frame, ledger, state, put, pin, released, slot };
}

const settle = () => new Promise(setImmediate);

test('frames that a processor made for a listener are released, and each is counted once', async () => {
  const { frames, ledger, put, released, slot } = sourceWithProcessor();
  let onSeen: (frame: FrameRef) => void = () => {};
  const stop = frames.onFrame((frame) => onSeen(frame));
  for (const id of [1, 2, 3]) {
    const seen = new Promise((resolve) => {
      onSeen = resolve;
    });
    put(id);
    await seen;
    expect(released).toHaveLength(id - 1);
  }
  stop();
  slot.clear();
  expect(released).toEqual([1, 2, 3]);
  expect(ledger.counts()).toMatchObject({ received: 3, skipped: { unused: 3 }, pending: 0 });
});

test('a processor may change the frame that it gets: the frame of the source stays as it is', async () => {
  const { frames, frame, put, pin } = sourceWithProcessor({
    process: async (given) => {
      given.data.fill(40);
      return { frame: given, area: WHOLE };
    },
  });
  put(1);
  const pinned = pin();
  const shown = await frames.shown(pinned);
  pinned.done('sent');
  expect([shown?.frame.data[0], frame.data[0]]).toEqual([40, 116]);
});

test('without a processor, a frame is used as it arrives', async () => {
  const process = vi.fn();
  const { frames, frame, put, pin } = sourceWithProcessor({ isActive: false, process });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt));
  put(1, 'TR_1', 1);
  expect(seen).toEqual([1]);
  const pinned = pin();
  expect(await frames.shown(pinned)).toMatchObject({ ref: pinned.ref, rotation: 1, area: WHOLE });
  expect((await frames.shown(pinned))?.frame).toBe(frame);
  pinned.done('sent');
  expect(process).not.toHaveBeenCalled();
});

test('a processed frame is upright, and has the size and the area of what the processor made', async () => {
  const area = { x: 0, y: 0, width: 0.5, height: 1 };
  const given: VideoFrame[] = [];
  const { frames, frame, put, pin } = sourceWithProcessor({
    process: async (one) => {
      given.push(one);
      return { frame: one, area };
    },
  });
  put(1, 'TR_1', 1);
  const pinned = pin();
  const shown = await frames.shown(pinned);
  expect(given[0]).toMatchObject({ width: frame.height, height: frame.width });
  expect(shown).toMatchObject({
    ...{ area, rotation: 0, frame: given[0] },
    ref: { ...pinned.ref, width: frame.height, height: frame.width },
  });
  pinned.done('sent');
});

test('a frame is processed once, however often it is used, and again after a clear', async () => {
  const process = vi.fn(async (frame: VideoFrame) => ({ frame, area: WHOLE }));
  const { frames, put, pin } = sourceWithProcessor({ process });
  put(1);
  const pinned = pin();
  const [first, second] = await Promise.all([frames.shown(pinned), frames.shown(pinned)]);
  expect(first?.frame).toBe(second?.frame);
  await frames.shown(pinned);
  expect(process).toHaveBeenCalledTimes(1);
  expect(frames.luma(2, 2)).toBeDefined();
  frames.clear();
  expect(frames.luma(2, 2)).toBeUndefined();
  await frames.shown(pinned);
  expect(process).toHaveBeenCalledTimes(2);
  pinned.done('sent');
});

test('a frame that is withheld is not shown, and no listener gets it', async () => {
  const { frames, put, pin } = sourceWithProcessor({ process: async () => null });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt));
  put(1);
  await settle();
  const pinned = pin();
  expect(await frames.shown(pinned)).toBeUndefined();
  pinned.done('sent');
  expect(seen).toEqual([]);
  expect(frames.luma(2, 2)).toBeUndefined();
});

test('the last processed frame is not the luma of one whose processors fail', async () => {
  const process = vi.fn(async (frame: VideoFrame) => ({ frame, area: WHOLE }));
  const { frames, put, pin } = sourceWithProcessor({ process });
  put(1);
  const first = pin();
  await frames.shown(first);
  first.done('sent');
  expect(frames.luma(2, 2)).toBeDefined();
  process.mockRejectedValueOnce(new Error('mine'));
  put(2);
  const second = pin();
  await expect(frames.shown(second)).rejects.toThrow('mine');
  second.done({ skipped: 'unused' });
  expect(frames.luma(2, 2)).toBeUndefined();
});

test('frames are processed one after the other, and the ones in between are left out', async () => {
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const { frames, put } = sourceWithProcessor({
    process: (frame, { receivedAt }) => {
      begun.push(receivedAt);
      return new Promise<ProcessedPixels>((resolve) => {
        ends.push(() => resolve({ frame, area: WHOLE }));
      });
    },
  });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt));
  for (const id of [1, 2, 3]) {
    put(id);
    await settle();
  }
  expect(begun).toEqual([1]);
  ends[0]?.();
  await settle();
  expect([begun, seen]).toEqual([[1, 3], [1]]);
  ends[1]?.();
  await settle();
  put(4);
  await settle();
  expect([begun, seen]).toEqual([
    [1, 3, 4],
    [1, 3],
  ]);
  ends[2]?.();
  await settle();
});

test('the picture of a newer frame waits for the processors of an older one, even if they fail', async () => {
  const fails: (() => void)[] = [];
  const begun: number[] = [];
  const { frames, put, pin } = sourceWithProcessor({
    process: (frame, { receivedAt }) => {
      begun.push(receivedAt);
      if (receivedAt === 2) return Promise.resolve({ frame, area: WHOLE });
      return new Promise((_, reject) => {
        fails.push(() => reject(new Error('mine')));
      });
    },
  });
  put(1);
  const older = pin();
  const failed = frames.shown(older).catch((error: Error) => error.message);
  put(2);
  const newer = pin();
  const shown = frames.shown(newer);
  await settle();
  expect(begun).toEqual([1]);
  fails[0]?.();
  expect(await failed).toBe('mine');
  expect((await shown)?.ref).toEqual(newer.ref);
  expect(begun).toEqual([1, 2]);
  older.done({ skipped: 'unused' });
  newer.done('sent');
});

test('a listener of one frame in some time does not have the others processed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const process = vi.fn(async (frame: VideoFrame) => ({ frame, area: WHOLE }));
  const { frames, put } = sourceWithProcessor({ process });
  const seen: number[] = [];
  const stop = frames.onFrame(({ receivedAt }) => seen.push(receivedAt), 100);
  for (const id of [10, 60, 109, 110, 150, 211]) {
    put(id);
    await settle();
  }
  expect(seen).toEqual([10, 110, 211]);
  expect(process).toHaveBeenCalledTimes(3);
  stop();
  put(400);
  await settle();
  expect(process).toHaveBeenCalledTimes(3);
});

test.each([false, true])(
  'the last frame is seen even if it comes too early for its listener, with a processor: %s',
  async (isActive) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { frames, put, ledger, slot } = sourceWithProcessor({ isActive });
    const seen: number[] = [];
    const each: number[] = [];
    const stop = frames.onFrame(({ receivedAt }) => seen.push(receivedAt), 100);
    const stopEach = frames.onFrame(({ receivedAt }) => each.push(receivedAt));
    for (const id of [10, 40, 70]) {
      put(id);
      await settle();
    }
    expect(seen).toEqual([10]);
    await vi.advanceTimersByTimeAsync(100);
    await settle();
    expect(seen).toEqual([10, 70]);
    // The next one keeps the distance to the call, not to the frame.
    put(205);
    await settle();
    expect(seen).toEqual([10, 70]);
    put(215);
    await settle();
    expect(seen).toEqual([10, 70, 215]);
    expect(vi.getTimerCount()).toBe(0);
    expect(each).toEqual([10, 40, 70, 205, 215]);
    put(230);
    await settle();
    expect(vi.getTimerCount()).toBe(1);
    stop();
    stopEach();
    expect(vi.getTimerCount()).toBe(0);
    slot.clear();
    expect(ledger.counts()).toMatchObject({ received: 6, pending: 0 });
  },
);

test('a frame that comes during a processor and is the last one is seen as well', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const ends: (() => void)[] = [];
  const { frames, put } = sourceWithProcessor({
    process: (frame) =>
      new Promise<ProcessedPixels>((resolve) => {
        ends.push(() => resolve({ frame, area: WHOLE }));
      }),
  });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt), 100);
  put(10);
  await settle();
  put(20);
  ends[0]?.();
  await settle();
  expect(seen).toEqual([10]);
  await vi.advanceTimersByTimeAsync(100);
  await settle();
  ends[1]?.();
  await settle();
  expect(seen).toEqual([10, 20]);
});

test('a frame that waits for its listener is not seen if it may no longer be shown', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { frames, put, state } = sourceWithProcessor({ isActive: false });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt), 100);
  put(10);
  put(20);
  state.mayShow = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toEqual([10]);
});

test('a listener that stops leaves the others, and the last one leaves nothing', async () => {
  const { frames, put, slot } = sourceWithProcessor({ isActive: false });
  const listen = slot.onFrame.bind(slot);
  const stopped = vi.fn();
  const listens = vi.spyOn(slot, 'onFrame').mockImplementation((listener) => {
    const stop = listen(listener);
    return () => stopped(stop());
  });
  const seen: string[] = [];
  const stops = ['first', 'second'].map((name) => frames.onFrame(() => seen.push(name)));
  expect(listens).toHaveBeenCalledTimes(1);
  put(1);
  stops[0]?.();
  put(2);
  expect(stopped).not.toHaveBeenCalled();
  stops[1]?.();
  expect(stopped).toHaveBeenCalledTimes(1);
  put(3);
  expect(seen).toEqual(['first', 'second', 'second']);
  frames.onFrame(() => seen.push('third'));
  expect(listens).toHaveBeenCalledTimes(2);
  put(4);
  expect(seen.slice(3)).toEqual(['third']);
});

test('no frame is processed for a listener while the video may not be shown', async () => {
  const process = vi.fn(async (frame: VideoFrame) => ({ frame, area: WHOLE }));
  const { frames, put, state } = sourceWithProcessor({ process });
  frames.onFrame(() => {});
  state.mayShow = false;
  put(1);
  await settle();
  expect(process).not.toHaveBeenCalled();
  state.mayShow = true;
  put(2);
  await settle();
  expect(process).toHaveBeenCalledTimes(1);
});

test('a result that comes after a clear reaches no listener, and is not the luma', async () => {
  let end = () => {};
  const { frames, put } = sourceWithProcessor({
    process: (frame) =>
      new Promise((resolve) => {
        end = () => resolve({ frame, area: WHOLE });
      }),
  });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt));
  put(1);
  await settle();
  frames.clear();
  end();
  await settle();
  expect(seen).toEqual([]);
  expect(frames.luma(2, 2)).toBeUndefined();
});

test('the luma behind processors is that of the last result, for the track that is watched', async () => {
  const { frames, put, pin } = sourceWithProcessor();
  put(1);
  expect(frames.luma(2, 2)).toBeUndefined();
  const pinned = pin();
  const shown = await frames.shown(pinned);
  pinned.done('sent');
  expect(frames.luma(2, 2)).toMatchObject({ width: 2, height: 2 });
  expect(shown?.luma(2, 2)).toEqual(frames.luma(2, 2));
  put(2, 'TR_2');
  expect(frames.luma(2, 2)).toBeUndefined();
});

test('a frame whose processor fails reaches no listener, and the next one does', async () => {
  const fails = [true, false];
  const { frames, put, ledger } = sourceWithProcessor({
    process: async (frame) => {
      if (fails.shift()) throw new Error('mine');
      return { frame, area: WHOLE };
    },
  });
  const seen: number[] = [];
  frames.onFrame(({ receivedAt }) => seen.push(receivedAt));
  for (const id of [1, 2]) {
    put(id);
    await settle();
  }
  expect(seen).toEqual([2]);
  expect(ledger.counts()).toMatchObject({ received: 2, replaced: 0 });
});
