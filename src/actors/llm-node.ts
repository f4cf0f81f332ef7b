import type { llm, voice } from '@livekit/agents';
import { overrideMethod } from './own-method.ts';

/** Prepares the context of a model request: changes it, or returns another one. */
export type PrepareRequest = (
  context: llm.ChatContext,
) => llm.ChatContext | Promise<llm.ChatContext>;

/**
 * Calls `prepare` before each model request of this agent, in its `llmNode`: the one place that
 * every spoken and typed turn passes exactly once, with or without preemptive generation. An
 * agent's own `llmNode` is called with the prepared context.
 *
 * @returns a function that stops it. An `llmNode` that the application set meanwhile stays.
 */
export function beforeModelRequest(agent: voice.Agent, prepare: PrepareRequest): () => void {
  return overrideMethod(
    agent,
    'llmNode',
    (llmNode) => async (context, tools, settings) =>
      llmNode.call(agent, await prepare(context), tools, settings),
  );
}
