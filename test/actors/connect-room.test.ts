import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { connectRoom } from '../../src/actors/connect-room.ts';
import type { VideoRoom } from '../../src/actors/video-room.ts';

/** A room that the application connects. */
class ForeignRoom extends EventEmitter implements VideoRoom {
  isConnected = false;
  readonly remoteParticipants = new Map();
}

test('the wait for the application ends when it connects the room, and leaves no listener', async () => {
  const room = new ForeignRoom();
  let waits = 0;
  const connected = connectRoom(room, new AbortController().signal, () => {
    waits += 1;
  });
  expect(waits).toBe(1);
  expect(room.eventNames()).toHaveLength(1);
  // A state that is not a connection yet.
  room.emit('connectionStateChanged');
  expect(room.eventNames()).toHaveLength(1);
  room.isConnected = true;
  room.emit('connectionStateChanged');
  await connected;
  expect(room.eventNames()).toEqual([]);
});

test('the wait for the application ends when the session closes, and leaves no listener', async () => {
  const room = new ForeignRoom();
  const over = new AbortController();
  const connected = connectRoom(room, over.signal, () => {});
  over.abort();
  await connected;
  expect(room.eventNames()).toEqual([]);
});
