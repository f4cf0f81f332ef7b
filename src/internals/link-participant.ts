import type { voice } from '@livekit/agents';

/**
 * Makes another participant of the room the linked one.
 *
 * `_roomIO`: an AgentSession has no public way to change it.
 *
 * @throws Error if the session has no room.
 */
export function linkParticipant(session: voice.AgentSession, identity: string): void {
  if (!session._roomIO) throw new Error('the agent session has no room');
  session._roomIO.setParticipant(identity);
}
