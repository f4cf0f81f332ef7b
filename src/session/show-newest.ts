import type { SourceId } from '../source.ts';
import type { SessionActor } from './session-actor.ts';

/** For a typed turn of a realtime model: the newest pictures go first, within the turn's budget. */
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
    const timer = setTimeout(end, budgetMs);
    const subscriptions = [
      actor.on('sample.sent', ({ sourceId }) => went(sourceId)),
      actor.on('sample.skipped', ({ sourceId, reason }) => {
        // One that was under way goes before the text as well.
        if (reason !== 'busy' && reason !== 'overtaken') went(sourceId);
      }),
    ];
    actor.send({ type: 'user.typed' });
  });
}
