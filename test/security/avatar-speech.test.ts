import { voice } from '@livekit/agents';
import { ParticipantKind } from '@livekit/rtc-node';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AudioShape } from '../../src/avatar/worker/audio-shape.ts';
import { formatOf } from '../../src/avatar/worker/avatar-protocol.ts';
import { DataStreamAudioReceiver } from '../../src/avatar/worker/data-stream-audio-receiver.ts';
import { PcmFramer } from '../../src/avatar/worker/pcm-framer.ts';
import { until, within } from '../../src/testing/waits.ts';
import { Collector } from '../support/avatar/collect.ts';
import { FakeRoom } from '../support/avatar/fake-room.ts';
import { TABLE_NAMES } from '../support/security/hostile.ts';

const AGENT = 'agent';
const MEGABYTE = new Uint8Array(1024 * 1024);

let room: FakeRoom;
let receiver: DataStreamAudioReceiver;
beforeEach(() => {
  room = new FakeRoom();
  room.join(AGENT);
});
afterEach(() => receiver.aclose());

const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '0', '-1', '1e9', 'NaN', 'Infinity', '0x10', ' 8000 ', '16000', '1', '9'),
);
const attributes = fc.dictionary(
  fc.constantFrom('sample_rate', 'num_channels', ...TABLE_NAMES),
  strings,
);

test('each stream of the agent is one segment, whatever its attributes and bytes', async () => {
  receiver = new DataStreamAudioReceiver(room.asRoom, { senderIdentity: AGENT });
  const heard = new Collector(receiver);
  await receiver.start();
  await fc.assert(
    fc.asyncProperty(
      fc.option(attributes, { nil: undefined }),
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 4 }),
      fc.constantFrom('end', 'breakOff'),
      async (given, chunks, end) => {
        const before = heard.segments.length;
        const stream = room.open(AGENT, given);
        for (const chunk of chunks) stream.write(chunk);
        if (!stream.cancelled) stream[end as 'end' | 'breakOff']();
        await heard.untilSegments(before + 1);
        expect(heard.segments).toHaveLength(before + 1);
      },
    ),
    { numRuns: 150 },
  );
  for (const { code, message } of heard.errors) {
    expect(code).toBe('avatar-stream');
    expect(message.length).toBeLessThan(500);
  }
});

test('streams and calls of other participants are ignored, whatever their names', async () => {
  receiver = new DataStreamAudioReceiver(room.asRoom, { senderIdentity: AGENT });
  const heard = new Collector(receiver);
  await receiver.start();
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('', 'Agent', 'agent ', 'agent\0', ...TABLE_NAMES),
  );
  await fc.assert(
    fc.asyncProperty(name, attributes, async (stranger, given) => {
      fc.pre(stranger !== AGENT);
      room.join(stranger, ParticipantKind.AGENT, given);
      expect(await room.clear(stranger)).toBe('reject');
      const stream = room.open(stranger, given);
      expect(stream.cancelled).toBe(true);
    }),
    { numRuns: 100 },
  );
  expect(heard.clears).toEqual([]);
  expect(heard.segments).toEqual([]);
  expect(room.streamHandlers.size).toBe(1);
});

test('every accepted format can be framed and played', () => {
  receiver = new DataStreamAudioReceiver(room.asRoom);
  const shape = new AudioShape({ sampleRate: 24_000, channels: 1 });
  const given = fc.record({
    sample_rate: fc.oneof(
      { arbitrary: fc.integer({ min: -1, max: 400_000 }).map(String), weight: 4 },
      strings,
    ),
    num_channels: fc.oneof(
      { arbitrary: fc.integer({ min: 0, max: 9 }).map(String), weight: 4 },
      strings,
    ),
  });
  let taken = 0;
  fc.assert(
    fc.property(given, fc.uint8Array({ minLength: 1, maxLength: 4000 }), (format, bytes) => {
      const known = formatOf(format);
      if (!known) return;
      taken++;
      const framer = new PcmFramer(known, 20);
      const full = framer.push(bytes);
      const { frame } = framer.flush();
      for (const item of [...full, ...(frame ? [frame] : [])])
        for (const part of shape.of(item))
          expect(part).toMatchObject({ sampleRate: 24_000, channels: 1 });
      shape.of(new voice.AudioSegmentEnd());
    }),
    { numRuns: 200 },
  );
  shape.close();
  expect(taken).toBeGreaterThan(50);
});

test('an endless segment is cut off before it fills the memory', async () => {
  // It is not consumed: an avatar plays an hour in an hour.
  receiver = new DataStreamAudioReceiver(room.asRoom, { senderIdentity: AGENT });
  const messages: string[] = [];
  receiver.on('error', ({ message }) => messages.push(message));
  await receiver.start();
  const stream = room.open(AGENT);
  let written = 0;
  while (!stream.cancelled && written < 200) {
    stream.write(MEGABYTE);
    written++;
    await new Promise(setImmediate);
  }
  expect(written).toBeLessThan(100);
  expect(messages).toEqual([expect.stringContaining('wait to be played')]);
});

test('an endless segment ends when the next one begins, and the next one is heard', async () => {
  const idleTimeoutMs = 60;
  receiver = new DataStreamAudioReceiver(room.asRoom, { senderIdentity: AGENT, idleTimeoutMs });
  const heard = new Collector(receiver);
  await receiver.start();
  const endless = room.open(AGENT);
  const next = room.open(AGENT);
  next.end();
  const feeding = setInterval(() => endless.write(new Uint8Array(2)), 5);
  try {
    await heard.untilSegments(2);
  } finally {
    clearInterval(feeding);
  }
  expect(heard.errors).toMatchObject([{ message: expect.stringContaining('went on') }]);
});

test('thousands of streams are refused', async () => {
  receiver = new DataStreamAudioReceiver(room.asRoom, { senderIdentity: AGENT });
  const messages = new Set<string>();
  receiver.on('error', ({ message }) => messages.add(message));
  await receiver.start();
  const streams = Array.from({ length: 1000 }, () => room.open(AGENT));
  await until('refusals', () => streams.filter(({ cancelled }) => cancelled).length === 744);
  expect([...messages]).toEqual([expect.stringContaining('already in progress')]);
  expect(await within('the answer to a clear', room.clear(AGENT))).toBe('ok');
});
