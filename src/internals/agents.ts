import type { llm, voice } from '@livekit/agents';

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
 * The realtime session of the agent that has the floor.
 *
 * `_activity`: `agent.getActivityOrThrow()` is public, but throws between two agents.
 */
export function currentRealtimeSession(
  session: voice.AgentSession,
): llm.RealtimeSession | undefined {
  return session._activity?.realtimeLLMSession;
}
