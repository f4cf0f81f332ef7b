import { GeneratedVideo, type Patch } from '../../../src/testing/generated-video.ts';
import { Random } from '../../../src/testing/random.ts';
import { driftingLight } from '../watch/script.ts';

/** One frame of the script. */
export interface ScriptedFrame {
  /** In ms from the beginning. */
  readonly at: number;
  readonly source: 'camera' | 'screen';
  readonly user: 'speaking' | 'silent';
}

export interface CostScript {
  readonly frames: readonly ScriptedFrame[];
  /** Times of the changes that a viewer would notice, in ms. */
  readonly changes: readonly number[];
  readonly video: Readonly<Record<ScriptedFrame['source'], GeneratedVideo>>;
}

const FPS = 15;
/** The first half is a camera, the second a screen. */
const TOTAL_MS = 600_000;
const CHANGES = 20;
/** The user speaks for 40 % of each period, in ms. */
const SPEECH = { periodMs: 20_000, speakingMs: 8000 };

/** Ten minutes of a camera and then a screen, with 20 changes. */
export function costScript(seed = 5): CostScript {
  const random = new Random(seed);
  const half = TOTAL_MS / 2;
  const between = TOTAL_MS / CHANGES;
  const changes = Array.from({ length: CHANGES }, (_, n) =>
    Math.round(n * between + between * (0.2 + 0.6 * random.next())),
  );
  const thing = (min: number): Patch => {
    const width = min + 0.2 * random.next();
    const height = min + 0.2 * random.next();
    const [left, top] = [random.next() * (1 - width), random.next() * (1 - height)];
    return { left, top, width, height, ink: [200 + 35 * random.next(), 30] };
  };
  // Every second change of the screen is one line of text, and the others are a window.
  const line = (): Patch => ({
    ...thing(0.3),
    left: 0.1,
    width: 0.5,
    height: 0.03,
    ink: [230, 30],
  });
  const things = changes.map((at, n) => (at < half ? thing(0.15) : n % 2 ? line() : thing(0.3)));
  /** Each change stays until the next one replaces it. */
  const shown = (ms: number): Patch[] => {
    const newest = changes.findLastIndex((at) => at <= ms);
    const patch = things[newest];
    return patch ? [patch] : [];
  };
  const frames = Array.from({ length: (TOTAL_MS / 1000) * FPS }, (_, n): ScriptedFrame => {
    const at = Math.round((n * 1000) / FPS);
    const speaks = at % SPEECH.periodMs >= SPEECH.periodMs - SPEECH.speakingMs;
    return {
      at,
      source: at < half ? 'camera' : 'screen',
      user: speaks ? 'speaking' : 'silent',
    };
  });
  return {
    frames,
    changes,
    video: {
      camera: new GeneratedVideo({
        seed,
        light: driftingLight,
        patches: (ms) => [...shown(ms), fly(ms)],
      }),
      screen: new GeneratedVideo({ seed, noise: 0, patches: (ms) => [...shown(ms), cursor(ms)] }),
    },
  };
}

/** Moves all the time, and does not count as a change. */
const fly = (ms: number): Patch => ({
  left: 0.5 + 0.45 * Math.sin(ms / 2300),
  top: 0.5 + 0.45 * Math.sin(ms / 3100),
  width: 0.03,
  height: 0.05,
  ink: [230, 30],
});

/** Blinks twice a second, and does not count as a change. */
const cursor = (ms: number): Patch => ({
  left: 0.4,
  top: 0.6,
  width: 0.004,
  height: ms % 1000 < 500 ? 0.02 : 0,
  ink: [20, 20],
});
