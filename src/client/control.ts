import { isVideoMode, MODE_ATTRIBUTE, MODE_METHOD, type VideoMode } from './control-protocol.ts';

/** The properties of an agent that are used; livekit-client's `RemoteParticipant` has them. */
export interface ControlledAgent {
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The properties of a room that are used; livekit-client's `Room` has them. */
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
 * The current mode of the agent's video. Call it again when the agent's attributes change.
 *
 * @returns `undefined` if the agent has no video, or does not let pages switch it.
 */
export function videoMode(agent: ControlledAgent): VideoMode | undefined {
  const mode = agent.attributes[MODE_ATTRIBUTE];
  return isVideoMode(mode) ? mode : undefined;
}

/**
 * Switches the agent's video. Resolves when the agent has switched it.
 *
 * @returns the agent's current mode.
 * @throws livekit-client's `RpcError`: code 403 if the agent serves another participant, 1400 if it
 * does not let pages switch it.
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
