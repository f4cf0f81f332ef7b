import type { SessionActor } from './session-actor.ts';

/** For a typed turn of a realtime model: the newest pictures go first, within the turn's budget. */
export function showNewest(actor: SessionActor, budgetMs: number): Promise<void> {
  const { mode, views } = actor.getSnapshot().context;
  if (mode === 'off') return Promise.resolve();
  return new Promise((resolve) => {
    const waiting = new Set(views.keys());
    const end = () => {
      clearTimeout(timer);
      for (const subscription of subscriptions) subscription.unsubscribe();
      resolve();
    };
    const went = (view: number) => {
      waiting.delete(view);
      if (waiting.size === 0) end();
    };
    const timer = setTimeout(end, budgetMs);
    const subscriptions = [
      actor.on('sample.sent', ({ view }) => went(view)),
      actor.on('sample.skipped', ({ view, reason }) => {
        // One that was under way goes before the text as well.
        if (reason !== 'busy') went(view);
      }),
    ];
    actor.send({ type: 'turn.typed' });
  });
}
