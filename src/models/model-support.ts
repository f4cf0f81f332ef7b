import { llm, type voice } from '@livekit/agents';
import { UnsupportedModelError } from '../errors.ts';
import type { ModelKind } from '../source.ts';
import { assertOneFramework } from './framework-copy.ts';

/**
 * Models that refuse a request with a picture in it. A model that is not listed is let through: a
 * new name must not need a new release.
 */
const TEXT_ONLY = [
  /^gpt-3\.5/,
  /^gpt-4(-0314|-0613|-32k)?$/,
  /^o1-(mini|preview)/,
  /^o3-mini/,
  /(^|\/)deepseek-(chat|reasoner|v3|r1)/i,
  /(^|\/)llama-?3(\.[013])?[-_](?!.*vision)/i,
  /(^|\/)mixtral/i,
  /(^|\/)gpt-oss/i,
  /(^|\/)kimi-k2-instruct/i,
];

/** How a model gets pictures, or why it takes none. */
export interface ModelSupport {
  kind: ModelKind;
  /** With the remedy; `null` if it takes pictures. */
  reason: string | null;
}

/** How the model of this agent gets pictures. Never throws: the conversation goes on without. */
export function modelSupport(session: voice.AgentSession, agent: voice.Agent): ModelSupport {
  try {
    return { kind: modelKind(session, agent), reason: null };
  } catch (error) {
    return { kind: 'none', reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * What kind of model the agent will use.
 * @throws UnsupportedModelError if it cannot take pictures; DuplicateFrameworkError if it, or the
 * agent, comes from another copy of the framework.
 */
export function modelKind(
  session: voice.AgentSession,
  agent: voice.Agent,
): Exclude<ModelKind, 'none'> {
  const model = agent.llm ?? session.llm;
  assertOneFramework(agent, model);
  if (!model)
    throw new UnsupportedModelError(
      'an agent without an llm',
      'pass `llm` to the AgentSession or to the agent',
    );
  // Whether its plugin takes video shows when it makes its session.
  if (model instanceof llm.RealtimeModel) return 'realtime';
  const name = model.model;
  if (TEXT_ONLY.some((pattern) => pattern.test(name)))
    throw new UnsupportedModelError(
      `${model.label()} (${name})`,
      'it takes text only: choose a model with image input',
    );
  return 'pipeline';
}
