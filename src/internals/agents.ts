import { llm, type voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';

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

type AvatarOutput = typeof voice.DataStreamAudioOutput;
const PLAYBACK_REPORTS = [
  ['registerPlaybackFinishedRpc', '_playbackFinishedRpcRegistered', '_playbackFinishedHandlers'],
  ['registerPlaybackStartedRpc', '_playbackStartedRpcRegistered', '_playbackStartedHandlers'],
] as const;

/**
 * Has the avatar's reports reach this room's output. The framework listens for them in the first
 * room of a process only: an agent's next room would never hear that its avatar has played.
 *
 * @param output - Of any copy of the framework; one that is no `DataStreamAudioOutput` is left alone.
 */
export async function hearPlaybackReports(
  output: voice.AudioOutput,
  room: Room,
  avatar: string,
): Promise<void> {
  // An output that was just made registers itself some microtasks later.
  await new Promise((resolve) => setImmediate(resolve));
  const kind = output.constructor as Partial<AvatarOutput>;
  for (const [register, isRegistered, handlers] of PLAYBACK_REPORTS) {
    const table = kind[handlers];
    // Looked up by the caller's identity: one named `constructor` would find, and call, what no
    // avatar has put there.
    if (table) Object.setPrototypeOf(table, null);
    const handler = table?.[avatar];
    if (!handler || typeof kind[register] !== 'function') continue;
    kind[isRegistered] = false;
    kind[register]({ room, callerIdentity: avatar, handler });
  }
}
