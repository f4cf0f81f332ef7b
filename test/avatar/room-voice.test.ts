import { type Room, TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { RoomVoice } from '../../src/avatar/room-voice.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until } from '../../src/testing/waits.ts';

afterEach(() => vi.useRealTimers());

/** A voice in a loopback room, and the tracks of the agent that a user sees. */
async function stage() {
  const room = new LoopbackRoom({ speech: true });
  const user = await room.joinAs('user');
  const voice = new RoomVoice(room.asRoom(), 24_000, (error) => expect.fail(String(error)));
  const tracks = () =>
    [...user.remoteParticipants.values()].flatMap((one) => [...one.trackPublications.values()]);
  return { room, voice, tracks };
}

test('a voice that is opened again before its time is not closed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { room, voice } = await stage();
  const { output } = voice.open();
  const closed = vi.spyOn(voice, 'close');
  voice.closeIn(1000);
  expect(voice.open().output).toBe(output);
  vi.advanceTimersByTime(2000);
  expect(closed).not.toHaveBeenCalled();
  vi.useRealTimers();
  await voice.close();
  await room.disconnect();
});

test('a voice leaves the room at its newest time, and a close leaves no timer', async () => {
  const { room, voice, tracks } = await stage();
  const { output } = voice.open();
  await until('the voice', () => tracks().length === 1);
  expect(tracks()[0]?.source).toBe(TrackSource.SOURCE_MICROPHONE);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = vi.spyOn(voice, 'close');
  const ended = vi.spyOn(output as { close(): Promise<void> } & typeof output, 'close');
  voice.closeIn(500);
  voice.closeIn(1000);
  vi.advanceTimersByTime(999);
  expect(closed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(closed).toHaveBeenCalledOnce();
  voice.closeIn(1000);
  void voice.close();
  vi.advanceTimersByTime(1000);
  expect(closed).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
  await until('no voice', () => tracks().length === 0);
  await until('the end of its output', () => ended.mock.calls.length === 1);
  await room.disconnect();
});

test('an interruption drops what the voice has queued, and is acknowledged', async () => {
  const { room, voice } = await stage();
  const opened = voice.open();
  expect(opened).toMatchObject({ kind: 'voice', reportsStart: true, reportsEnd: true });
  const { output, clear } = opened;
  const cleared = vi.spyOn(output, 'clearBuffer');
  expect(await clear()).toBe(true);
  expect(cleared).toHaveBeenCalledOnce();
  await voice.close();
  await room.disconnect();
});

test('a voice whose track cannot be published reports that once, and closes', async () => {
  const errors: unknown[] = [];
  const refusal = new Error('no permission to publish');
  const localParticipant = {
    publishTrack: () => Promise.reject(refusal),
    unpublishTrack: () => expect.fail('there is no track'),
  };
  const room = { isConnected: true, localParticipant, on: () => {}, off: () => {} };
  const voice = new RoomVoice(room as unknown as Room, 24_000, (error) => errors.push(error));
  voice.open();
  await voice.close();
  expect(errors).toEqual([refusal]);
});

test('a voice in a room that is already left is closed without a request', async () => {
  const { room, voice, tracks } = await stage();
  const { output } = voice.open();
  await until('the voice', () => tracks().length === 1);
  const ended = vi.spyOn(output as { close(): Promise<void> } & typeof output, 'close');
  const asked = vi.spyOn(room.localParticipant, 'unpublishTrack');
  await room.disconnect();
  await voice.close();
  expect(ended).toHaveBeenCalledOnce();
  expect(asked).not.toHaveBeenCalled();
});

test('a voice that is opened again after its close publishes a new track', async () => {
  const { room, voice, tracks } = await stage();
  const first = voice.open();
  await until('the voice', () => tracks().length === 1);
  await voice.close();
  await until('no voice', () => tracks().length === 0);
  const second = voice.open();
  expect(second.output).not.toBe(first.output);
  await until('the voice again', () => tracks().length === 1);
  await voice.close();
  await room.disconnect();
});

test('a voice that is closed while its track is published to an empty room does not wait for a listener', async () => {
  // Only the room's own answers pass time: a wait with a limit would not end.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const room = new LoopbackRoom({ speech: true });
  const voice = new RoomVoice(room.asRoom(), 24_000, (error) => expect.fail(String(error)));
  voice.open();
  await voice.close();
  // The server has answered everything that was asked before.
  await room.localParticipant.setAttributes({});
  expect(room.localParticipant.trackPublications.size).toBe(0);
  vi.useRealTimers();
  await room.disconnect();
});

/** A voice whose track is published in a room that unpublishes it like this. */
async function published(unpublishTrack: () => Promise<void>) {
  const errors: unknown[] = [];
  const room = new LoopbackRoom({ speech: true });
  const voice = new RoomVoice(room.asRoom(), 24_000, (error) => errors.push(error));
  const { localParticipant } = room;
  voice.open();
  await until('the voice', () => localParticipant.trackPublications.size === 1);
  const unpublished = vi.spyOn(localParticipant, 'unpublishTrack');
  unpublished.mockImplementation(unpublishTrack);
  return { voice, errors, room };
}

test('a track that cannot be unpublished is reported, and does not fail the close', async () => {
  const refusal = new Error('the room is disconnected');
  const { voice, errors, room } = await published(() => Promise.reject(refusal));
  await voice.close();
  expect(errors).toEqual([refusal]);
  await room.disconnect();
});

test('a close waits 2 s for a room that does not unpublish the track', async () => {
  const { voice, room } = await published(() => new Promise(() => {}));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let isClosed = false;
  void voice.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(1999);
  expect(isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isClosed).toBe(true);
  vi.useRealTimers();
  await room.disconnect();
});
