import { randomInt, randomUUID } from 'node:crypto';
import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import type { LiveKitServer } from './livekit-server.ts';

/** Options of a participant that joins. */
export interface Ticket {
  url: string;
  token: string;
}

export interface JoinOptions {
  kind?: 'agent' | 'standard';
  attributes?: Record<string, string>;
  autoSubscribe?: boolean;
  /** Another URL of the server, such as that of a proxy. */
  url?: string;
}

export const uniqueRoomName = (about: string) => `${about}-${randomUUID().slice(0, 8)}`;

/**
 * Words that the offline reader reads in compressed pictures too. In every fiftieth number, it sees a
 * digit too many.
 */
const WORDS = (
  'ZEBRA FALCON OTTER QUARTZ MANGO TUNDRA VELVET COMET PLANET ANCHOR BASKET CANDLE DRAGON ' +
  'FOREST GARDEN HARBOR KETTLE LEMON MARKET NEEDLE ORANGE PEPPER'
).split(' ');
/** Of the pairs of words; so many texts differ from each other. */
const MOST_USED = 400;
const used = new Set<string>();

/** A text that an agent can only know from a picture; the last ones were different. */
export function randomText(): string {
  const text = [0, 1].map(() => WORDS[randomInt(WORDS.length)]).join(' ');
  if (used.has(text)) return randomText();
  if (used.size === MOST_USED) used.clear();
  used.add(text);
  return text;
}

export async function ticket(
  server: LiveKitServer,
  room: string,
  identity: string,
  { kind, attributes, url = server.url }: JoinOptions = {},
): Promise<Ticket> {
  const access = new AccessToken(server.apiKey, server.apiSecret, { identity, ttl: '10m' });
  access.addGrant({
    roomJoin: true,
    room,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: true,
  });
  if (kind) access.kind = kind;
  if (attributes) access.attributes = attributes;
  return { url, token: await access.toJwt() };
}

export async function joinRoom(
  server: LiveKitServer,
  name: string,
  identity: string,
  options: JoinOptions = {},
  room = new Room(),
): Promise<Room> {
  const { url, token } = await ticket(server, name, identity, options);
  await room.connect(url, token, {
    autoSubscribe: options.autoSubscribe ?? true,
    dynacast: false,
  });
  return room;
}
