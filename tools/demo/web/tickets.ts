import { randomBytes } from 'node:crypto';
import { AccessToken, RoomAgentDispatch, RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { AGENT_NAME } from './names.ts';

/** What a page needs to join: the server's address and a token. */
export interface Ticket {
  url: string;
  token: string;
}

/**
 * Time to join with a ticket, in seconds. A participant gets new tokens from the LiveKit server.
 */
const LIFETIME_S = 5 * 60;
/** A visitor, an agent, its avatar, and one that comes back before its old connection is gone. */
const MAX_PARTICIPANTS = 4;
/** How long a room stays without a visitor, in seconds. */
const EMPTY_TIMEOUT_S = 30;

/** Opens a room with a secret name, dispatches the agent, and admits one visitor. */
export async function makeTicket(server: LiveKitServer): Promise<Ticket> {
  const { url, apiKey, apiSecret } = server;
  const room = `sightline-web-${randomBytes(12).toString('hex')}`;
  // Not by the visitor's token, which would let the visitor choose the agent.
  await new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret).createRoom({
    name: room,
    agents: [new RoomAgentDispatch({ agentName: AGENT_NAME })],
    maxParticipants: MAX_PARTICIPANTS,
    emptyTimeout: EMPTY_TIMEOUT_S,
    departureTimeout: EMPTY_TIMEOUT_S,
  });
  return { url, token: await visitorToken(server, room) };
}

/**
 * The minimal rights of a visitor: one room, a microphone, a camera, a screen and text.
 */
function visitorToken({ apiKey, apiSecret }: LiveKitServer, room: string): Promise<string> {
  const access = new AccessToken(apiKey, apiSecret, {
    identity: `visitor-${randomBytes(6).toString('hex')}`,
    name: 'You',
    ttl: LIFETIME_S,
  });
  access.addGrant({
    roomJoin: true,
    room,
    canSubscribe: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE, TrackSource.CAMERA, TrackSource.SCREEN_SHARE],
    canPublishData: true,
    canUpdateOwnMetadata: false,
  });
  return access.toJwt();
}
