import { ParticipantKind, RpcError } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  DataStreamAudioReceiver,
  type DataStreamAudioReceiverOptions,
} from '../../../src/avatar/worker/data-stream-audio-receiver.ts';
import { OptionError } from '../../../src/errors.ts';
import { untilEvent } from '../../../src/testing/waits.ts';
import { bytesOf, Collector } from '../../support/avatar/collect.ts';
import { FakeRoom } from '../../support/avatar/fake-room.ts';

const AGENT = 'agent';
const A = [1, 2, 3, 4, 5];
const B = [-6, -7, -8];
const FINISHED = 'lk.playback_finished';

let room: FakeRoom;
let receiver: DataStreamAudioReceiver;
let heard: Collector;

async function receive(options: DataStreamAudioReceiverOptions = {}): Promise<void> {
  receiver = new DataStreamAudioReceiver(room.asRoom, options);
  heard = new Collector(receiver);
  await receiver.start();
}

/** Waits until the avatar has made this many calls. */
const calls = (count: number) =>
  untilEvent(`call ${count}`, room.asRoom, ['call'], () => room.calls.length >= count);

beforeEach(() => {
  room = new FakeRoom();
  room.join(AGENT);
});

afterEach(async () => {
  await receiver.aclose();
  await heard.done;
  expect(room.attached).toBe(0);
});

test('segments come in order, each with its end mark, in chunks of any size', async () => {
  await receive();
  const first = room.open(AGENT);
  const bytes = bytesOf(A);
  first.write(bytes.subarray(0, 3));
  first.write(bytes.subarray(3, 4));
  first.write(bytes.subarray(4));
  first.end();
  const second = room.open(AGENT);
  second.write(bytesOf(B));
  second.end();
  room.open(AGENT).end();
  await heard.untilSegments(3);
  expect(heard.segments).toEqual([A, B, []]);
  expect(heard.errors).toEqual([]);
});

test('a segment whose trailer is lost ends when no more chunks come', async () => {
  await receive({ idleTimeoutMs: 40 });
  const stream = room.open(AGENT);
  stream.write(bytesOf(A));
  await heard.untilSegments(1);
  expect(heard.segments).toEqual([A]);
  expect(heard.errors).toMatchObject([{ code: 'avatar-stream', reason: 'stream' }]);
  expect(stream.cancelled).toBe(true);
});

test('the next segment ends one whose trailer is lost, and no sample is lost', async () => {
  await receive({ idleTimeoutMs: 3_600_000, supersededTimeoutMs: 40 });
  const first = room.open(AGENT);
  first.write(bytesOf(A));
  const second = room.open(AGENT);
  // Late, but it belongs to the first segment.
  first.write(bytesOf(B));
  second.write(bytesOf(B));
  second.end();
  await heard.untilSegments(2);
  expect(heard.segments).toEqual([[...A, ...B], B]);
  expect(heard.errors).toHaveLength(1);
});

test('the next segment ends one of which nothing comes any more', async () => {
  await receive({ frameMs: 1, idleTimeoutMs: 3_600_000, supersededTimeoutMs: 40 });
  const samples = Array.from({ length: 16 }, (_, index) => index);
  room.open(AGENT).write(bytesOf(samples));
  await heard.until('all of its samples', () => heard.open.length === samples.length);
  room.open(AGENT).end();
  await heard.untilSegments(2);
  expect(heard.segments).toEqual([samples, []]);
  expect(heard.errors).toHaveLength(1);
});

test('a trailer that comes after the next header loses nothing and is no fault', async () => {
  await receive({ supersededTimeoutMs: 10_000 });
  const first = room.open(AGENT);
  first.write(bytesOf(A));
  const second = room.open(AGENT);
  second.end();
  first.end();
  await heard.untilSegments(2);
  expect(heard.segments).toEqual([A, []]);
  expect(heard.errors).toEqual([]);
});

test('a clear drops the queue, and counts the segments that were not heard at all', async () => {
  await receive({ frameMs: 1 });
  const playing = room.open(AGENT);
  playing.write(bytesOf(Array.from({ length: 16 }, (_, index) => index)));
  await heard.until('the first frame', () => heard.open.length === 16);
  const queued = [room.open(AGENT), room.open(AGENT)];
  for (const stream of queued) {
    stream.write(bytesOf(A));
    stream.end();
  }
  expect(await room.clear(AGENT)).toBe('ok');
  // Later chunks of it, and its trailer, are ignored.
  playing.write(bytesOf(B));
  playing.end();
  const next = room.open(AGENT);
  next.write(bytesOf(B));
  next.end();
  await heard.untilSegments(1);
  expect(heard.clears).toEqual([{ unheardSegments: 2 }]);
  expect(heard.segments).toEqual([B]);
  expect(heard.errors).toEqual([]);
});

test('a clear with nothing to clear is answered', async () => {
  await receive();
  expect(await room.clear(AGENT)).toBe('ok');
  expect(heard.clears).toEqual([{ unheardSegments: 0 }]);
});

test("only the sender's streams and calls are accepted", async () => {
  room.join('other');
  room.join('user', ParticipantKind.STANDARD);
  await receive({ senderIdentity: AGENT });
  expect(await room.clear('other')).toBe('reject');
  const stranger = room.open('other');
  await heard.until('a fault', () => heard.errors.length > 0);
  expect(heard.errors).toMatchObject([{ reason: 'stream' }]);
  expect(stranger.cancelled).toBe(true);
  expect(heard.clears).toEqual([]);
});

test('without a name the first agent is the sender, until it leaves', async () => {
  room.join('user', ParticipantKind.STANDARD);
  room.join('face', ParticipantKind.AGENT, { 'lk.publish_on_behalf': AGENT });
  room.join('other');
  await receive();
  room.open('user');
  room.open('face');
  expect(receiver.sender).toBeUndefined();
  room.open(AGENT).end();
  expect(receiver.sender).toBe(AGENT);
  expect(await room.clear('other')).toBe('reject');
  room.leave(AGENT);
  room.open('other').end();
  expect(receiver.sender).toBe('other');
  await heard.untilSegments(2);
});

test('a stream that breaks off ends its segment, and the sender can come back', async () => {
  await receive();
  const stream = room.open(AGENT);
  stream.write(bytesOf(A));
  await new Promise(setImmediate);
  stream.breakOff();
  room.leave(AGENT);
  await heard.untilSegments(1);
  expect(heard.segments).toEqual([A]);
  expect(heard.errors).toMatchObject([{ reason: 'stream' }]);
  room.join(AGENT);
  const next = room.open(AGENT);
  next.write(bytesOf(B));
  next.end();
  await heard.untilSegments(2);
  expect(heard.segments).toEqual([A, B]);
});

test.each([
  {},
  { sample_rate: 'loud', num_channels: '1' },
  { sample_rate: '16000' },
  { sample_rate: '16000', num_channels: '0' },
  { sample_rate: '-1', num_channels: '1' },
  { sample_rate: '1e9', num_channels: '1' },
])('attributes %j are a fault and an empty segment', async (attributes) => {
  await receive();
  const stream = room.open(AGENT, attributes as Record<string, string>);
  await heard.untilSegments(1);
  expect(heard.segments).toEqual([[]]);
  expect(heard.errors).toMatchObject([{ reason: 'stream' }]);
  expect(heard.errors[0]?.message).toContain('sample_rate');
  expect(stream.cancelled).toBe(true);
});

test('an incomplete sample is reported as a fault', async () => {
  await receive();
  const stream = room.open(AGENT);
  stream.write(bytesOf(A).subarray(0, 5));
  stream.end();
  await heard.untilSegments(1);
  expect(heard.segments).toEqual([[1, 2]]);
  expect(heard.errors[0]?.message).toContain('last 1 bytes');
});

test('reports are sent in order, with exactly the keys of the protocol', async () => {
  await receive({ senderIdentity: AGENT, reportTimeoutMs: 1234 });
  const { localParticipant } = room.asRoom;
  if (!localParticipant) throw new Error('there is no participant');
  const performed = vi.spyOn(localParticipant, 'performRpc');
  receiver.notifyPlaybackStarted();
  receiver.notifyPlaybackFinished({ playbackPosition: 1.25, interrupted: true });
  await calls(2);
  expect(performed.mock.calls.map(([call]) => call.responseTimeout)).toEqual([1234, 1234]);
  expect(room.calls).toEqual([
    { destinationIdentity: AGENT, method: 'lk.playback_started', payload: '' },
    {
      destinationIdentity: AGENT,
      method: FINISHED,
      payload: '{"playback_position":1.25,"interrupted":true,"synchronized_transcript":null}',
    },
  ]);
});

const { CONNECTION_TIMEOUT, RESPONSE_TIMEOUT, UNSUPPORTED_METHOD } = RpcError.ErrorCode;

test('a report that was not delivered is repeated, up to a limit', async () => {
  await receive({ senderIdentity: AGENT, reportAttempts: 2 });
  let failures = 1;
  room.answer = async () => {
    failures -= 1;
    if (failures >= 0) throw new RpcError(CONNECTION_TIMEOUT, 'lost');
    return 'ok';
  };
  receiver.notifyPlaybackFinished({ playbackPosition: 1, interrupted: false });
  await calls(2);
  failures = 99;
  receiver.notifyPlaybackFinished({ playbackPosition: 2, interrupted: false });
  await heard.until('a fault', () => heard.errors.length > 0);
  expect(room.calls).toHaveLength(4);
  expect(heard.errors).toMatchObject([{ reason: 'report' }]);
});

test('a report that may have been delivered is not repeated: it would end the next segment', async () => {
  await receive({ senderIdentity: AGENT });
  room.answer = async () => {
    throw new RpcError(RESPONSE_TIMEOUT, 'late');
  };
  receiver.notifyPlaybackFinished({ playbackPosition: 1, interrupted: false });
  await heard.until('a fault', () => heard.errors.length > 0);
  expect(room.calls).toHaveLength(1);
});

test('an agent that ignores the report of a start is no fault', async () => {
  await receive({ senderIdentity: AGENT });
  room.answer = async ({ method }) => {
    if (method !== FINISHED) throw new RpcError(UNSUPPORTED_METHOD, 'what?');
    return 'ok';
  };
  receiver.notifyPlaybackStarted();
  receiver.notifyPlaybackFinished({ playbackPosition: 1, interrupted: false });
  await calls(2);
  expect(heard.errors).toEqual([]);
});

test('a report waits for an agent that has left, and a close ends the wait', async () => {
  await receive({ senderIdentity: AGENT });
  room.leave(AGENT);
  receiver.notifyPlaybackFinished({ playbackPosition: 1, interrupted: false });
  await new Promise(setImmediate);
  expect(room.calls).toEqual([]);
  room.join(AGENT);
  await calls(1);
  room.leave(AGENT);
  receiver.notifyPlaybackFinished({ playbackPosition: 2, interrupted: false });
});

test('a room has one receiver, and options are checked', async () => {
  await receive();
  const second = new DataStreamAudioReceiver(room.asRoom);
  await expect(second.start()).rejects.toMatchObject({ code: 'avatar-start-failed' });
  await second.aclose();
  expect(room.streamHandlers.size).toBe(1);
  for (const options of [{ idleTimeoutMs: 0 }, { frameMs: Number.NaN }, { senderIdentity: '' }])
    expect(() => new DataStreamAudioReceiver(room.asRoom, options)).toThrow(OptionError);
});

test('clears are received even if the room is joined later', async () => {
  room.isConnected = false;
  await receive();
  expect(room.rpcHandlers.size).toBe(0);
  room.isConnected = true;
  room.emit('connectionStateChanged');
  expect(await room.clear(AGENT)).toBe('ok');
});
