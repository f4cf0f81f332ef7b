import { llm, type voice } from '@livekit/agents';
import type { LocalTrackPublication } from '@livekit/rtc-node';

/**
 * The one place that touches what `@livekit/agents` marks as internal. Each use has a reason, and
 * `test/internals/agents.test.ts` fails when the installed version no longer has it.
 */

/**
 * Whom the session serves: `undefined` while it has no room input or output, `null` for nobody.
 *
 * `_roomIO`: there is no public way to learn the linked participant, nor an event for its change.
 */
export function linkedIdentity(session: voice.AgentSession): string | null | undefined {
  const roomIO = session._roomIO;
  if (!roomIO) return undefined;
  return roomIO.linkedParticipant?.identity ?? null;
}

/**
 * Whether the session was started and not closed yet.
 *
 * `_started` is true when the start is done, `rootSpanContext` is there when it has begun: an
 * AgentSession says neither to the outside, and ignores a second start.
 */
export function isStarted(session: voice.AgentSession): boolean {
  return session._started || session.rootSpanContext !== undefined;
}

/**
 * The realtime session of the agent that has the floor.
 *
 * `_activity`: `agent.getActivityOrThrow()` is public, but throws between two agents.
 */
export function currentRealtimeSession(
  session: voice.AgentSession,
): llm.RealtimeSession | undefined {
  return session._activity?.realtimeLLMSession;
}

/**
 * The agent that has the floor.
 *
 * `_activity`: `currentAgent` is the next one from the moment at which a hand-off is asked for, while
 * the one before still says its last answer, and calls its tools for it.
 */
export function activeAgent(session: voice.AgentSession): voice.Agent {
  return session._activity?.agent ?? session.currentAgent;
}

/**
 * The model that answers: of a `FallbackAdapter` the first member that is available.
 *
 * `_status`: the adapter tells of changes only by events, which are gone by then.
 */
export function activeMember(model: llm.LLM): llm.LLM {
  if (!(model instanceof llm.FallbackAdapter)) return model;
  const status: typeof model._status | undefined = model._status;
  const member = status?.findIndex(({ available }) => available) ?? -1;
  return activeMember(model.llms[Math.max(0, member)] ?? model);
}

/**
 * Calls back when a model's stream fails for good, after the framework's retries.
 *
 * `emitError`: such a stream just ends, and the model's event `error` does not say whose it is.
 */
export function onStreamFailed(stream: llm.LLMStream, onFailed: (error: Error) => void): void {
  type Failure = { error: Error; recoverable: boolean };
  const failing = stream as unknown as { emitError?(failure: Failure): void };
  const { emitError } = failing;
  if (!emitError) return;
  failing.emitError = (failure) => {
    if (!failure.recoverable) onFailed(failure.error);
    emitError.call(stream, failure);
  };
}

/** What a framework's output says of the avatar that it sends to. */
export interface AvatarStreamSettings {
  destinationIdentity: string;
  /** In Hz. */
  sampleRate: number | undefined;
  waitPlaybackStart: boolean;
}

/**
 * Whom a `voice.DataStreamAudioOutput` sends to, and how; `undefined` for an output of another kind.
 * It may be one of any copy of the framework.
 *
 * Private fields: plugins make the output, and say nowhere else by which identity their avatar joins.
 */
export function streamSettingsOf(output: voice.AudioOutput): AvatarStreamSettings | undefined {
  const fields: { [name: string]: unknown } = { ...output };
  const { destinationIdentity, waitPlaybackStart } = fields;
  const { handlePlaybackFinished } = output as { handlePlaybackFinished?: unknown };
  if (typeof destinationIdentity !== 'string' || typeof handlePlaybackFinished !== 'function')
    return undefined;
  const { sampleRate } = output;
  return { destinationIdentity, sampleRate, waitPlaybackStart: waitPlaybackStart === true };
}

/**
 * The publication of the agent's own track, once there is one.
 *
 * Private: tracks of the framework have one name, so by that a newer one cannot be told apart.
 */
export function publicationOf(
  output: voice.ParticipantAudioOutput,
): LocalTrackPublication | undefined {
  return (output as unknown as { publication?: LocalTrackPublication }).publication;
}
