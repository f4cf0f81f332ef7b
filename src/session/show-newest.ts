import type { SkipReason } from '../machines/frame-sampling.types.ts';
import type { SourceId } from '../source.ts';
import type { SessionActor } from './session-actor.ts';

/** Reasons to skip a sample that another sample follows: one in progress, or a newer frame. */
const STILL_TO_COME: ReadonlySet<SkipReason> = new Set(['busy', 'overtaken']);
/** Reasons to skip a sample that end with the next connection, which gets the newest frame. */
const NO_CONNECTION: ReadonlySet<SkipReason> = new Set(['not-connected', 'restarting']);

export interface ShowNewestDeps {
  readonly actor: SessionActor;
  readonly budgetMs: number;
  /** Whether the source has a frame that may be shown. */
  hasFrame(sourceId: SourceId): boolean;
}

/**
 * Before a typed turn of a realtime model, and before its reply to speech that the application
 * commits: sends the newest pictures, within the turn's budget.
 */
export function showNewest({ actor, budgetMs, hasFrame }: ShowNewestDeps): Promise<void> {
  const { mode, follow } = actor.getSnapshot().context;
  if (mode === 'off') return Promise.resolve();
  return new Promise((resolve) => {
    const waiting = new Set(follow.map(({ id }) => id));
    const end = () => {
      clearTimeout(timer);
      for (const subscription of subscriptions) subscription.unsubscribe();
      resolve();
    };
    const went = (sourceId: SourceId) => {
      waiting.delete(sourceId);
      if (waiting.size === 0) end();
    };
    /** Sources with a frame that found no connection: the next connection gets the next frame. */
    const unconnected = new Set<SourceId>();
    /**
     * Whether a frame goes as soon as it is there: the first frame of a stream, or the next one. A
     * live source has none if the last turn of a pipeline used its newest one.
     */
    const isExpected = (sourceId: SourceId) => {
      if (unconnected.has(sourceId)) return true;
      const status = actor.getSnapshot().context.sources[sourceId]?.streamStatus;
      return status === 'opening' || (status === 'live' && !hasFrame(sourceId));
    };
    const timer = setTimeout(end, budgetMs);
    const subscriptions = [
      actor.on('sample.sent', ({ sourceId }) => went(sourceId)),
      actor.on('sample.skipped', ({ sourceId, reason }) => {
        if (NO_CONNECTION.has(reason)) unconnected.add(sourceId);
        else if (reason === 'no-frame' ? !isExpected(sourceId) : !STILL_TO_COME.has(reason))
          went(sourceId);
      }),
    ];
    actor.send({ type: 'user.typed' });
  });
}
