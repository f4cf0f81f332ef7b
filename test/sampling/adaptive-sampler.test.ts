import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { type LumaPicture, shrinkLuma } from '../../src/frames/luma.ts';
import { adaptiveSampler } from '../../src/sampling/adaptive-sampler.ts';
import type { SampleContext, Sampler } from '../../src/sampling/sampler.ts';
import { LIKENESS_SIZE } from '../../src/scene/likeness.ts';
import { GeneratedVideo, type Patch } from '../../src/testing/generated-video.ts';

const FPS = 10;
const SHEET: Patch = { left: 0.3, top: 0.3, width: 0.35, height: 0.4, ink: [235, 20] };

interface Play {
  video?: GeneratedVideo;
  seconds: number;
  user?: (at: number) => SampleContext['user'];
  /** Whether the model gets the frames that the sampler takes. */
  arrives?: (at: number) => boolean;
  /** Whether the model gets the frame for another reason, such as a look. */
  others?: (at: number) => boolean;
  source?: string;
}

/** Times of the frames that the sampler takes. */
function taken(
  sampler: Sampler,
  { video, seconds, user, arrives, others, source }: Play,
): number[] {
  const playing = video ?? new GeneratedVideo();
  const times: number[] = [];
  let sentAt: number | undefined;
  let sentLuma: LumaPicture | undefined;
  for (let n = 0; n < seconds * FPS; n++) {
    const now = (n * 1000) / FPS;
    const last = times.at(-1);
    const luma = (columns: number, rows: number) => shrinkLuma(playing.at(now), columns, rows);
    const isTaken = sampler({
      now,
      source: 'camera',
      sourceId: source ?? 'linked/latest',
      width: 640,
      height: 360,
      user: user?.(now) ?? 'silent',
      agent: 'listening',
      sinceLastMs: last === undefined ? null : now - last,
      sinceSentMs: sentAt === undefined ? null : now - sentAt,
      sentLuma,
      luma,
    });
    if (isTaken) times.push(now);
    if (!others?.(now) && !(isTaken && (arrives?.(now) ?? true))) continue;
    sentAt = now;
    sentLuma = luma(LIKENESS_SIZE.width, LIKENESS_SIZE.height);
  }
  return times;
}

const speaking = () => 'speaking' as const;
const changesAt = (...times: number[]) =>
  new GeneratedVideo({
    patches: (ms) => (times.filter((at) => ms >= at).length % 2 === 1 ? [SHEET] : []),
  });

describe('adaptiveSampler', () => {
  test('adaptiveSampler takes the first frame, and then one a minute while the scene stays the same', () => {
    expect(taken(adaptiveSampler(), { seconds: 130, user: speaking })).toEqual([
      0, 60_000, 120_000,
    ]);
  });

  test('adaptiveSampler takes a change once, within a second, while the user speaks', () => {
    const times = taken(adaptiveSampler(), {
      video: changesAt(4200, 9700),
      seconds: 20,
      user: speaking,
    });
    expect(times).toEqual([0, 4200, 9700]);
  });

  test('adaptiveSampler takes changes no faster than its rate', () => {
    const restless = changesAt(...Array.from({ length: 100 }, (_, i) => 1000 + i * 300));
    for (const [user, intervalMs] of [
      ['speaking', 1000],
      ['silent', 3000],
    ] as const) {
      const times = taken(adaptiveSampler(), { video: restless, seconds: 30, user: () => user });
      expect(times.length).toBeGreaterThan(5);
      for (const [i, at] of times.slice(1).entries())
        expect(at - (times[i] ?? 0)).toBeGreaterThanOrEqual(intervalMs);
    }
  });

  test('adaptiveSampler takes a change from the silence within a second of speech, at any silent rate', () => {
    const times = taken(adaptiveSampler({ silentFps: 0, speakingFps: 1 }), {
      video: changesAt(5000),
      seconds: 20,
      user: (at) => (at < 1000 || at >= 10_000 ? 'speaking' : 'silent'),
    });
    expect(times).toEqual([0, 10_000]);
  });

  test('adaptiveSampler takes a change again if the model did not get it', () => {
    const times = taken(adaptiveSampler(), {
      video: changesAt(5000),
      seconds: 20,
      user: speaking,
      arrives: (at) => at < 5000 || at > 8000,
    });
    expect(times).toEqual([0, 5000, 6000, 7000, 8000, 9000]);
  });

  test('adaptiveSampler takes the scene again if the model last got another one, such as by a look', () => {
    const times = taken(adaptiveSampler(), {
      video: changesAt(500, 600),
      seconds: 20,
      user: speaking,
      others: (at) => at === 500,
    });
    expect(times).toEqual([0, 1000]);
  });

  test('adaptiveSampler does not repeat the frame of a look', () => {
    const others = (at: number) => at === 5500;
    expect(taken(adaptiveSampler(), { seconds: 20, user: speaking, others })).toEqual([0]);
  });

  test('adaptiveSampler takes the newest frame again for a new connection', () => {
    const sampler = adaptiveSampler();
    expect(taken(sampler, { seconds: 5 })).toEqual([0]);
    expect(taken(sampler, { seconds: 5 })).toEqual([0]);
  });

  test('adaptiveSampler remembers the last frame of each source separately', () => {
    const sampler = adaptiveSampler();
    expect(taken(sampler, { seconds: 5, source: 'linked/camera' })).toEqual([0]);
    expect(taken(sampler, { seconds: 5, source: 'linked/screen' })).toEqual([0]);
  });

  test('adaptiveSampler takes frames at its rate if they have no luma', () => {
    const sampler = adaptiveSampler();
    const frame = { source: 'camera', sourceId: 'a', width: 640, height: 360 } as const;
    const at = (now: number, sinceLastMs: number | null) =>
      sampler({
        ...frame,
        now,
        user: 'speaking',
        agent: 'listening',
        sinceLastMs,
        sinceSentMs: sinceLastMs,
      });
    expect([at(0, null), at(999, 999), at(1000, 1000)]).toEqual([true, false, true]);
  });

  test.each([{ threshold: 0 }, { speakingFps: 61 }, { silentFps: -1 }, { keepAliveMs: 10 }])(
    'adaptiveSampler refuses %o',
    (options) => {
      expect(() => adaptiveSampler(options)).toThrow(OptionError);
    },
  );
});

test('adaptiveSampler takes a change after the clock was set back', () => {
  const sampler = adaptiveSampler();
  const video = changesAt(5000);
  const luma = (at: number) => (columns: number, rows: number) =>
    shrinkLuma(video.at(at), columns, rows);
  const context: SampleContext = {
    now: 100_000,
    source: 'camera',
    sourceId: 'linked/latest',
    width: 640,
    height: 360,
    user: 'speaking',
    agent: 'listening',
    sinceLastMs: null,
    sinceSentMs: null,
    luma: luma(0),
  };
  expect(sampler(context)).toBe(true);
  const sentLuma = luma(0)(LIKENESS_SIZE.width, LIKENESS_SIZE.height);
  const later = { sinceLastMs: 2000, sinceSentMs: 2000, sentLuma, luma: luma(6000) };
  expect(sampler({ ...context, ...later, now: 50_000 })).toBe(true);
});
