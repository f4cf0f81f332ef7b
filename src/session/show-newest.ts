import type { SkipReason } from '../machines/frame-sampling.types.ts';
import type { SourceId } from '../source.ts';
import type { SessionActor } from './session-actor.ts';

/**
 * Reasons to skip a sample that another sample follows: one in progress, a newer frame, or the next
 * connection.
 */
const STILL_TO_COME: ReadonlySet<SkipReason> = new Set([
  'busy',
  'overtaken',
  'not-connected',
  'restarting',
]);

/** Before a typed turn of a realtime model: sends the newest pictures, within the turn's budget. */
export function showNewest(actor: SessionActor, budgetMs: number): Promise<void> {
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
    /** The stream was just opened: its first frame goes as soon as it is there. */
    const isFirstToCome = (reason: SkipReason, sourceId: SourceId) =>
      reason === 'no-frame' &&
      actor.getSnapshot().context.sources[sourceId]?.streamStatus === 'opening';
    const timer = setTimeout(end, budgetMs);
    const subscriptions = [
      actor.on('sample.sent', ({ sourceId }) => went(sourceId)),
      actor.on('sample.skipped', ({ sourceId, reason }) => {
        if (!STILL_TO_COME.has(reason) && !isFirstToCome(reason, sourceId)) went(sourceId);
      }),
    ];
    actor.send({ type: 'user.typed' });
  });
}
