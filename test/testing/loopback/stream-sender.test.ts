import { ParticipantKind } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LATENCY } from '../../../src/testing/loopback/latency.ts';
import type { Endpoint, Member } from '../../../src/testing/loopback/member.ts';
import { LoopbackNetwork } from '../../../src/testing/loopback/network.ts';
import { StreamInbox } from '../../../src/testing/loopback/stream-inbox.ts';
import { StreamSender } from '../../../src/testing/loopback/stream-sender.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A sender `a`, and two receivers. */
function stage() {
  const network = new LoopbackNetwork();
  const [a, b, c] = ['a', 'b', 'c'].map((identity) => {
    const streams = new StreamInbox();
    const member: Member = {
      ...{ sid: identity, identity, kind: ParticipantKind.STANDARD, attributes: {} },
      ...{
        tracks: new Set(),
        isAlive: true,
        endpoint: { streams, observer: { onLeft: () => {} } } as unknown as Endpoint,
      },
    };
    network.add(member);
    return { member, streams };
  }) as { member: Member; streams: StreamInbox }[] as [
    { member: Member; streams: StreamInbox },
    { member: Member; streams: StreamInbox },
    { member: Member; streams: StreamInbox },
  ];
  return {
    network,
    member: a.member,
    sender: new StreamSender(a.member, network),
    b: b.streams,
    c: c.streams,
  };
}

/** All that a stream brings, in chunks. */
async function chunksOf(reader: AsyncIterable<Uint8Array>): Promise<number[]> {
  const lengths: number[] = [];
  for await (const chunk of reader) lengths.push(chunk.length);
  return lengths;
}

const arrive = () => vi.advanceTimersByTimeAsync(2 * LATENCY.chunkMs);

test('bytes arrive whole with their description, in chunks of 15000 at most', async () => {
  const { sender, b } = stage();
  const received = new Promise<object>((resolve) => {
    b.handlers.registerByteStreamHandler('t', async (reader, from) =>
      resolve({ info: reader.info, from, lengths: await chunksOf(reader) }),
    );
  });
  const options = {
    topic: 't',
    attributes: { x: '1' },
    name: 'f',
    mimeType: 'image/png',
    streamId: 's',
  };
  const writer = await sender.streamBytes(options);
  await writer.write(new Uint8Array(30_001));
  await writer.write(new Uint8Array(0));
  await writer.write(new Uint8Array(2));
  await writer.close();
  await arrive();
  expect(await received).toMatchObject({
    info: { topic: 't', attributes: { x: '1' }, name: 'f', mimeType: 'image/png', streamId: 's' },
    from: { identity: 'a' },
    lengths: [15_000, 15_000, 1, 2],
  });
});

test('a text arrives whole, is never split inside a character, and may have another author', async () => {
  const { sender, b, c } = stage();
  // The limit falls on each byte of the character in turn.
  for (const letters of [14_997, 14_998, 14_999, 15_000]) {
    const text = `${'x'.repeat(letters)}\u{1F441}y`;
    const received = new Promise<object>((resolve) => {
      b.handlers.registerTextStreamHandler('t', async (reader, from) =>
        resolve({ size: reader.info.totalSize, from, text: await reader.readAll() }),
      );
    });
    let others = 0;
    c.handlers.registerTextStreamHandler('t', () => {
      others += 1;
    });
    const sent = await sender.sendText(text, {
      ...{ topic: 't', destinationIdentities: ['b'], senderIdentity: 'user' },
    });
    await arrive();
    expect(await received).toEqual({ size: letters + 5, from: { identity: 'user' }, text });
    expect(sent).toMatchObject({ topic: 't', mimeType: 'text/plain', totalSize: letters + 5 });
    expect(others).toBe(0);
    b.handlers.unregisterTextStreamHandler('t');
    c.handlers.unregisterTextStreamHandler('t');
  }
});

test('an empty text arrives as one without chunks', async () => {
  const { sender, b } = stage();
  const received = new Promise<string>((resolve) => {
    b.handlers.registerTextStreamHandler('', async (reader) => resolve(await reader.readAll()));
  });
  await sender.sendText('');
  await arrive();
  expect(await received).toBe('');
});

test('a file arrives with its size', async () => {
  const { sender, b } = stage();
  const received = new Promise<object>((resolve) => {
    b.handlers.registerByteStreamHandler('t', async (reader) =>
      resolve({ info: reader.info, lengths: await chunksOf(reader) }),
    );
  });
  vi.useRealTimers();
  await sender.sendFile(new URL(import.meta.url), { topic: 't' });
  const { info, lengths } = (await received) as { info: { totalSize: number }; lengths: number[] };
  expect(info).toMatchObject({ name: 'unknown', mimeType: 'application/octet-stream' });
  expect(lengths).toEqual([info.totalSize]);
});

test('a topic has one handler of each kind, and none after it was removed', async () => {
  const { sender, b } = stage();
  const { handlers } = b;
  const read: string[] = [];
  handlers.registerByteStreamHandler('t', () => void read.push('bytes'));
  handlers.registerTextStreamHandler('t', () => void read.push('text'));
  const again = 'stream handler for topic "t" has already been set';
  expect(() => handlers.registerByteStreamHandler('t', () => {})).toThrow(`A byte ${again}`);
  expect(() => handlers.registerTextStreamHandler('t', () => {})).toThrow(`A text ${again}`);
  await sender.sendText('x', { topic: 't' });
  await arrive();
  expect(read).toEqual(['text']);
  handlers.unregisterTextStreamHandler('t');
  await sender.sendText('x', { topic: 't' });
  await (await sender.streamBytes({ topic: 't' })).close();
  await arrive();
  expect(read).toEqual(['text', 'bytes']);
  handlers.unregisterByteStreamHandler('t');
  await (await sender.streamBytes({ topic: 't' })).close();
  await arrive();
  expect(read).toHaveLength(2);
});

test('what arrives of a stream after the room was left is lost', async () => {
  const { sender, b } = stage();
  let streams = 0;
  b.handlers.registerTextStreamHandler('t', () => {
    streams += 1;
  });
  const writer = await sender.streamText({ topic: 't' });
  await arrive();
  b.close();
  await writer.write('y');
  await writer.close();
  await arrive();
  expect(streams).toBe(1);
});

test('a sender that has left the room cannot send, and one that died sends into nothing', async () => {
  const { network, sender, member } = stage();
  const writer = await sender.streamText({ topic: 't' });
  member.isAlive = false;
  await writer.write('x');
  member.isAlive = true;
  network.remove(member);
  await expect(writer.write('y')).rejects.toThrow('the room is disconnected');
  await expect(sender.streamText({ topic: 't' })).rejects.toThrow('the room is disconnected');
});
