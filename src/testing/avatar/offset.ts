import { quantile, rounded } from '../measure/stats.ts';

/** A value that is valid until the next one. */
export interface Sample {
  /** In ms. */
  at: number;
  value: number;
}

export interface OffsetFigures {
  seconds: number;
  /** Number of seconds in which the two were alike enough to be compared. */
  compared: number;
  /** Offset in each of these seconds, in ms. Above 0, the picture is late. */
  offsets: number[];
  medianMs: number;
  /** 95th percentile of the absolute offset, in ms. */
  p95Ms: number;
  /** Slope of the straight line through the offsets, in ms per minute. */
  growthMsPerMinute: number;
}

const STEP_MS = 5;
const WINDOW_MS = 1000;
const WIDEST_MS = 300;

/** Seconds below this likeness are not compared: there was a pause, or nothing arrived. */
const LEAST_LIKENESS = 0.6;

/** Offset of the picture from the sound in each second: the one at which they are most alike. */
export function offsetFigures(sound: readonly Sample[], picture: readonly Sample[]): OffsetFigures {
  const from = Math.max(sound[0]?.at ?? 0, picture[0]?.at ?? 0) + WIDEST_MS;
  const to = Math.min(sound.at(-1)?.at ?? 0, picture.at(-1)?.at ?? 0) - WIDEST_MS;
  const points: { second: number; offset: number }[] = [];
  for (let at = from; at + WINDOW_MS <= to; at += WINDOW_MS) {
    const { offset, likeness } = bestOffset(sound, picture, at);
    if (likeness >= LEAST_LIKENESS) points.push({ second: (at - from) / 1000, offset });
  }
  const offsets = points.map(({ offset }) => offset);
  return {
    seconds: rounded((to - from) / 1000, 1),
    compared: offsets.length,
    offsets,
    medianMs: quantile(offsets, 0.5),
    p95Ms: quantile(offsets.map(Math.abs), 0.95),
    growthMsPerMinute: rounded(slope(points) * 60, 2),
  };
}

function bestOffset(sound: readonly Sample[], picture: readonly Sample[], from: number) {
  const heard = series(sound, from, WINDOW_MS);
  let best = { offset: 0, likeness: -1 };
  for (let offset = -WIDEST_MS; offset <= WIDEST_MS; offset += STEP_MS) {
    const likeness = correlation(heard, series(picture, from + offset, WINDOW_MS));
    if (likeness > best.likeness) best = { offset, likeness };
  }
  return best;
}

/** The values at regular intervals. */
function series(samples: readonly Sample[], from: number, lengthMs: number): number[] {
  let index = lastBefore(samples, from);
  return Array.from({ length: lengthMs / STEP_MS }, (_, step) => {
    const at = from + step * STEP_MS;
    while ((samples[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) index += 1;
    return samples[index]?.value ?? 0;
  });
}

function lastBefore(samples: readonly Sample[], at: number): number {
  let low = 0;
  let high = samples.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.at ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const meanA = sum(a) / a.length;
  const meanB = sum(b) / b.length;
  let both = 0;
  let onlyA = 0;
  let onlyB = 0;
  for (const [index, value] of a.entries()) {
    const fromA = value - meanA;
    const fromB = (b[index] ?? 0) - meanB;
    both += fromA * fromB;
    onlyA += fromA * fromA;
    onlyB += fromB * fromB;
  }
  return onlyA > 0 && onlyB > 0 ? both / Math.sqrt(onlyA * onlyB) : 0;
}

function slope(points: readonly { second: number; offset: number }[]): number {
  const meanX = sum(points.map(({ second }) => second)) / points.length;
  const meanY = sum(points.map(({ offset }) => offset)) / points.length;
  const spread = sum(points.map(({ second }) => (second - meanX) ** 2));
  const shared = sum(points.map(({ second, offset }) => (second - meanX) * (offset - meanY)));
  return spread > 0 ? shared / spread : 0;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
