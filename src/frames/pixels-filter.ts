import { GROUP, ROWS_A_STEP, SAMPLES_A_STEP, WEIGHT_BITS } from './pixels-scale-kernel.ts';

/** The samples of a side that make one sample of the smaller side. */
interface Window {
  /** The first of them. */
  start: number;
  /** Their sum is 1. */
  weights: readonly number[];
}

/** What {@link ScaleKernel.blendRows} and {@link ScaleKernel.scaleRow} read. */
export interface Filter {
  starts: Int32Array;
  weights: Int16Array;
  /** Steps of the loop for one sample. */
  steps: number;
}

/** How one side of a plane is scaled. */
export interface Axis {
  /** Luma samples of the frame. */
  from: number;
  /** Pixels of the picture; not more. */
  to: number;
  /** Luma samples of the frame for one sample of this plane. */
  spacing: 1 | 2;
}

/** Filters kept: a session has few sizes, and each size has four filters. */
const KEPT = 32;
const kept = new Map<string, Filter>();

/** The weights of {@link ScaleKernel.blendRows}; its starts are rows. */
export const filterDown = (axis: Axis): Filter => filter('down', axis, ROWS_A_STEP, 1);

/** The weights of {@link ScaleKernel.scaleRow}; its starts are in bytes. */
export const filterAcross = (axis: Axis): Filter => filter('across', axis, SAMPLES_A_STEP, GROUP);

function filter(direction: string, axis: Axis, step: number, group: number): Filter {
  const { from, to, spacing } = axis;
  const key = `${direction} ${from} ${to} ${spacing}`;
  const found = kept.get(key);
  if (found) return found;
  const windows = shrinking(from, to).map((window) => withSpacing(window, spacing));
  const made = packed(windows, step, group);
  const [oldest] = kept.keys();
  if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, made);
  return made;
}

/** Catmull-Rom, as Pillow's and sharp's cubic filters. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : 0;
}

/** The smaller the picture, the more samples make one of its own, which avoids aliasing. */
function shrinking(from: number, to: number): Window[] {
  const ratio = from / to;
  return Array.from({ length: to }, (_, index) => {
    const center = (index + 0.5) * ratio - 0.5;
    const start = Math.max(0, Math.floor(center - 2 * ratio) + 1);
    const end = Math.min(from, Math.ceil(center + 2 * ratio));
    return normalized({
      start,
      weights: Array.from({ length: end - start }, (_, n) => cubic((start + n - center) / ratio)),
    });
  });
}

function normalized({ start, weights }: Window): Window {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { start, weights: weights.map((weight) => weight / total) };
}

/** A chroma sample stands for two luma samples, so it gets the weights of both. */
function withSpacing({ start, weights }: Window, spacing: 1 | 2): Window {
  if (spacing === 1) return { start, weights };
  const first = Math.floor(start / 2);
  const sums: number[] = [];
  for (const [n, weight] of weights.entries()) {
    const at = Math.floor((start + n) / 2) - first;
    sums[at] = (sums[at] ?? 0) + weight;
  }
  return { start: first, weights: sums };
}

/**
 * Whole steps of integer weights. What a step reads past a window, even past the plane, has the
 * weight 0.
 */
function packed(windows: readonly Window[], step: number, group: number): Filter {
  const longest = Math.max(...windows.map(({ weights }) => weights.length));
  const steps = Math.ceil(longest / step);
  const room = Math.ceil(windows.length / group) * group;
  const starts = new Int32Array(room);
  const weights = new Int16Array(room * steps * step);
  for (const [index, window] of windows.entries()) {
    starts[index] = group === 1 ? window.start : window.start * Int16Array.BYTES_PER_ELEMENT;
    const first = Math.floor(index / group) * group * steps * step + (index % group) * step;
    // The running sum is rounded, so that the weights add up to 1.
    let sum = 0;
    let before = 0;
    for (const [n, weight] of window.weights.entries()) {
      sum += weight * 2 ** WEIGHT_BITS;
      const rounded = Math.round(sum);
      weights[first + Math.floor(n / step) * step * group + (n % step)] = rounded - before;
      before = rounded;
    }
  }
  return { starts, weights, steps };
}
