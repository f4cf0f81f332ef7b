import { getEventListeners } from 'node:events';
import type { VideoFrame, VideoRotation } from '@livekit/rtc-node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import type { SourceFrame } from '../../src/frames/frame-source.ts';
import { NewestFrameSlot, type PinnedFrame } from '../../src/frames/newest-frame.ts';

const origin = {
  trackSid: 'TR_1',
  identity: 'ada',
  source: 'camera',
  receivedAt: 0,
} as const;

/** A frame that records whether its memory was released. */
class CountedFrame implements SourceFrame {
  readonly width: number;
  readonly height: number;
  readonly rotation: VideoRotation = 0;
  released = 0;

  constructor(width = 320, height = 180) {
    this.width = width;
    this.height = height;
  }

  isBlack(): boolean {
    return false;
  }

  read(): VideoFrame {
    if (this.released > 0) throw new Error('read after its release');
    return {} as VideoFrame;
  }

  release(): void {
    this.released++;
  }
}

/** A slot, and the expected state of its frames. */
class Model {
  readonly ledger = new FrameLedger();
  readonly slot = new NewestFrameSlot(this.ledger);
  readonly frames: CountedFrame[] = [];
  readonly pins: { pin: PinnedFrame; frame: CountedFrame; over: boolean }[] = [];
  newest: CountedFrame | undefined;

  get openPins() {
    return this.pins.filter(({ over }) => !over);
  }

  /** The invariants. */
  check(): void {
    const counts = this.ledger.counts();
    const skipped = Object.values(counts.skipped).reduce((sum, count) => sum + count, 0);
    const live = this.frames.filter(({ released }) => released === 0);
    const used = new Set(this.openPins.map(({ frame }) => frame));

    expect(counts.received).toBe(counts.replaced + counts.sampled + counts.held);
    expect(counts.sampled).toBe(counts.sent + skipped + counts.pending);
    for (const count of [...Object.values(counts.skipped), counts.held, counts.pending])
      expect(count).toBeGreaterThanOrEqual(0);
    expect(counts.held).toBeLessThanOrEqual(1);
    expect(counts.held + counts.pending).toBe(live.length);

    for (const { released } of this.frames) expect(released).toBeLessThanOrEqual(1);
    for (const frame of used) expect(frame.released).toBe(0);
    if (this.newest) expect(this.newest.released).toBe(0);
    // Memory has a bound: the newest frame, and those in use.
    expect(new Set(live)).toEqual(new Set(this.newest ? [this.newest, ...used] : used));
    for (const { pin } of this.openPins) expect(() => pin.read()).not.toThrow();
  }
}

type Step = (model: Model) => void;

const put: fc.Arbitrary<Step> = fc.constant((model) => {
  const frame = new CountedFrame();
  model.frames.push(frame);
  model.newest = frame;
  expect(model.slot.put(frame, origin)?.id).toBe(model.frames.length);
});

const putPlaceholder: fc.Arbitrary<Step> = fc.constant((model) => {
  const frame = new CountedFrame(8, 8);
  const { received } = model.ledger.counts();
  expect(model.slot.put(frame, origin)).toBeNull();
  expect(frame.released).toBe(1);
  expect(model.ledger.counts().received).toBe(received);
});

/** Pins the newest frame, or one by its number, which may be an old one. */
const pin: fc.Arbitrary<Step> = fc.option(fc.nat(20)).map((back) => (model) => {
  const id = back === null ? undefined : model.frames.length - back;
  const pinned = model.slot.pin(id);
  const expected = model.newest && (id === undefined || id === model.frames.length);
  expect(pinned !== undefined).toBe(Boolean(expected));
  if (pinned && model.newest) model.pins.push({ pin: pinned, frame: model.newest, over: false });
});

/** Ends a use, or repeats the end of one. */
const done: fc.Arbitrary<Step> = fc
  .tuple(fc.nat(), fc.constantFrom('sent' as const, { skipped: 'one' }, { skipped: 'two' }))
  .map(([at, fate]) => (model) => {
    const chosen = model.pins[at % Math.max(1, model.pins.length)];
    if (!chosen) return;
    chosen.pin.done(fate);
    chosen.over = true;
  });

const clear: fc.Arbitrary<Step> = fc.option(fc.nat(20)).map((back) => (model) => {
  const upTo = back === null ? undefined : model.frames.length - back;
  model.slot.clear(upTo);
  if (upTo === undefined || upTo >= model.frames.length) model.newest = undefined;
});

const step = fc.oneof(
  { weight: 5, arbitrary: put },
  { weight: 1, arbitrary: putPlaceholder },
  { weight: 4, arbitrary: pin },
  { weight: 4, arbitrary: done },
  { weight: 2, arbitrary: clear },
);

describe('the newest-frame slot under random operations', () => {
  test('the slot counts each frame once, releases each once, and keeps no more than needed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new Model();
        for (const apply of steps) {
          apply(model);
          model.check();
        }
        model.slot.clear();
        for (const { pin: pinned } of model.pins) pinned.done({ skipped: 'closed' });
        expect(model.frames.every(({ released }) => released === 1)).toBe(true);
        const { received, replaced, sampled, held, pending } = model.ledger.counts();
        expect({ held, pending }).toEqual({ held: 0, pending: 0 });
        expect(received).toBe(model.frames.length);
        expect(received).toBe(replaced + sampled);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the outcome of a frame', () => {
  const slotAndLedger = () => {
    const ledger = new FrameLedger();
    return { ledger, slot: new NewestFrameSlot(ledger) };
  };

  test('a frame counts as sent if one of its uses was', () => {
    const { ledger, slot } = slotAndLedger();
    slot.put(new CountedFrame(), origin);
    const uses = [slot.pin(), slot.pin(), slot.pin()];
    slot.clear();
    uses[0]?.done({ skipped: 'over-budget' });
    uses[1]?.done('sent');
    expect(ledger.counts()).toMatchObject({ pending: 1, sent: 0, skipped: {} });
    uses[2]?.done({ skipped: 'discarded' });
    expect(ledger.counts()).toMatchObject({ pending: 0, sent: 1, skipped: {} });
  });

  test('a frame that was not sent counts under its first reason', () => {
    const { ledger, slot } = slotAndLedger();
    slot.put(new CountedFrame(), origin);
    const uses = [slot.pin(), slot.pin()];
    uses[1]?.done({ skipped: 'discarded' });
    uses[0]?.done({ skipped: 'closed' });
    slot.clear();
    expect(ledger.counts()).toMatchObject({ sent: 0, skipped: { discarded: 1 } });
  });

  test('a use of a frame reports its outcome only once', () => {
    const { ledger, slot } = slotAndLedger();
    const frame = new CountedFrame();
    slot.put(frame, origin);
    const [one, other] = [slot.pin(), slot.pin()];
    slot.clear();
    one?.done({ skipped: 'discarded' });
    one?.done('sent');
    expect(frame.released).toBe(0);
    other?.done({ skipped: 'closed' });
    expect(ledger.counts()).toMatchObject({ sent: 0, skipped: { discarded: 1 } });
  });
});

describe('the next frame', () => {
  const slot = () => new NewestFrameSlot(new FrameLedger());

  test('the next frame is the first that comes, for all waiting callers, and no placeholder', async () => {
    const frames = slot();
    frames.put(new CountedFrame(), origin);
    const { signal } = new AbortController();
    const waiting = Promise.all([frames.next(signal), frames.next(signal)]);
    frames.put(new CountedFrame(8, 8), origin);
    frames.put(new CountedFrame(64, 48), origin);
    frames.put(new CountedFrame(), origin);
    const expected = { ...origin, id: 2, width: 64, height: 48 };
    expect(await waiting).toEqual([expected, expected]);
  });

  test('the wait for the next frame leaves no listener at its signal', async () => {
    const { signal } = new AbortController();
    const slot = new NewestFrameSlot(new FrameLedger());
    const next = slot.next(signal);
    slot.put(new CountedFrame(), origin);
    await next;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('the wait for the next frame ends with an abort', async () => {
    const frames = slot();
    const abort = new AbortController();
    const waiting = frames.next(abort.signal);
    abort.abort(new Error('too late'));
    await expect(waiting).rejects.toThrow('too late');
    await expect(frames.next(abort.signal)).rejects.toThrow('too late');
    expect(frames.put(new CountedFrame(), origin)?.id).toBe(1);
  });
});

test('a listener can remove itself while it is called', () => {
  const frames = new NewestFrameSlot(new FrameLedger());
  const seen: string[] = [];
  const stop = frames.onFrame(({ id }) => {
    seen.push(`first ${id}`);
    stop();
  });
  frames.onFrame(({ id }) => seen.push(`second ${id}`));
  frames.put(new CountedFrame(), origin);
  frames.put(new CountedFrame(), origin);
  expect(seen).toEqual(['first 1', 'second 1', 'second 2']);
});
