import { EventEmitter, getEventListeners } from 'node:events';
import { type JobContext, runWithJobContextAsync } from '@livekit/agents';
import { expect, test } from 'vitest';
import { connectRoom } from '../../src/actors/connect-room.ts';
import type { VideoRoom } from '../../src/actors/video-room.ts';

const CONNECTION = 'connectionStateChanged';

/** A room that is not connected yet. */
const unconnected = () => Object.assign(new EventEmitter(), { isConnected: false });
const asRoom = (room: object) => room as VideoRoom;
const job = (room: object, connect: () => Promise<void>) =>
  ({ room, connect }) as unknown as JobContext;

/** A wait for the room, and whether it is over. */
async function waitFor(room: EventEmitter) {
  const closing = new AbortController();
  const waits: string[] = [];
  let isOver = false;
  const done = connectRoom(asRoom(room), closing.signal, () => waits.push('waits')).then(() => {
    isOver = true;
  });
  const settle = () => new Promise(setImmediate);
  await settle();
  return { closing, waits, done, settle, isOver: () => isOver };
}

test('a room that is connected needs no wait', async () => {
  const room = Object.assign(unconnected(), { isConnected: true });
  const { done, waits } = await waitFor(room);
  await done;
  expect(waits).toEqual([]);
  expect(room.eventNames()).toEqual([]);
});

test("the job's own room is joined through the job, and the result is awaited", async () => {
  const room = unconnected();
  let join = () => {};
  const joined = new Promise<void>((resolve) => {
    join = resolve;
  });
  await runWithJobContextAsync(
    job(room, () => joined),
    async () => {
      const { done, waits, settle, isOver } = await waitFor(room);
      expect([waits, isOver()]).toEqual([[], false]);
      join();
      await done;
      await settle();
    },
  );
});

test('a job that cannot join its room reports the reason', async () => {
  const room = unconnected();
  const connect = () => Promise.reject(new Error('wrong token'));
  const joining = runWithJobContextAsync(job(room, connect), () =>
    connectRoom(asRoom(room), AbortSignal.abort(), () => {}),
  );
  await expect(joining).rejects.toThrow('wrong token');
});

test('the application connects a room that is not the one of the job', async () => {
  const room = unconnected();
  const connect = () => Promise.reject(new Error('another room'));
  await runWithJobContextAsync(job({}, connect), async () => {
    const { closing, done, waits, settle, isOver } = await waitFor(room);
    expect(waits).toEqual(['waits']);
    room.emit(CONNECTION);
    await settle();
    expect(isOver()).toBe(false);
    room.isConnected = true;
    room.emit(CONNECTION);
    await done;
    expect(room.eventNames()).toEqual([]);
    expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
  });
});

test('a close ends the wait for the application', async () => {
  const room = unconnected();
  const { closing, done } = await waitFor(room);
  closing.abort();
  await done;
  expect(room.eventNames()).toEqual([]);
});
