import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createActor, setup } from 'xstate';
import type { SentFrame } from '../../src/actors/frame-captures.ts';
import { sampler } from '../../src/actors/sampler.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import { FrameGate } from '../../src/frames/gate.ts';
import type { LumaPicture } from '../../src/frames/luma.ts';
import type { FrameSamplingEvent } from '../../src/machines/frame-sampling.types.ts';
import { FrameBudget, type FrameBudgetOptions } from '../../src/sampling/frame-budget.ts';
import type { SampleContext, Sampler } from '../../src/sampling/sampler.ts';
import { voiceActivitySampler } from '../../src/sampling/samplers.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type User = 'speaking' | 'silent';

const SOURCE = 'linked/latest';

interface ClockedOptions {
  budget?: FrameBudgetOptions;
  user?: User;
  lastSent?: (sourceId: string) => SentFrame | undefined;
}

/** The sampler for a user who speaks or not, and the times at which samples were due. */
class Clocked {
  readonly due: number[] = [];
  /** Whether an interval had ended. */
  readonly byRate: boolean[] = [];
  readonly errors: string[] = [];
  readonly gate = new FrameGate({
    ledger: new FrameLedger(),
    mayShow: () => true,
    onEncoded: () => {},
    onSent: () => {},
  });
  readonly budget: FrameBudget;
  readonly #start = performance.now();
  readonly #logic;
  #stop = () => {};

  constructor(
    given: Sampler,
    { budget = {}, user = 'silent', lastSent = () => undefined }: ClockedOptions = {},
  ) {
    this.budget = new FrameBudget(budget);
    this.#logic = sampler({
      gate: this.gate,
      sampler: given,
      agentState: () => 'listening',
      lastSent,
      budget: this.budget,
    });
    this.turn(user);
  }

  get now(): number {
    return performance.now() - this.#start;
  }

  /** The user starts or stops speaking: a new actor, as the machine creates it. */
  turn(user: User): void {
    this.#stop();
    const parent = setup({
      types: { events: {} as FrameSamplingEvent },
      actors: { sampler: this.#logic },
      actions: {
        sample: ({ event }) => {
          this.due.push(this.now);
          this.byRate.push(event.type === 'sample.due' && event.byRate === true);
          this.budget.spend(1);
        },
        fail: ({ event }) => {
          if (event.type === 'sampler.failed') this.errors.push(event.error);
        },
      },
    }).createMachine({
      invoke: { src: 'sampler', input: { sourceId: SOURCE, user } },
      on: { 'sample.due': { actions: 'sample' }, 'sampler.failed': { actions: 'fail' } },
    });
    const actor = createActor(parent).start();
    this.#stop = () => actor.stop();
  }

  end(): void {
    this.#stop();
  }

  /** One frame, now. */
  frame(): void {
    this.gate.intake(SOURCE).put(
      {
        width: 64,
        height: 48,
        rotation: 0,
        isBlack: () => false,
        read: unread,
        release: () => {},
      },
      { trackSid: 'TR_1', identity: 'ada', source: 'screen', receivedAt: Date.now() },
    );
  }
}

const unread = () => {
  throw new Error('this frame is not read');
};

describe('a rate', () => {
  test('a rate does not drift, however late each timer is', () => {
    const onTime = globalThis.setTimeout;
    let ticks = 0;
    const late = (work: () => void, ms?: number) => onTime(work, (ms ?? 0) + (ticks++ % 9));
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(late as typeof setTimeout);
    const clocked = new Clocked(voiceActivitySampler({ silentFps: 3 }));
    vi.advanceTimersByTime(1_000_000);
    const { due } = clocked;
    expect(due.length).toBeGreaterThanOrEqual(3000);
    for (const [n, at] of due.entries()) {
      expect(at).toBeGreaterThanOrEqual((n * 1000) / 3 - 1);
      expect(at).toBeLessThanOrEqual((n * 1000) / 3 + 10);
    }
    clocked.end();
  });

  test('a sample that is due at once sets no timer with a negative delay', () => {
    const now = performance.now.bind(performance);
    let readings = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + readings++ / 100);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const clocked = new Clocked(voiceActivitySampler());
    vi.advanceTimersByTime(3100);
    clocked.end();
    const delays = timers.mock.calls.map(([, delayMs]) => delayMs);
    expect(delays).toContain(0);
    expect(delays.filter((delayMs = 0) => delayMs < 0)).toEqual([]);
  });

  test('a rate has a steady grid that begins with the first sample', () => {
    const clocked = new Clocked(voiceActivitySampler());
    vi.advanceTimersByTime(30_500);
    expect(clocked.due).toEqual([
      0, 3000, 6000, 9000, 12_000, 15_000, 18_000, 21_000, 24_000, 27_000, 30_000,
    ]);
    expect(new Set(clocked.byRate)).toEqual(new Set([true]));
    clocked.end();
  });

  test('a rate changes at once when the user starts to speak, and counts from the last sample', () => {
    const clocked = new Clocked(voiceActivitySampler());
    vi.advanceTimersByTime(1400);
    clocked.turn('speaking');
    vi.advanceTimersByTime(2500);
    clocked.turn('silent');
    vi.advanceTimersByTime(4000);
    expect(clocked.due).toEqual([0, 1400, 2400, 3400, 6400]);
    clocked.end();
  });

  test('a rate does not change with each short pause of the voice', () => {
    const clocked = new Clocked(voiceActivitySampler());
    vi.advanceTimersByTime(1000);
    for (let flicker = 0; flicker < 100; flicker++) {
      clocked.turn(flicker % 2 === 0 ? 'speaking' : 'silent');
      vi.advanceTimersByTime(10);
    }
    expect(clocked.due.length).toBeLessThanOrEqual(2 + 1000 / 100);
    clocked.end();
  });

  test('a rate of 0 takes no sample', () => {
    const clocked = new Clocked(voiceActivitySampler({ silentFps: 0 }));
    vi.advanceTimersByTime(100_000);
    expect(clocked.due).toEqual([]);
    clocked.turn('speaking');
    vi.advanceTimersByTime(1000);
    clocked.turn('silent');
    vi.advanceTimersByTime(100_000);
    expect(clocked.due).toHaveLength(2);
    clocked.end();
  });

  test('a rate leaves no timer when it ends', () => {
    const clocked = new Clocked(voiceActivitySampler());
    vi.advanceTimersByTime(10_000);
    clocked.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a sampler that is called for each frame leaves no timer when it ends', () => {
  const clocked = new Clocked(() => true);
  clocked.frame();
  vi.advanceTimersByTime(10_000);
  clocked.turn('speaking');
  clocked.end();
  expect(vi.getTimerCount()).toBe(0);
});

describe('a budget', () => {
  test('a budget slows the silent rate to what is left, and is never exceeded', () => {
    const clocked = new Clocked(voiceActivitySampler({ silentFps: 1 }), {
      budget: { framesPerMinute: 20 },
    });
    vi.advanceTimersByTime(59_999);
    expect(clocked.due).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
    clocked.turn('speaking');
    vi.advanceTimersByTime(120_000);
    expect(mostInAMinute(clocked.due)).toBe(20);
    expect(clocked.budget.use().slowed).toBeGreaterThan(0);
    clocked.end();
  });

  test('a budget is not exceeded by a user who starts to speak repeatedly', () => {
    const clocked = new Clocked(voiceActivitySampler(), { budget: { framesPerMinute: 10 } });
    for (let turn = 0; turn < 300; turn++) {
      clocked.turn(turn % 2 === 0 ? 'speaking' : 'silent');
      vi.advanceTimersByTime(700);
    }
    expect(mostInAMinute(clocked.due)).toBe(10);
    clocked.end();
  });

  test('a budget holds for a custom sampler too', () => {
    const clocked = new Clocked(() => true, { budget: { framesPerMinute: 12 }, user: 'speaking' });
    for (let frame = 0; frame < 1500; frame++) {
      clocked.frame();
      vi.advanceTimersByTime(100);
    }
    expect(mostInAMinute(clocked.due)).toBe(12);
    clocked.end();
  });
});

describe('a custom sampler', () => {
  test('a custom sampler gets every frame with its context', () => {
    const seen: SampleContext[] = [];
    const clocked = new Clocked((context) => {
      seen.push(context);
      return seen.length === 2;
    });
    for (let frame = 0; frame < 4; frame++) {
      clocked.frame();
      vi.advanceTimersByTime(100);
    }
    clocked.turn('speaking');
    clocked.frame();
    expect(clocked.due).toEqual([100]);
    expect(clocked.byRate).toEqual([false]);
    expect(seen.map(({ sinceLastMs }) => sinceLastMs)).toEqual([null, null, 100, 200, 300]);
    expect(seen.map(({ user }) => user)).toEqual([
      'silent',
      'silent',
      'silent',
      'silent',
      'speaking',
    ]);
    const [first] = seen;
    expect(first).toMatchObject({ source: 'screen', width: 64, height: 48, agent: 'listening' });
    expect((seen[1]?.now ?? 0) - (first?.now ?? 0)).toBe(100);
    clocked.end();
  });

  test('a custom sampler that throws is reported, and the default one replaces it', () => {
    const clocked = new Clocked(() => {
      throw new Error('of no use');
    });
    for (let frame = 0; frame < 65; frame++) {
      clocked.frame();
      vi.advanceTimersByTime(100);
    }
    expect(clocked.errors).toHaveLength(65);
    expect(clocked.errors[0]).toContain('of no use');
    expect(clocked.due).toEqual([0, 3000, 6000]);
    clocked.end();
  });
});

/** The maximum number of samples in any minute. */
function mostInAMinute(due: readonly number[]): number {
  return Math.max(...due.map((end) => due.filter((at) => at <= end && at > end - 60_000).length));
}

describe('a source that sends no more frames', () => {
  test('the newest frame of a source without further frames is taken when the user speaks, unless it was taken before', () => {
    const clocked = new Clocked(({ user }) => user === 'speaking');
    clocked.frame();
    vi.advanceTimersByTime(60_000);
    expect(clocked.due).toEqual([]);
    clocked.turn('speaking');
    vi.advanceTimersByTime(60_000);
    expect(clocked.due).toHaveLength(1);
    expect(clocked.due[0]).toBeLessThanOrEqual(61_000);
    clocked.end();
  });

  test('no frame of a source without further frames is taken twice', () => {
    const clocked = new Clocked(() => true);
    clocked.frame();
    vi.advanceTimersByTime(60_000);
    expect(clocked.due).toEqual([0]);
    clocked.end();
  });
});

test('a sampler that is an async function is reported, and the default sampler decides', () => {
  const clocked = new Clocked((async () => false) as unknown as Sampler);
  clocked.frame();
  expect(clocked.errors).toEqual([expect.stringContaining('the sampler returned a promise')]);
  expect(clocked.due).toEqual([0]);
  clocked.end();
});

test('a sampler gets the frame that the model has, its age, and the frame to compare with it', () => {
  const sent = { at: Date.now(), luma: pictureOf(1) };
  const lastSent = vi.fn(() => sent);
  const seen: SampleContext[] = [];
  const clocked = new Clocked(
    (context) => {
      seen.push(context);
      return false;
    },
    { lastSent },
  );
  const newest = pictureOf(2);
  const luma = vi.spyOn(clocked.gate, 'luma').mockReturnValue(newest);
  vi.advanceTimersByTime(1234);
  clocked.frame();
  expect(lastSent).toHaveBeenCalledWith(SOURCE);
  const [context] = seen;
  expect(context).toMatchObject({ sourceId: SOURCE, sinceLastMs: null, sinceSentMs: 1234 });
  expect(context?.sentLuma).toBe(sent.luma);
  expect(context?.luma?.(16, 9)).toBe(newest);
  expect(luma).toHaveBeenCalledWith(SOURCE, 16, 9);
  clocked.end();
});

test('a source that still sends frames is sampled by these only', () => {
  let calls = 0;
  const clocked = new Clocked(() => {
    calls += 1;
    return false;
  });
  for (let frame = 0; frame < 30; frame++) {
    clocked.frame();
    vi.advanceTimersByTime(100);
  }
  expect(calls).toBe(30);
  vi.advanceTimersByTime(1000);
  expect(calls).toBeGreaterThan(30);
  clocked.end();
});

test('a rate of a few frames a year does not sample at once because its timer is too long', () => {
  const clocked = new Clocked(voiceActivitySampler({ silentFps: 1e-8 }));
  vi.advanceTimersByTime(10_000);
  expect(clocked.due).toEqual([0]);
  clocked.end();
});

/** A small grey picture. */
const pictureOf = (level: number): LumaPicture => ({
  ...{ width: 1, height: 1, edges: 0 },
  means: Float32Array.of(level),
  textures: Float32Array.of(0),
});
