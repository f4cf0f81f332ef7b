import { randomInt, randomUUID } from 'node:crypto';
import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { doneWithin } from '../time-limit.ts';
import type { ServerAccess } from './livekit-server.ts';
import '../internals/rtc-native-logs.ts';

/** Options of a participant that joins. */
export interface Ticket {
  url: string;
  token: string;
}

export interface JoinOptions {
  kind?: 'agent' | 'standard';
  attributes?: Record<string, string>;
  autoSubscribe?: boolean;
  /** It only listens and looks: the other participants do not know of it. */
  hidden?: boolean;
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
  server: ServerAccess,
  room: string,
  identity: string,
  { kind, attributes, hidden = false, url = server.url }: JoinOptions = {},
): Promise<Ticket> {
  const access = new AccessToken(server.apiKey, server.apiSecret, { identity, ttl: '10m' });
  access.addGrant({
    roomJoin: true,
    room,
    canPublish: !hidden,
    canSubscribe: true,
    canPublishData: !hidden,
    canUpdateOwnMetadata: true,
    hidden,
  });
  if (kind) access.kind = kind;
  if (attributes) access.attributes = attributes;
  return { url, token: await access.toJwt() };
}

export async function joinRoom(
  server: ServerAccess,
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

/** How long rtc-node may take to leave a room, in ms. */
const LEAVE_LIMIT_MS = 5000;

/** Leaves the room. Resolves with whether it is left: rtc-node may never leave a broken one. */
export async function leaveRoom(room: Room): Promise<boolean> {
  await doneWithin(LEAVE_LIMIT_MS, room.disconnect());
  return !room.isConnected;
}
