import { FIGURES, type Held, type Sample } from '../../src/testing/measure/held.ts';
import { type Trend, trendOf } from '../../src/testing/measure/trend.ts';
import { TRACK_KINDS, type TrackKind } from './engine-cost.ts';
import type { SoakResult } from './run.ts';

/** The first third, up to a limit, is warm-up: caches fill and code is compiled. */
const WARM_UP_SHARE = 1 / 3;
const LONGEST_WARM_UP_MINUTES = 5;

interface Limit {
  /** A minute. */
  readonly slope: number;
  /** A rise that is allowed with any slope, since the slope of a short run is mostly noise. */
  readonly noise: number;
}

const MEMORY: Limit = { slope: 1, noise: 15 };
/** In its first minutes a process still grows to its normal size, in MB. */
const YOUNG_NOISE = 40;
const YOUNG_MINUTES = 5;
const COUNT: Limit = { slope: 0, noise: 3 };

const LIMITS: Readonly<Record<keyof Held, Limit>> = {
  native: MEMORY,
  heap: MEMORY,
  heapSize: MEMORY,
  buffers: MEMORY,
  descriptors: COUNT,
  listeners: COUNT,
  // Whether a pause or a retry is pending differs from rest to rest.
  timers: { slope: 0, noise: 6 },
  otherHandles: COUNT,
  nativeStreams: COUNT,
  frames: COUNT,
  actors: COUNT,
};

/** The development of one figure after the warm-up. */
export interface FigureVerdict extends Trend {
  readonly figure: keyof Held;
  readonly first: number;
  readonly last: number;
  /** It rose faster than allowed, and by more than noise. */
  readonly grows: boolean;
}

export const warmUpOf = (samples: readonly Sample[]): number =>
  Math.min(LONGEST_WARM_UP_MINUTES, (samples.at(-1)?.minutes ?? 0) * WARM_UP_SHARE);

/** A result with the memory that the RTC engine keeps without Sightline too. */
type Soaked = Pick<SoakResult, 'samples'> &
  Partial<Pick<SoakResult, 'minutes' | 'tracks' | 'engine'>>;

/** The growth of the engine by tracks of one kind, in MB a minute, by the control of the same run. */
export const engineSlope = (kind: TrackKind, { minutes = 0, tracks, engine }: Soaked): number =>
  engine && tracks && minutes > 0 ? (engine[kind].mbPerTrack * tracks[kind]) / minutes : 0;

/** Figures that the system does not provide are left out. */
export function verdict(result: Soaked): FigureVerdict[] {
  const { samples } = result;
  const engine = TRACK_KINDS.reduce((sum, kind) => sum + engineSlope(kind, result), 0);
  const warmUp = warmUpOf(samples);
  const warm = samples.filter(({ minutes }) => minutes >= warmUp);
  return FIGURES.flatMap((figure) => {
    const points = warm.map((sample) => ({ minutes: sample.minutes, value: sample[figure] }));
    const [first, last] = [points[0]?.value, points.at(-1)?.value];
    if (first === undefined || last === undefined || Number.isNaN(first)) return [];
    const trend = trendOf(points);
    const { slope: own, noise: usual } = LIMITS[figure];
    const slope = figure === 'native' ? own + engine : own;
    const isYoung = LIMITS[figure] === MEMORY && (samples.at(-1)?.minutes ?? 0) < YOUNG_MINUTES;
    const noise = isYoung ? YOUNG_NOISE : usual;
    return [{ figure, first, last, ...trend, grows: trend.slope > slope && trend.rise > noise }];
  });
}
