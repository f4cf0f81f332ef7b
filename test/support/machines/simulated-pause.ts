import { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import type { IdlePauseInput } from '../../../src/machines/idle-pause.types.ts';
import { idlePauseInput } from './inputs.ts';
import { record } from './recorded.ts';

/** Time between two samples that is worth a pause, in ms. */
export const FAR_MS = 10_000;

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
    wokeAfter: (afterMs: number) => actor.send({ type: 'stream.frame', afterMs }),
    hold: () => actor.send({ type: 'flow.held' }),
    release: () => actor.send({ type: 'flow.released' }),
    replaced: ({ isScreen } = { isScreen: false }) =>
      actor.send({ type: 'stream.replaced', isScreen }),
    /** The requests so far: `pause`, `resume`, `give up`. */
    requests: () =>
      reports.map(({ type }) => {
        if (type === 'video.pauseGivenUp') return 'give up';
        return type === 'video.pauseRequested' ? 'pause' : 'resume';
      }),
  };
}

/** Video that flows. */
export function flowing(change: Partial<IdlePauseInput> = {}) {
  const video = pausing(change);
  video.frame();
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
