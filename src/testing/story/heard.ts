import { AVATAR_LIMITS } from '../../defaults.ts';
import type { Sound } from '../avatar/ears.ts';
import { stairSteps } from '../avatar/stair.ts';
import type { Speech } from './record.ts';

/** Time until the agent is silent after an interruption, in ms, because sound takes a while. */
const SILENT_AFTER_MS = 1000;
/**
 * Limit until the voice speaks for an avatar that died in silence, in ms: the limit of its own start,
 * and time for the change.
 */
const BEGINS_WITHIN_MS = (AVATAR_LIMITS.playbackStartTimeoutMs.default ?? 0) + 1500;
/** Length of a pitch of a stair, in ms. */
const STEP_MS = 200;

type Stalled = (from: number, to: number) => number;

/** The parts of the agent's speech that were not heard once, whole and in order. */
export function heardBreaks(
  speeches: readonly Speech[],
  heard: { steps: readonly number[]; sounds: readonly Sound[] },
  stalledMs: Stalled,
): { step: number; message: string }[] {
  const breaks: { step: number; message: string }[] = [];
  if (!isExplained(heard.steps, speeches, stalledMs)) {
    const said = speeches.map(
      ({ ms, cutOff }) => `${stairSteps(ms)}${cutOff ? ` cut off by ${cutOff.by}` : ''}`,
    );
    const step = speeches.at(-1)?.step ?? 0;
    breaks.push({ step, message: `the user heard ${heard.steps}; said: ${said.join('; ')}` });
  }
  for (const [index, { step, at, cutOff }] of speeches.entries()) {
    const from = Math.max(at, speeches[index - 1]?.doneAt ?? at);
    const begins = heard.sounds.find((sound) => sound.at > from)?.at ?? from;
    if (!cutOff && begins - from > BEGINS_WITHIN_MS + 2 * stalledMs(from, begins))
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

/** Whether the steps are those of the speeches, in order. */
function isExplained(
  steps: readonly number[],
  speeches: readonly Speech[],
  stalledMs: Stalled,
): boolean {
  const [speech, ...rest] = speeches;
  if (!speech) return steps.length === 0;
  return waysToHear(speech, stalledMs).some((way) => {
    if (!way.every((step, index) => steps[index] === step)) return false;
    if (isExplained(steps.slice(way.length), rest, stalledMs)) return true;
    // The first step of the next speech may be the same pitch as the only one of this speech.
    return way.length === 1 && isExplained(steps, rest, stalledMs);
  });
}

/**
 * The possible steps of a speech: all of them, or the beginning if it is cut off. After a stall,
 * the last sound of a lost avatar is not known exactly, so as many steps may be missing.
 */
function waysToHear(speech: Speech, stalledMs: Stalled): (readonly number[])[] {
  const { ms, at, doneAt, cutOff, isTakenOver } = speech;
  const whole = stairSteps(ms);
  const stalled = isTakenOver ? 2 * stalledMs(at, doneAt ?? at + ms) : 0;
  const mostLost = Math.min(whole.length, Math.ceil(stalled / STEP_MS));
  const losses = Array.from({ length: mostLost }, (_, index) => index + 1);
  const ways = [
    whole,
    ...losses.flatMap((lost) => whole.map((_, from) => whole.toSpliced(from, lost))),
  ];
  return cutOff ? ways.flatMap(beginnings) : ways;
}

const beginnings = (steps: readonly number[]): (readonly number[])[] => [
  ...steps.map((_, index) => steps.slice(0, steps.length - index)),
  [],
];
