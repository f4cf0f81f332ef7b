import type { llm } from '@livekit/agents';
import type { ModelLife } from './model-life.ts';

/**
 * What was asked of a connection that broke off is asked of the next one: a reply that the plugin
 * would give up, or wait for in vain.
 */
export function askAgainAfterDrops(session: llm.RealtimeSession, life: ModelLife): void {
  session.on('generation_created', () => life.worked());
  const generate = session.generateReply.bind(session);
  session.generateReply = async (instructions, options = {}) => {
    for (;;) {
      if (!(await life.up(options.signal))) return generate(instructions, options);
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
