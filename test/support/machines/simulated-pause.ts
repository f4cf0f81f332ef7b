import { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import type { IdlePauseInput } from '../../../src/machines/idle-pause.types.ts';
import { idlePauseInput } from './inputs.ts';
import { record } from './recorded.ts';

/** Time between two samples that is worth a pause, in ms. */
export const FAR_MS = 10_000;

const REQUESTS = {
  'video.pauseRequested': 'pause',
  'video.resumeRequested': 'resume',
  'video.restRequested': 'rest',
  'video.readRequested': 'read',
  'video.pauseGivenUp': 'give up',
} as const;

/** Pauses of a stream that is controlled by a test. */
export function pausing(change: Partial<IdlePauseInput> = {}) {
  const recorded = record(idlePauseMachine, { ...idlePauseInput, ...change });
  const { actor, reports } = recorded;
  return {
    ...recorded,
    value: () => actor.getSnapshot().value.video,
    context: () => actor.getSnapshot().context,
    rate: (intervalMs: number | null) => actor.send({ type: 'rate.changed', intervalMs }),
    /** A sample of the rate, on time. */
    sampled: () => {
      actor.send({ type: 'rate.tick' });
      actor.send({ type: 'sample.done' });
    },
    tick: () => actor.send({ type: 'rate.tick' }),
    done: () => actor.send({ type: 'sample.done' }),
    needed: () => actor.send({ type: 'frame.needed' }),
    frame: () => actor.send({ type: 'stream.frame' }),
    /** Frames came at this interval, in ms. */
    frames: (gapMs: number) => actor.send({ type: 'stream.frame', gapMs }),
    wokeAfter: (afterMs: number) => actor.send({ type: 'stream.frame', afterMs }),
    hold: () => actor.send({ type: 'flow.held' }),
    release: () => actor.send({ type: 'flow.released' }),
    replaced: ({ isScreen } = { isScreen: false }) =>
      actor.send({ type: 'stream.replaced', isScreen }),
    requests: () => reports.map(({ type }) => REQUESTS[type]),
  };
}

/** Video that flows. */
export function flowing(change: Partial<IdlePauseInput> = {}) {
  const video = pausing(change);
  video.frame();
  return video;
}

/** Time between two samples of a user who speaks, in ms. */
export const NEAR_MS = 1_000;

/** At rest after a sample of a user who speaks. */
export function resting() {
  const video = flowing();
  video.frames(33);
  video.rate(NEAR_MS);
  video.sampled();
  if (video.value() !== 'resting') throw new Error('it does not rest');
  return video;
}

/** Paused after a sample; the next one is far away. */
export function paused() {
  const video = flowing();
  video.rate(FAR_MS);
  video.sampled();
  if (video.value() !== 'paused') throw new Error('it is not paused');
  return video;
}
