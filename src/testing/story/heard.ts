import { AVATAR_LIMITS } from '../../defaults.ts';
import type { Sound } from '../avatar/ears.ts';
import { STEP_MS, stairSteps } from '../avatar/stair.ts';
import type { Speech } from './record.ts';

/** Time until the agent is silent after an interruption, in ms, because sound takes a while. */
const SILENT_AFTER_MS = 1000;
/**
 * Limit until the voice speaks for an avatar that died in silence, in ms: the limit of its own start,
 * and time for the change.
 */
const BEGINS_WITHIN_MS = (AVATAR_LIMITS.playbackStartTimeoutMs.default ?? 0) + 1500;
/** Time until the end of a speech has reached the user, in ms. */
export const ON_ITS_WAY_MS = 500;

/** Length of the stalls of the process in a time, in ms. */
type Stalled = (from: number, to: number) => number;

/** What the user heard of the agent, with the disturbances of the machine. */
export interface Hearing {
  readonly steps: readonly number[];
  readonly sounds: readonly Sound[];
  /** Whether the machine lost no sound in this time, in ms since the epoch. */
  isWhole(from: number, to: number): boolean;
}

/** The speeches during which the machine lost no sound. Only these are judged. */
export function measuredSpeeches(
  speeches: readonly Speech[],
  { isWhole }: Pick<Hearing, 'isWhole'>,
): ReadonlySet<Speech> {
  return new Set(
    speeches.filter(({ at, doneAt = Number.POSITIVE_INFINITY, cutOff }) => {
      const silentAt = cutOff ? cutOff.at + SILENT_AFTER_MS : 0;
      return isWhole(at, Math.max(doneAt, silentAt) + ON_ITS_WAY_MS);
    }),
  );
}

/** The parts of the agent's speech that were not heard once, whole and in order. */
export function heardBreaks(
  speeches: readonly Speech[],
  heard: Hearing,
  stalledMs: Stalled,
): { step: number; message: string }[] {
  const measured = measuredSpeeches(speeches, heard);
  const breaks: { step: number; message: string }[] = [];
  const waysOf = (speech: Speech) =>
    measured.has(speech) ? waysToHear(speech, stalledMs) : undefined;
  if (!isExplained(heard.steps, speeches, waysOf)) {
    const said = speeches.map((speech) => {
      const end = speech.cutOff ? ` cut off by ${speech.cutOff.by}` : '';
      return `${stairSteps(speech.ms)}${end}${measured.has(speech) ? '' : ' (not measured)'}`;
    });
    const step = speeches.at(-1)?.step ?? 0;
    breaks.push({ step, message: `the user heard ${heard.steps}; said: ${said.join('; ')}` });
  }
  for (const [index, speech] of speeches.entries()) {
    if (!measured.has(speech)) continue;
    const { step, at, cutOff, isMissed } = speech;
    const from = Math.max(at, speeches[index - 1]?.doneAt ?? at);
    const begins = heard.sounds.find((sound) => sound.at > from)?.at ?? from;
    if (!cutOff && !isMissed && begins - from > BEGINS_WITHIN_MS + 2 * stalledMs(from, begins))
      breaks.push({ step, message: `it was silent for ${begins - from} ms before it was heard` });
    const next = speeches[index + 1];
    if (!cutOff || (next && next.at < cutOff.at + SILENT_AFTER_MS)) continue;
    const until = next?.at ?? Number.POSITIVE_INFINITY;
    const last = heard.sounds.findLast(({ at }) => at < until)?.at ?? 0;
    const limit = SILENT_AFTER_MS + 2 * stalledMs(cutOff.at, last);
    if (last > cutOff.at + limit)
      breaks.push({ step, message: `heard for ${last - cutOff.at} ms after ${cutOff.by}` });
  }
  return breaks;
}

/** The steps that may be heard of a speech; `undefined` if any may be heard. */
type WaysOf = (speech: Speech) => (readonly number[])[] | undefined;

/** Whether the steps are those of the speeches, in order. */
function isExplained(
  steps: readonly number[],
  speeches: readonly Speech[],
  waysOf: WaysOf,
): boolean {
  // How many of the steps the speeches so far may explain.
  let explained: ReadonlySet<number> = new Set([0]);
  for (const speech of speeches) {
    const ways = waysOf(speech);
    explained = new Set([...explained].flatMap((from) => endsOf(steps, from, ways)));
  }
  return explained.has(steps.length);
}

/** The possible ends of a speech that begins with this step. */
function endsOf(
  steps: readonly number[],
  from: number,
  ways: (readonly number[])[] | undefined,
): number[] {
  const all = [...steps.keys(), steps.length];
  if (!ways) return all.slice(from);
  return ways
    .filter((way) => way.every((step, index) => steps[from + index] === step))
    .flatMap(({ length }) => {
      // The first step of the next speech may be the same pitch as the only one of this speech.
      return length === 1 ? [from, from + 1] : [from + length];
    });
}

/**
 * The possible steps of a speech: all of them, or the beginning if it is cut off. After a stall,
 * the last sound of a lost avatar is not known exactly, so as many steps may be missing. A user who
 * leaves and comes back may hear a beginning and an end.
 */
function waysToHear(speech: Speech, stalledMs: Stalled): (readonly number[])[] {
  const { ms, at, doneAt, cutOff, isTakenOver, isMissed } = speech;
  const whole = stairSteps(ms);
  const stalled = isTakenOver ? 2 * stalledMs(at, doneAt ?? at + ms) : 0;
  const mostLost = Math.min(whole.length, Math.ceil(stalled / STEP_MS));
  const losses = Array.from({ length: mostLost }, (_, index) => index + 1);
  const ways = [
    whole,
    ...losses.flatMap((lost) => whole.map((_, from) => whole.toSpliced(from, lost))),
    ...(isMissed ? beginnings(whole).flatMap(({ length }) => withEnds(whole, length)) : []),
  ];
  return cutOff ? ways.flatMap(beginnings) : ways;
}

const beginnings = (steps: readonly number[]): (readonly number[])[] => [
  ...steps.map((_, index) => steps.slice(0, steps.length - index)),
  [],
];

/** The beginning with each end. The user may be away for less than the rest of a step. */
const withEnds = (steps: readonly number[], length: number): (readonly number[])[] =>
  [...steps.keys(), steps.length]
    .slice(Math.max(0, length - 1))
    .map((from) => [...steps.slice(0, length), ...steps.slice(from)]);
