import { RoomEvent } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { OptionError } from '../../../src/index.ts';
import { Ears } from '../../../src/testing/avatar/ears.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [{ on: () => {} }, 'of type object'],
])('Ears refuse a value that is not a room: %j', (room, what) => {
  const make = () => new Ears(room as never);
  expect(make).toThrow(OptionError);
  expect(make).toThrow(`room is ${what}: pass the user's room, such as \`user.asRoom()\``);
});

test('Ears take the room of a user', async () => {
  const room = new LoopbackRoom({ speech: true });
  const user = await room.joinAs('user');
  await new Ears(user.asRoom()).close();
});

test('Ears that are closed leave no listener at their room', async () => {
  const room = new LoopbackRoom({ speech: true });
  const user = (await room.joinAs('user')).asRoom();
  const before = user.listenerCount(RoomEvent.TrackSubscribed);
  const ears = new Ears(user);
  expect(user.listenerCount(RoomEvent.TrackSubscribed)).toBe(before + 1);
  await ears.close();
  expect(user.listenerCount(RoomEvent.TrackSubscribed)).toBe(before);
});
