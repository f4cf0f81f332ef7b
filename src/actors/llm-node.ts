import type { llm, voice } from '@livekit/agents';

type LlmNode = voice.Agent['llmNode'];

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
  const own = Object.hasOwn(agent, 'llmNode') ? agent.llmNode : undefined;
  const original: LlmNode =
    own ?? ((...args) => (Object.getPrototypeOf(agent) as voice.Agent).llmNode.apply(agent, args));
  const ours: LlmNode = async (context, tools, settings) =>
    original.call(agent, await prepare(context), tools, settings);
  agent.llmNode = ours;
  return () => {
    if (agent.llmNode !== ours) return;
    if (own) agent.llmNode = own;
    else Reflect.deleteProperty(agent, 'llmNode');
  };
}
