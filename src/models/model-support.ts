import { llm, type voice } from '@livekit/agents';
import { UnsupportedModelError } from '../errors.ts';
import { activeMember } from '../internals/agents.ts';
import type { ModelKind } from '../source.ts';
import { messageOf } from '../thrown.ts';
import { assertOneFramework } from './framework-copy.ts';

/**
 * Models that refuse requests with pictures. Unlisted models are allowed, so that a new model does
 * not need a new release.
 */
const TEXT_ONLY = [
  /(^|\/)gpt-3\.5/,
  /(^|\/)gpt-4(-0314|-0613|-32k(-\d+)?|-turbo-preview|-0125-preview|-1106-preview)?$/,
  /^o1-(mini|preview)/,
  /^o3-mini/,
  /(^|\/)deepseek-(chat|reasoner|v3|r1)/i,
  /(^|[/-])llama-?v?[23]([.p][013])?([-_:]|$)(?!.*vision)/i,
  /^grok-2(-public|-1212)?$/,
  /(^|\/)mixtral/i,
  /(^|\/)gpt-oss/i,
  /(^|\/)kimi-k2-instruct/i,
];

/** How a model gets pictures, or why it gets none. */
export interface ModelSupport {
  kind: ModelKind;
  /** The reason, with a remedy; `null` if it takes pictures. */
  reason: string | null;
}

/**
 * How this agent's model gets pictures. Never throws: the conversation continues without pictures.
 */
export function modelSupport(
  session: voice.AgentSession,
  agent: voice.Agent,
  isDescribed = false,
): ModelSupport {
  try {
    return { kind: modelKind(session, agent, isDescribed), reason: null };
  } catch (error) {
    return { kind: 'none', reason: messageOf(error) };
  }
}

/**
 * The kind of the agent's model.
 * @param isDescribed - Another model describes the pictures, so a chat model may be text-only.
 * @throws UnsupportedModelError if it cannot take pictures; DuplicateFrameworkError if it or the
 * agent comes from another copy of the framework.
 */
export function modelKind(
  session: voice.AgentSession,
  agent: voice.Agent,
  isDescribed = false,
): Exclude<ModelKind, 'none'> {
  const model = agent.llm ?? session.llm;
  assertOneFramework(agent, model);
  if (!model)
    throw new UnsupportedModelError(
      'an agent without an llm',
      'pass `llm` to the AgentSession or to the agent',
    );
  // Whether its plugin takes video is known only when it creates its session.
  if (model instanceof llm.RealtimeModel) return 'realtime';
  const refusal = isDescribed ? null : pipelineRefusal(model);
  if (!refusal) return 'pipeline';
  const active = activeMember(model);
  throw new UnsupportedModelError(`${active.label()} (${active.model})`, refusal);
}

/** Why a chat model takes no pictures, with the remedy; `null` if it takes them. */
export function pipelineRefusal(model: llm.LLM): string | null {
  const active = activeMember(model);
  if (/^mistral(ai)?\b/i.test(active.label()))
    return (
      "its plugin drops pictures without an error: use Mistral's models by another plugin, such as " +
      "openai's with its baseURL"
    );
  if (TEXT_ONLY.some((pattern) => pattern.test(active.model)))
    return 'it takes text only: choose a model with image input, or set input.describe';
  return null;
}
