import { voice } from '@livekit/agents';
import { AudioFrame, type Room } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { AvatarStreamOutput } from '../../src/avatar/avatar-stream-output.ts';
import { AUDIO_STREAM_TOPIC } from '../../src/avatar/worker/avatar-protocol.ts';
import { FACE } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { within } from '../../src/testing/waits.ts';

afterEach(() => vi.useRealTimers());

test('an avatar gets the samples of a frame, and not those around them in its buffer', async () => {
  const agent = new LoopbackRoom({ speech: true });
  const avatar = await agent.joinAs(FACE);
  const heard = new Promise<Uint8Array[]>((resolve) => {
    avatar.asRoom().registerByteStreamHandler(AUDIO_STREAM_TOPIC, async (reader) => {
      resolve(await reader.readAll());
    });
  });
  const output = await AvatarStreamOutput.open({
    room: agent.asRoom(),
    destinationIdentity: FACE,
    waitPlaybackStart: false,
    clearTimeoutMs: 1000,
  });
  const samples = Int16Array.of(1, 2, 3, 4, 5, 6).subarray(2, 4);
  await output.captureFrame(new AudioFrame(samples, 24_000, 1, samples.length));
  output.flush();
  const bytes = Buffer.concat(await within('the speech', heard));
  expect([...new Int16Array(Uint8Array.from(bytes).buffer)]).toEqual([3, 4]);
  output.close();
  await Promise.all([avatar.disconnect(), agent.disconnect()]);
});

/** An output to an avatar, and what is done with the room, in order. */
async function stage({ waitPlaybackStart = false } = {}) {
  const log: string[] = [];
  const calls: object[] = [];
  const streams: object[] = [];
  const state = { openStream: async () => {}, rpc: async () => 'ok' };
  const methods = new Map<string, (call: object) => Promise<string>>();
  const participant = {
    streamBytes: async (options: object) => {
      await state.openStream();
      const name = `stream ${streams.push(options)}`;
      log.push(`${name} opens`);
      return {
        write: async (bytes: Uint8Array) => void log.push(`${name}: ${bytes.length} bytes`),
        close: async () => void log.push(`${name} ends`),
      };
    },
    performRpc: (call: object) => {
      calls.push(call);
      log.push('clear');
      return state.rpc();
    },
    registerRpcMethod: (name: string, handler: (call: object) => Promise<string>) =>
      methods.set(name, handler),
    unregisterRpcMethod: (name: string) => methods.delete(name),
  };
  const errors: unknown[] = [];
  const room = { localParticipant: participant, on: () => {}, off: () => {}, isConnected: true };
  const output = await AvatarStreamOutput.open({
    room: room as unknown as Room,
    ...{ destinationIdentity: FACE, waitPlaybackStart, clearTimeoutMs: 700, sampleRate: 16_000 },
    onError: (error) => errors.push(error),
  });
  const started: number[] = [];
  output.on(voice.AudioOutput.EVENT_PLAYBACK_STARTED, () => started.push(log.length));
  const speak = (samples = 10) =>
    output.captureFrame(new AudioFrame(new Int16Array(2 * samples), 16_000, 2, samples));
  const settle = () => new Promise(setImmediate);
  return {
    ...{ output, log, calls, streams, state, errors, started, methods, room },
    speak,
    settle,
  };
}

test('each segment is a stream of its own, with its format, to the avatar only', async () => {
  const { output, log, streams, speak, settle } = await stage();
  await speak(10);
  await speak(20);
  output.flush();
  output.flush();
  await speak(30);
  output.flush();
  await settle();
  expect(log).toEqual([
    ...['stream 1 opens', 'stream 1: 40 bytes', 'stream 1: 80 bytes', 'stream 1 ends'],
    ...['stream 2 opens', 'stream 2: 120 bytes', 'stream 2 ends'],
  ]);
  const stream = {
    name: expect.stringMatching(/^AUDIO_[\w-]{36}$/),
    ...{ topic: 'lk.audio_stream', destinationIdentities: [FACE] },
    attributes: { sample_rate: '16000', num_channels: '2' },
  };
  expect(streams).toEqual([stream, stream]);
  expect(output.sampleRate).toBe(16_000);
  output.close();
});

test('the first frame counts as the start, unless the avatar reports it', async () => {
  const early = await stage();
  await early.speak();
  await early.speak();
  expect(early.started).toEqual([2]);
  const late = await stage({ waitPlaybackStart: true });
  expect(late.output.waitPlaybackStart).toBe(true);
  await late.speak();
  expect(late.started).toEqual([]);
});

test('an interruption ends the stream, drops what waits, and then reaches the avatar', async () => {
  const { output, log, calls, state, speak, settle, errors } = await stage();
  const opening = deferred<void>();
  state.openStream = () => opening.promise;
  const speech = [speak(10), speak(20)];
  await settle();
  output.clearBuffer();
  await settle();
  // The avatar would play a stream that it hears of only after the interruption.
  expect(log).toEqual([]);
  opening.resolve();
  await Promise.all(speech);
  await settle();
  expect(log).toEqual(['stream 1 opens', 'stream 1: 40 bytes', 'stream 1 ends', 'clear']);
  expect(await output.cleared).toBe(true);
  expect(calls).toEqual([
    {
      ...{ destinationIdentity: FACE, method: 'lk.clear_buffer', payload: '' },
      responseTimeout: 700,
    },
  ]);
  state.openStream = async () => {};
  await speak(30);
  expect(log.slice(4)).toEqual(['stream 2 opens', 'stream 2: 120 bytes']);
  expect(errors).toEqual([]);
});

test('an interruption waits 200 ms at most for the speech before it', async () => {
  const { output, log, state, speak, settle } = await stage();
  state.openStream = () => new Promise(() => {});
  void speak();
  await settle();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  output.clearBuffer();
  await vi.advanceTimersByTimeAsync(199);
  expect(log).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(log).toEqual(['clear']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a close drops the speech that waits, and ends the stream', async () => {
  const { output, log, state, speak, settle } = await stage();
  const opening = deferred<void>();
  state.openStream = () => opening.promise;
  const speech = [speak(10), speak(20)];
  await settle();
  output.close();
  opening.resolve();
  await Promise.all(speech);
  await settle();
  expect(log).toEqual(['stream 1 opens', 'stream 1: 40 bytes', 'stream 1 ends']);
});

test('an interruption without speech is not sent', async () => {
  const { output, calls, settle } = await stage();
  output.clearBuffer();
  await settle();
  expect(calls).toEqual([]);
});

test('an interruption that the avatar does not confirm is an error', async () => {
  const { output, errors, state, speak, settle } = await stage();
  const refusal = new Error('no answer');
  state.rpc = () => Promise.reject(refusal);
  await speak();
  output.clearBuffer();
  await settle();
  expect(errors).toEqual([refusal]);
  expect(await output.cleared).toBe(false);
});

test('a frame that cannot be sent is an error of its caller, and the next one is sent', async () => {
  const { log, state, speak } = await stage();
  state.openStream = () => Promise.reject(new Error('left'));
  await expect(speak()).rejects.toThrow('left');
  state.openStream = async () => {};
  await speak();
  expect(log).toEqual(['stream 1 opens', 'stream 1: 40 bytes']);
});

test('an agent that is not in the room cannot send', async () => {
  const { room, speak } = await stage();
  Object.assign(room, { localParticipant: undefined });
  await expect(speak()).rejects.toThrow('the agent is not in the room');
});

test("the avatar's reports of its playback are passed on, until the close", async () => {
  const { output, log, methods, started, speak, settle } = await stage({ waitPlaybackStart: true });
  const finished: object[] = [];
  output.on(voice.AudioOutput.EVENT_PLAYBACK_FINISHED, (event) => finished.push(event));
  const report = (method: string, payload = '', callerIdentity = FACE) =>
    methods.get(method)?.({ callerIdentity, payload });
  await speak();
  expect(await report('lk.playback_started', '', 'eve')).toBe('reject');
  expect(started).toEqual([]);
  expect(await report('lk.playback_started')).toBe('ok');
  expect(started).toHaveLength(1);
  await report('lk.playback_finished', '{"playback_position":1.5,"interrupted":true}');
  expect(finished).toEqual([expect.objectContaining({ playbackPosition: 1.5, interrupted: true })]);
  await speak();
  output.close();
  await settle();
  expect(log.at(-1)).toBe('stream 1 ends');
  expect(await report('lk.playback_started')).toBe('reject');
});
