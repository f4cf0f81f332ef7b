import { setTimeout as wait } from 'node:timers/promises';
import { ParticipantKind, type Room, RoomEvent } from '@livekit/rtc-node';
import { AGENT } from '../../src/testing/identities.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until } from '../../src/testing/waits.ts';

/** The place of a script, with the agent in it. */
export interface Place {
  readonly agent: Room;
  join(identity: string, kind: 'agent' | 'standard'): Promise<Room>;
}

export interface Played {
  readonly place: Place;
  /** The notes of the script, in order. */
  note(line: string): void;
}

/** Plays the script in a room of a server. */
export async function onServer(server: LiveKitServer, script: Script): Promise<string[]> {
  const name = uniqueRoomName('loopback');
  const rooms: Room[] = [];
  const join = async (identity: string, kind: 'agent' | 'standard') => {
    const room = await joinRoom(server, name, identity, { kind });
    rooms.push(room);
    return room;
  };
  return await play({ agent: await join(AGENT, 'agent'), join }, rooms, script);
}

/** Plays the script in a loopback room. */
export async function onLoopback(script: Script): Promise<string[]> {
  const loopback = new LoopbackRoom({ speech: true });
  const rooms: Room[] = [loopback.asRoom()];
  const join = async (identity: string, kind: 'agent' | 'standard') => {
    const kinds = { agent: ParticipantKind.AGENT, standard: ParticipantKind.STANDARD };
    const room = (await loopback.joinAs(identity, { kind: kinds[kind] })).asRoom();
    rooms.push(room);
    return room;
  };
  return await play({ agent: loopback.asRoom(), join }, rooms, script);
}

export type Script = (played: Played) => Promise<void>;

async function play(place: Place, rooms: readonly Room[], script: Script): Promise<string[]> {
  const lines: string[] = [];
  try {
    await script({ place, note: (line) => lines.push(line) });
  } finally {
    await Promise.all(rooms.map((room) => room.disconnect()));
  }
  return lines;
}

/** Notes the events of a room that concern these participants. */
export function noteEvents({ note }: Played, room: Room, whose: string): void {
  const sids = new Map<string, string>();
  const nameOf = (sid: string | undefined, name: string | undefined) => {
    const known = sids.get(sid ?? '') ?? name ?? '';
    sids.set(sid ?? '', known);
    return known;
  };
  room.on(RoomEvent.ParticipantConnected, ({ identity }) => {
    if (identity === whose) note(`${identity} connected`);
  });
  room.on(RoomEvent.ParticipantDisconnected, ({ identity }) => {
    const isThere = room.remoteParticipants.has(identity);
    if (identity === whose) note(`${identity} disconnected${isThere ? ', and present' : ''}`);
  });
  const about =
    (what: string) =>
    (
      publication: { sid?: string; name?: string; track?: unknown },
      participant: { identity: string },
    ) => {
      if (participant.identity !== whose) return;
      const has = publication.track ? ' with track' : '';
      note(`${nameOf(publication.sid, publication.name)} ${what}${has}`);
    };
  room.on(RoomEvent.TrackPublished, about('published') as never);
  room.on(RoomEvent.TrackUnpublished, about('unpublished') as never);
  room.on(RoomEvent.TrackSubscribed, ((_: unknown, ...args: Parameters<ReturnType<typeof about>>) =>
    about('subscribed')(...args)) as never);
  room.on(RoomEvent.TrackUnsubscribed, ((
    _: unknown,
    ...args: Parameters<ReturnType<typeof about>>
  ) => about('unsubscribed')(...args)) as never);
}

/** The result in words that are the same in each run. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    return `gave ${String(await work)}`;
  } catch (error) {
    const { name, code, message } = error as { name: string; code?: number; message: string };
    return `threw ${name}${code === undefined ? '' : ` ${code}`}: ${message}`;
  }
}

/** Time in which an expected packet or event arrives, in ms. */
export const settled = (): Promise<void> => wait(700);

export const untilPresent = (room: Room, identity: string): Promise<void> =>
  until(`${identity} in the room`, () => room.remoteParticipants.has(identity));
