import type { Room } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { leaveRoom, randomText, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';

const server = { url: 'ws://a', apiKey: 'key', apiSecret: 's'.repeat(32) };

afterEach(() => vi.useRealTimers());

/** The claims of a token, which is not checked here. */
async function claims(...args: [identity: string, options?: Parameters<typeof ticket>[3]]) {
  const { url, token } = await ticket(server, 'room', ...args);
  const [, payload = ''] = token.split('.');
  return { url, ...JSON.parse(Buffer.from(payload, 'base64url').toString()) };
}

test('a ticket lets a participant into one room, for ten minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const made = await claims('user');
  expect(made).toMatchObject({
    ...{ url: 'ws://a', sub: 'user', iss: 'key' },
    video: {
      ...{ room: 'room', roomJoin: true, canPublish: true, canSubscribe: true },
      ...{ canPublishData: true, canUpdateOwnMetadata: true },
    },
  });
  expect(made.kind).toBeUndefined();
  expect(made.exp - made.nbf).toBe(600);
});

test('a ticket may have a kind, attributes and the address of a proxy', async () => {
  const options = { kind: 'agent', attributes: { a: '1' }, url: 'ws://proxy' } as const;
  expect(await claims('agent', options)).toMatchObject(options);
});

test('a hidden participant may see and hear, and publish nothing', async () => {
  expect(await claims('witness', { hidden: true })).toMatchObject({
    video: { hidden: true, canSubscribe: true, canPublish: false, canPublishData: false },
  });
});

test('a room that rtc-node never leaves is given up after a while', async () => {
  vi.useFakeTimers();
  const room = { isConnected: true, disconnect: () => new Promise<void>(() => {}) };
  const left = leaveRoom(room as unknown as Room);
  await vi.runAllTimersAsync();
  expect(await left).toBe(false);
  room.disconnect = async () => {
    room.isConnected = false;
  };
  expect(await leaveRoom(room as unknown as Room)).toBe(true);
});

test('room names differ from each other, and so do 400 texts in succession', async () => {
  expect(uniqueRoomName('offset')).toMatch(/^offset-[0-9a-f]{8}$/);
  expect(uniqueRoomName('a')).not.toBe(uniqueRoomName('a'));
  const texts = Array.from({ length: 800 }, randomText);
  for (const text of texts) expect(text).toMatch(/^[A-Z]+ [A-Z]+$/);
  // The texts before belong to other tests.
  const starts = Array.from({ length: 401 }, (_, start) => start);
  const differ = (start: number) => new Set(texts.slice(start, start + 400)).size === 400;
  expect(starts.some(differ)).toBe(true);
});
