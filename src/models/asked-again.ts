import type { llm } from '@livekit/agents';
import type { ModelLife } from './model-life.ts';

/**
 * Repeats requests that a lost connection left unanswered on the next connection. The plugin would
 * drop such a reply, or wait for it forever. Does not request a reply that is already interrupted:
 * the plugin would cancel whatever the model answers at that moment.
 *
 * @param beforeRepeat - Shows the newest frame: the next connection has none of the earlier one's.
 */
export function askAgainAfterDrops(
  session: llm.RealtimeSession,
  life: ModelLife,
  beforeRepeat: () => Promise<void>,
): void {
  session.on('generation_created', () => life.worked());
  const generate = session.generateReply.bind(session);
  session.generateReply = async (instructions, options = {}) => {
    for (let attempt = 1; ; attempt++) {
      const isUp = await life.up(options.signal);
      if (isUp && attempt > 1) await beforeRepeat();
      // The framework aborts a reply that was interrupted before this call just after it. What
      // arrives from now on interrupts a reply that was requested.
      await microtasks();
      if (options.signal?.aborted) throw new Error('the reply was interrupted before its request');
      if (!isUp) return generate(instructions, options);
      const { drops } = life;
      const settled = new AbortController();
      const asked = generate(instructions, options);
      const outcome = asked.then(
        (created) => ({ created }),
        (error: unknown) => ({ error }),
      );
      const first = await Promise.race([outcome, life.nextDrop(drops, settled.signal)]);
      settled.abort();
      const isLost = first === true || (typeof first === 'object' && 'error' in first);
      const isDropped = life.drops > drops && !life.isOver && !options.signal?.aborted;
      if (isLost && isDropped) continue;
      return asked;
    }
  };
}

/**
 * Repeats written items too: the plugin drops what the service had not acknowledged when the
 * connection was lost, and only logs it.
 */
export function writeAgainAfterDrops(session: llm.RealtimeSession, life: ModelLife): void {
  const update = session.updateChatCtx.bind(session);
  session.updateChatCtx = async (context) => {
    for (;;) {
      // At the start, nothing waits for the first connection.
      const isUp = life.wasUp ? await life.up() : !life.isOver;
      const { drops } = life;
      const outcome = await update(context).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (isUp && life.drops > drops && !life.isOver && !hasAll(session, context)) continue;
      if (outcome) throw outcome.error;
      return;
    }
  };
}

/** Resolves when the promises that are settled now have been handled, before anything arrives. */
const microtasks = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** A connection that is lost before the write does not concern it. */
const hasAll = ({ chatCtx }: llm.RealtimeSession, { items }: llm.ChatContext): boolean =>
  items.every(({ id }) => chatCtx.getById(id) !== undefined);
