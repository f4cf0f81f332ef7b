import { type Room, TrackKind } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { type AvatarFaults, misbehave } from '../../../src/testing/avatar/avatar-faults.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';

type Handler = (data: unknown) => Promise<string>;

/** The room of an avatar with these faults, and what reaches the others. */
function roomWith(faults: AvatarFaults) {
  const calls: { method: string; payload?: string }[] = [];
  const published: unknown[] = [];
  const methods = new Map<string, Handler>();
  const streams = new Map<string, (reader: AsyncIterable<number>, sender: object) => void>();
  const room = {
    localParticipant: {
      publishTrack: async (track: unknown) => published.push(track),
      performRpc: async (call: { method: string }) => {
        calls.push(call);
        return 'done';
      },
      registerRpcMethod: (method: string, handler: Handler) => methods.set(method, handler),
    },
    registerByteStreamHandler: (topic: string, handler: () => void) => streams.set(topic, handler),
  };
  misbehave(room as unknown as Room, faults);
  const own = room.localParticipant;
  const perform = (method: string) => own.performRpc({ method });
  return { room, own, calls, published, methods, streams, perform };
}

/** Whether a promise is settled when all that can be has been. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  void promise.then(
    () => (is = true),
    () => (is = true),
  );
  await settled();
  return is;
}

test('an avatar without faults is as it was, and so is a room without a participant', async () => {
  const { own, perform, calls, published } = roomWith({});
  expect(await perform('lk.playback_finished')).toBe('done');
  await own.publishTrack({ kind: TrackKind.KIND_VIDEO });
  expect([calls.length, published.length]).toEqual([1, 1]);
  misbehave({} as Room, { isDeaf: true });
});

test('an avatar without video publishes its voice only', async () => {
  const { own, published } = roomWith({ hasNoVideo: true });
  const video = own.publishTrack({ kind: TrackKind.KIND_VIDEO });
  await own.publishTrack({ kind: TrackKind.KIND_AUDIO });
  expect(await isSettled(video)).toBe(false);
  expect(published).toEqual([{ kind: TrackKind.KIND_AUDIO }]);
});

test('an avatar that never reports the end sends all other calls', async () => {
  const { perform, calls } = roomWith({ finish: 'never' });
  expect(await perform('lk.playback_finished')).toBe('ok');
  expect(await perform('lk.playback_started')).toBe('done');
  expect(calls.map(({ method }) => method)).toEqual(['lk.playback_started']);
});

test('an avatar that reports the end early does so right after the start', async () => {
  const { perform, calls } = roomWith({ finish: 'early' });
  expect(await perform('lk.playback_started')).toBe('done');
  await perform('other');
  expect(calls.map(({ method }) => method)).toEqual([
    'lk.playback_started',
    'lk.playback_finished',
    'other',
  ]);
  expect(JSON.parse(calls[1]?.payload ?? '')).toEqual({
    ...{ playback_position: 0.1, interrupted: false, synchronized_transcript: null },
  });
});

test('an avatar refuses the clear of its buffer, or leaves it unanswered, and nothing else', async () => {
  const handler: Handler = async () => 'handled';
  for (const clear of ['refused', 'unanswered'] as const) {
    const { own, methods } = roomWith({ clear });
    own.registerRpcMethod('lk.clear_buffer', handler);
    own.registerRpcMethod('other', handler);
    expect(await methods.get('other')?.({})).toBe('handled');
    const cleared = methods.get('lk.clear_buffer')?.({}) ?? Promise.resolve();
    if (clear === 'refused') await expect(cleared).rejects.toThrow('no');
    else expect(await isSettled(cleared)).toBe(false);
  }
});

test('a deaf avatar gets no stream, and one that loses trailers gets no end of it', async () => {
  const deaf = roomWith({ isDeaf: true });
  deaf.room.registerByteStreamHandler('t', () => {});
  expect(deaf.streams.size).toBe(0);
  const { room, streams } = roomWith({ losesTrailers: true });
  const read: number[] = [];
  let reading: Promise<void> = Promise.resolve();
  const senders: object[] = [];
  const handler = (reader: AsyncIterable<number>, sender: object) => {
    senders.push(sender);
    reading = (async () => {
      for await (const chunk of reader) read.push(chunk);
    })();
  };
  room.registerByteStreamHandler('t', handler as () => void);
  const chunks = {
    async *[Symbol.asyncIterator]() {
      yield 1;
      yield 2;
    },
  };
  // A reader's iterator, like rtc-node's, is a plain object.
  const plain = {
    [Symbol.asyncIterator]: () => {
      const iterator = chunks[Symbol.asyncIterator]();
      return { next: () => iterator.next() };
    },
  };
  streams.get('t')?.(plain as AsyncIterable<number>, { identity: 'agent' });
  expect(await isSettled(reading)).toBe(false);
  expect([read, senders]).toEqual([[1, 2], [{ identity: 'agent' }]]);
});
