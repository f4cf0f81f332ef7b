import { EventEmitter, once } from 'node:events';
import { llm } from '@livekit/agents';

/** A tool that ends when the test says so. */
export function lateTool() {
  const events = new EventEmitter();
  return {
    /** Resolves when the model has called it. */
    called: once(events, 'called'),
    /** Its result, `done`, follows. */
    finish: () => void events.emit('finished'),
    tool: llm.tool({
      name: 'slow',
      description: 'Answers late.',
      execute: async () => {
        events.emit('called');
        await once(events, 'finished');
        return 'done';
      },
    }),
  };
}
