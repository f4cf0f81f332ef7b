import type { llm, voice } from '@livekit/agents';
import { overrideMethod } from './own-method.ts';

/**
 * Calls back after each `onUserTurnCompleted` of this agent with the user's message as the hook
 * leaves it, before the model request is made.
 *
 * @returns a function that stops it. A hook that the application set meanwhile stays.
 */
export function afterUserTurn(
  agent: voice.Agent,
  onCompleted: (message: llm.ChatMessage) => void,
): () => void {
  return overrideMethod(agent, 'onUserTurnCompleted', (hook) => async (context, message) => {
    try {
      await hook.call(agent, context, message);
    } finally {
      onCompleted(message);
    }
  });
}
