import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { shrinkLuma } from '../../src/frames/luma.ts';
import type { SampleContext, Sampler } from '../../src/sampling/sampler.ts';
import { onChange } from '../../src/sampling/samplers.ts';
import { GeneratedVideo, type Patch } from '../../src/testing/generated-video.ts';

const SHEET: Patch = { left: 0.3, top: 0.3, width: 0.35, height: 0.4, ink: [235, 20] };
const context = {
  source: 'camera',
  sourceId: 'linked/latest',
  width: 640,
  height: 360,
  user: 'silent',
  agent: 'listening',
} as const;

interface Play {
  video: GeneratedVideo;
  seconds: number;
  change?: (at: number) => Partial<SampleContext>;
  /** Whether the sample that the sampler requested is done. */
  allowed?: (at: number) => boolean;
  onLuma?: () => void;
}

/** Times of the frames that are taken of a video at 15 frames a second. */
function taken(sampler: Sampler, { video, seconds, change, allowed, onLuma }: Play) {
  const times: number[] = [];
  for (let n = 0; n < seconds * 15; n++) {
    const now = Math.round((n * 1000) / 15);
    const last = times.at(-1);
    const luma = (columns: number, rows: number) => {
      onLuma?.();
      return shrinkLuma(video.at(now), columns, rows);
    };
    const sinceLastMs = last === undefined ? null : now - last;
    const wanted = sampler({
      ...context,
      now,
      sinceLastMs,
      sinceSentMs: sinceLastMs,
      luma,
      ...change?.(now),
    });
    if (wanted && (allowed?.(now) ?? true)) times.push(now);
  }
  return times;
}

const quiet = new GeneratedVideo();
const event = new GeneratedVideo({ patches: (ms) => (ms >= 6000 ? [SHEET] : []) });

describe('onChange', () => {
  test('onChange takes the first frame, and then rarely one while nothing changes', () => {
    expect(taken(onChange({ minFps: 0.1 }), { video: quiet, seconds: 25 })).toEqual([
      0, 10_000, 20_000,
    ]);
    expect(taken(onChange({ minFps: 0 }), { video: quiet, seconds: 10 })).toEqual([0]);
    expect(taken(onChange({ maxFps: 0, minFps: 0 }), { video: quiet, seconds: 1 })).toEqual([]);
  });

  test('onChange takes a change soon, at maxFps at most, and its result', () => {
    const times = taken(onChange({ maxFps: 2, minFps: 0 }), { video: event, seconds: 20 });
    expect(times[1]).toBeGreaterThanOrEqual(6000);
    expect(times[1]).toBeLessThanOrEqual(6700);
    expect(times.at(-1)).toBeLessThanOrEqual(8000);
    for (const [i, at] of times.slice(1).entries())
      expect(at - (times[i] ?? 0)).toBeGreaterThanOrEqual(500);
  });

  test('onChange takes a change that is too early for the rate as soon as the rate allows', () => {
    const times = taken(onChange({ maxFps: 0.1, minFps: 0 }), { video: event, seconds: 20 });
    expect(times).toEqual([0, 10_000]);
  });

  test('onChange takes a change that a budget refused as soon as the budget allows', () => {
    const allowed = (at: number) => at < 5000 || at > 12_000;
    const sampler = onChange({ maxFps: 2, minFps: 0 });
    const times = taken(sampler, { video: event, seconds: 20, allowed });
    expect(times).toHaveLength(2);
    expect(times[1]).toBeLessThanOrEqual(12_200);
  });

  test('onChange takes a change again if the model did not get it', () => {
    const sampler = onChange({ maxFps: 1, minFps: 0 });
    const lostUntil = 9000;
    let sent: number | undefined;
    const decided = taken(sampler, {
      video: event,
      seconds: 20,
      change: (now) => ({ sinceSentMs: sent === undefined ? null : now - sent }),
      allowed: (now) => {
        if (now < 6000 || now > lostUntil) sent = now;
        return true;
      },
    });
    expect(decided.some((at) => at > lostUntil)).toBe(true);
    expect(decided.at(-1)).toBeLessThan(lostUntil + 3000);
  });

  test('onChange takes the newest frame again for a new connection', () => {
    const lostAt = 5000;
    let sent = 0;
    const times = taken(onChange({ minFps: 0 }), {
      video: quiet,
      seconds: 10,
      change: (now) => ({ sinceSentMs: sent < lostAt && now >= lostAt ? null : now - sent }),
      allowed: (now) => {
        sent = now;
        return true;
      },
    });
    expect(times).toEqual([0, lostAt]);
  });

  test('onChange follows two sources at once, each separately', () => {
    const sampler = onChange({ minFps: 0 });
    const last = new Map<string, number>();
    const counts = { camera: 0, screen: 0 };
    for (let now = 0; now < 10_000; now += 100)
      for (const source of ['camera', 'screen'] as const) {
        const at = last.get(source);
        const sinceLastMs = at === undefined ? null : now - at;
        const luma = (columns: number, rows: number) => shrinkLuma(quiet.at(now), columns, rows);
        const sourceId = `linked/${source}`;
        const seen = { ...context, source, sourceId, now, sinceLastMs, luma };
        if (!sampler({ ...seen, sinceSentMs: sinceLastMs })) continue;
        last.set(source, now);
        counts[source]++;
      }
    expect(counts).toEqual({ camera: 1, screen: 1 });
  });

  test('onChange takes a frame of another source at once', () => {
    // Without noise, which a screen does not have.
    const luma = (columns: number, rows: number) => shrinkLuma(quiet.at(0), columns, rows);
    const change = (at: number) => ({ source: at < 5000 ? 'camera' : 'screen', luma }) as const;
    const times = taken(onChange({ minFps: 0 }), { video: quiet, seconds: 10, change });
    expect(times).toEqual([0, 5000]);
  });

  test('onChange compares ten times a second at any frame rate', () => {
    let looks = 0;
    taken(onChange(), { video: quiet, seconds: 10, onLuma: () => looks++ });
    expect(looks).toBeLessThanOrEqual(100);
    expect(looks).toBeGreaterThanOrEqual(70);
  });

  test('onChange is a fixed rate if luma cannot be read', () => {
    const sampler = onChange({ maxFps: 1 });
    const { luma: _, ...blind } = { ...context, luma: undefined };
    const due = [null, 500, 999, 1000, 1500].map((sinceLastMs, i) =>
      sampler({ ...blind, now: i * 10_000, sinceLastMs, sinceSentMs: sinceLastMs }),
    );
    expect(due).toEqual([true, false, false, true, true]);
    const odd = taken(onChange({ maxFps: 1 }), {
      video: quiet,
      seconds: 5,
      change: () => ({ luma: () => undefined }),
    });
    expect(odd).toEqual([0, 1000, 2000, 3000, 4000]);
  });

  test('onChange compares again after the clock was set back', () => {
    const sampler = onChange();
    let looks = 0;
    const luma = () => {
      looks++;
      return undefined;
    };
    for (const now of [100_000, 5000, 5050, 5100])
      sampler({ ...context, now, luma, sinceLastMs: 0, sinceSentMs: 0 });
    expect(looks).toBe(3);
  });

  test('onChange has no fixed interval, since it checks every frame', () => {
    expect(onChange().intervals).toBeUndefined();
  });

  test.each([{ threshold: 0 }, { maxFps: 61 }, { minFps: -1 }, { maxFps: 0.1, minFps: 1 }])(
    'onChange refuses %o',
    (options) => {
      expect(() => onChange(options)).toThrow(OptionError);
    },
  );
});
