import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import type { SampleContext, Sampler } from '../../src/sampling/sampler.ts';
import { everyFrame, fixedRate, voiceActivitySampler } from '../../src/sampling/samplers.ts';

/** A frame, of a silent user unless a test sets otherwise. */
const frame = (change: Partial<SampleContext> = {}): SampleContext => ({
  now: 1_000_000,
  source: 'camera',
  sourceId: 'linked/latest',
  width: 1280,
  height: 720,
  user: 'silent',
  agent: 'listening',
  sinceLastMs: null,
  sinceSentMs: null,
  ...change,
});

/** How many of the frames a sampler takes, at a rate over a time. */
function taken(sampler: Sampler, user: SampleContext['user'], fps: number, seconds: number) {
  const times: number[] = [];
  for (let n = 0; n < fps * seconds; n++) {
    const now = Math.round((n * 1000) / fps);
    const last = times.at(-1);
    const sinceLastMs = last === undefined ? null : now - last;
    if (sampler(frame({ now, user, sinceLastMs }))) times.push(now);
  }
  return times;
}

describe('voiceActivitySampler', () => {
  test('voiceActivitySampler takes one frame a second during speech, and one every three seconds otherwise', () => {
    const sampler = voiceActivitySampler();
    expect(sampler.intervals).toEqual({ speaking: 1000, silent: 3000 });
    expect(taken(sampler, 'speaking', 30, 10)).toHaveLength(10);
    expect(taken(sampler, 'silent', 30, 30)).toHaveLength(10);
  });

  test('voiceActivitySampler takes the first frame whether or not the user speaks', () => {
    const sampler = voiceActivitySampler();
    for (const user of ['speaking', 'silent'] as const) expect(sampler(frame({ user }))).toBe(true);
  });

  test('voiceActivitySampler takes no frame at a rate of 0', () => {
    const sampler = voiceActivitySampler({ silentFps: 0 });
    expect(sampler.intervals?.silent).toBe(Number.POSITIVE_INFINITY);
    expect(sampler(frame())).toBe(false);
    expect(sampler(frame({ sinceLastMs: 1e9 }))).toBe(false);
    expect(sampler(frame({ user: 'speaking' }))).toBe(true);
  });

  test('voiceActivitySampler never exceeds its rate', () => {
    const rate = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 5, max: 60 }), (speakingFps, silentFps, fps) => {
        const sampler = voiceActivitySampler({ speakingFps, silentFps });
        expect(taken(sampler, 'speaking', fps, 10).length).toBeLessThanOrEqual(
          10 * speakingFps + 1,
        );
        expect(taken(sampler, 'silent', fps, 10).length).toBeLessThanOrEqual(10 * silentFps + 1);
      }),
    );
  });

  test.each([
    ['speakingFps', { speakingFps: -1 }],
    ['silentFps', { silentFps: 61 }],
    ['silentFps', { silentFps: Number.NaN }],
    ['speakingFps', { speakingFps: '1' as unknown as number }],
  ])('voiceActivitySampler names %s if it is invalid: %o', (option, options) => {
    const make = () => voiceActivitySampler(options);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(new RegExp(`^${option} is .*: use a number from 0 to 60$`));
  });
});

describe('fixedRate', () => {
  test('fixedRate is the same during speech and silence', () => {
    const sampler = fixedRate(2);
    expect(sampler.intervals).toEqual({ speaking: 500, silent: 500 });
    for (const user of ['speaking', 'silent'] as const)
      expect(taken(sampler, user, 30, 10)).toHaveLength(20);
  });

  test('fixedRate names its option if it is invalid', () => {
    expect(() => fixedRate(100)).toThrow(/^fps is 100/);
  });
});

test('everyFrame takes every frame, and has no rate', () => {
  const sampler = everyFrame();
  expect(sampler.intervals).toBeUndefined();
  expect(taken(sampler, 'silent', 30, 2)).toHaveLength(60);
});
