import { isVideoMode, MODE_ATTRIBUTE, MODE_METHOD, type VideoMode } from './control-protocol.ts';

/** What is read of an agent; livekit-client's `RemoteParticipant` has it. */
export interface ControlledAgent {
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is used of a room; livekit-client's `Room` has it. */
export interface ControllingRoom {
  readonly localParticipant: {
    performRpc(params: {
      destinationIdentity: string;
      method: string;
      payload: string;
      responseTimeout?: number;
    }): Promise<string>;
  };
}

/** How long an agent may take to answer, in ms. */
const ANSWER_LIMIT_MS = 5000;

/**
 * Whether the agent watches. It is true now: ask again when the agent's attributes change.
 *
 * @returns `undefined` where the agent has no video, or lets nobody switch it.
 */
export function videoMode(agent: ControlledAgent): VideoMode | undefined {
  const mode = agent.attributes[MODE_ATTRIBUTE];
  return isVideoMode(mode) ? mode : undefined;
}

/**
 * Switches the agent's video; done when the agent has done it.
 *
 * @returns the mode that the agent is in now.
 * @throws livekit-client's `RpcError`: code 403 where the agent serves somebody else, 1400 where it
 * lets nobody switch it.
 */
export async function setVideoMode(
  room: ControllingRoom,
  agent: ControlledAgent,
  mode: VideoMode,
): Promise<VideoMode> {
  const reply = await room.localParticipant.performRpc({
    destinationIdentity: agent.identity,
    method: MODE_METHOD,
    payload: JSON.stringify({ mode }),
    responseTimeout: ANSWER_LIMIT_MS,
  });
  const { mode: now } = JSON.parse(reply) as { mode?: unknown };
  if (!isVideoMode(now)) throw new Error(`the agent answered ${reply.slice(0, 80)}`);
  return now;
}
