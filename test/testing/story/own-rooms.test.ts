import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';
import { OwnRooms } from '../../../src/testing/story/own-rooms.ts';

/** The agent's room, and the names of the rooms that were left. */
function stage() {
  const left: string[] = [];
  let made = 0;
  const room = Object.assign(new EventEmitter(), {
    remoteParticipants: new Map(),
    joinAs: async (who: string) => {
      made += 1;
      const name = `${who} ${made}`;
      return { name, disconnect: async () => void left.push(name) };
    },
  });
  const rooms = new OwnRooms(room as unknown as LoopbackRoom);
  const arrive = (who: string) => {
    room.remoteParticipants.set(who, {});
    room.emit('participantConnected');
  };
  return { room, rooms, arrive, left };
}

test('a person has joined when the room of the agent knows the person', async () => {
  const { room, rooms, arrive } = stage();
  let isThere = false;
  const join = rooms.join('user').then((own) => {
    isThere = true;
    return own;
  });
  await settled();
  arrive('guest');
  await settled();
  expect(isThere).toBe(false);
  arrive('user');
  expect(rooms.of('user')).toBe(await join);
  expect(room.listenerCount('participantConnected')).toBe(0);
  expect(() => rooms.of('guest')).toThrow('guest is not in the room');
});

test('a person who joins again has the newest room, and all rooms are left at the end', async () => {
  const { rooms, arrive, left } = stage();
  arrive('user');
  await rooms.join('user');
  const again = await rooms.join('user');
  expect(rooms.of('user')).toBe(again);
  await rooms.close();
  expect(left).toEqual(['user 1', 'user 2']);
});
