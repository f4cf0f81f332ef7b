import { llm, type voice } from '@livekit/agents';
import type { LocalTrackPublication } from '@livekit/rtc-node';

/**
 * The only file that uses internal members of `@livekit/agents`. Each use has a reason, and
 * `test/internals/agents.test.ts` fails if the installed version lacks one.
 */

/**
 * The participant that the session serves: `undefined` while it has no room input or output, `null`
 * if there is none.
 *
 * `_roomIO`: no public API returns the linked participant, or reports its change.
 */
export function linkedIdentity(session: voice.AgentSession): string | null | undefined {
  const roomIO = session._roomIO;
  if (!roomIO) return undefined;
  return roomIO.linkedParticipant?.identity ?? null;
}

/**
 * Whether the session was started and not closed yet.
 *
 * `_started` is true when the start is done, `rootSpanContext` is set when it has begun. An
 * AgentSession exposes neither, and ignores a second start.
 */
export function isStarted(session: voice.AgentSession): boolean {
  return session._started || session.rootSpanContext !== undefined;
}

/**
 * The realtime session of the active agent.
 *
 * `_activity`: `agent.getActivityOrThrow()` is public, but throws between two agents.
 */
export function currentRealtimeSession(
  session: voice.AgentSession,
): llm.RealtimeSession | undefined {
  return session._activity?.realtimeLLMSession;
}

/**
 * The active agent.
 *
 * `_activity`: `currentAgent` is the next agent from the moment at which a hand-off is requested,
 * while the previous one still gives its last answer and calls its tools.
 */
export function activeAgent(session: voice.AgentSession): voice.Agent {
  return session._activity?.agent ?? session.currentAgent;
}

/**
 * The model that answers: the first available member of a `FallbackAdapter`.
 *
 * `_status`: the adapter reports changes only as events, which may have passed.
 */
export function activeMember(model: llm.LLM): llm.LLM {
  if (!(model instanceof llm.FallbackAdapter)) return model;
  const status: typeof model._status | undefined = model._status;
  const member = status?.findIndex(({ available }) => available) ?? -1;
  return activeMember(model.llms[Math.max(0, member)] ?? model);
}

/**
 * Calls back if a model's stream fails after the framework's retries.
 *
 * `emitError`: the stream itself just ends, and the model's event `error` does not name the stream.
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

/** Settings of a framework's output to an avatar. */
export interface AvatarStreamSettings {
  destinationIdentity: string;
  /** In Hz. */
  sampleRate: number | undefined;
  waitPlaybackStart: boolean;
}

/**
 * The recipient and settings of a `voice.DataStreamAudioOutput` of any copy of the framework;
 * `undefined` for another output.
 *
 * Private fields: plugins create the output, and expose their avatar's identity nowhere else.
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
 * Private: all tracks of the framework have the same name, which cannot identify a newer one.
 */
export function publicationOf(
  output: voice.ParticipantAudioOutput,
): LocalTrackPublication | undefined {
  return (output as unknown as { publication?: LocalTrackPublication }).publication;
}
