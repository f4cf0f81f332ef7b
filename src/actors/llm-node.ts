import type { llm, voice } from '@livekit/agents';
import { overrideMethod } from './own-method.ts';

/** Prepares the context of a model request: changes it, or gives another one. */
export type PrepareRequest = (
  context: llm.ChatContext,
) => llm.ChatContext | Promise<llm.ChatContext>;

/**
 * Calls `prepare` before each model request of this agent, in its `llmNode`: the one place that
 * every spoken and typed turn passes exactly once, preemptive generation or not. An agent's own
 * `llmNode` is called with what `prepare` gave.
 *
 * @returns the way to stop it. An `llmNode` that the application set since then stays.
 */
export function beforeModelRequest(agent: voice.Agent, prepare: PrepareRequest): () => void {
  return overrideMethod(
    agent,
    'llmNode',
    (llmNode) => async (context, tools, settings) =>
      llmNode.call(agent, await prepare(context), tools, settings),
  );
}
