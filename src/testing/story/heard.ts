import type { Sound } from '../avatar/ears.ts';
import { stairSteps } from '../avatar/stair.ts';
import type { Speech } from './record.ts';

/** After an interruption the agent is silent within this time, in ms: sound is on its way. */
const SILENT_AFTER_MS = 1000;

/** What of the agent's speech was not heard once, whole and in order. */
export function heardBreaks(
  speeches: readonly Speech[],
  heard: { steps: readonly number[]; sounds: readonly Sound[] },
  stalledMs: (from: number, to: number) => number,
): { step: number; message: string }[] {
  const breaks: { step: number; message: string }[] = [];
  if (!isExplained(heard.steps, speeches)) {
    const said = speeches.map(
      ({ ms, cutOff }) => `${stairSteps(ms)}${cutOff ? ` cut off by ${cutOff.by}` : ''}`,
    );
    const step = speeches.at(-1)?.step ?? 0;
    breaks.push({ step, message: `the user heard ${heard.steps}; said: ${said.join('; ')}` });
  }
  for (const [index, { step, cutOff }] of speeches.entries()) {
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

/** Whether the steps are those of the speeches; of one that is cut off, those of its beginning. */
function isExplained(steps: readonly number[], speeches: readonly Speech[]): boolean {
  const [speech, ...rest] = speeches;
  if (!speech) return steps.length === 0;
  const whole = stairSteps(speech.ms);
  const fewest = speech.cutOff ? 0 : whole.length;
  for (let length = whole.length; length >= fewest; length--) {
    if (!whole.slice(0, length).every((step, index) => steps[index] === step)) continue;
    if (isExplained(steps.slice(length), rest)) return true;
    // The first step of the next speech sounds as the only one of this speech.
    if (length === 1 && isExplained(steps, rest)) return true;
  }
  return false;
}
