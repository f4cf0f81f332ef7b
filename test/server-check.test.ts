import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { checkServer, LiveKitServerError } from '../src/server-check.ts';

let server: Server | undefined;
afterEach(() => {
  vi.restoreAllMocks();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** The address of a server that answers each request with this response. */
async function serving(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function refusal(url: string): Promise<string> {
  const error: unknown = await checkServer(url, 'devkey', 'secret').catch((reason) => reason);
  expect(error).toBeInstanceOf(LiveKitServerError);
  return (error as Error).message;
}

test('a server that accepts the key passes the check', async () => {
  let asked = '';
  const url = await serving((request, response) => {
    expect(request.headers.authorization).toMatch(/^Bearer eyJ/);
    request.on('data', (part) => (asked += part));
    response.setHeader('Content-Type', 'application/json').end('{"rooms":[]}');
  });
  await checkServer(url, 'devkey', 'secret');
  // A list of every room of a large server would be megabytes.
  expect(JSON.parse(asked)).toEqual({ names: ['sightline-check'] });
});

test('a server that does not answer is reported after 10 seconds', async () => {
  const url = await serving(() => {});
  const limits: number[] = [];
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    limits.push(ms);
    return AbortSignal.abort(new DOMException('late', 'TimeoutError'));
  });
  expect(await refusal(url)).toContain(`${url} (no answer within 10 s): start the server`);
  expect(limits).toEqual([10_000]);
});

test('a connection that fails without a code is reported with its message', async () => {
  const failed = new TypeError('fetch failed', { cause: new Error('bad certificate') });
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(failed);
  expect(await refusal('ws://127.0.0.1:7880')).toContain('(bad certificate)');
});

test('a refused token is reported with the remedy, and is not repeated', async () => {
  const url = await serving(({ headers }, response) => {
    response.writeHead(401).end(`invalid token: ${headers.authorization}`);
  });
  const message = await refusal(url);
  expect(message).toBe(
    `the LiveKit server at ${url} refuses the key or its secret: ` +
      'set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of this server',
  );
});

test('a server of another kind is reported with its response', async () => {
  const url = await serving((_, response) => response.writeHead(404).end());
  expect(await refusal(url)).toContain(`${url} answers with HTTP status 404`);
});

test('an address without a server is reported with the reason and the remedy', async () => {
  const url = await serving(() => {});
  server?.close();
  expect(await refusal(url)).toBe(
    `no LiveKit server answers at ${url} (ECONNREFUSED): start the server, or correct LIVEKIT_URL`,
  );
});

test.each(['127.0.0.1:7880', 'localhost:7880', '', 'ws://', 'ftp://host'])(
  'the address "%s" is refused with a valid one',
  async (url) => {
    expect(await refusal(url)).toBe(
      `LIVEKIT_URL is ${JSON.stringify(url)}: ` +
        'use an address such as wss://example.livekit.cloud or ws://127.0.0.1:7880',
    );
  },
);
