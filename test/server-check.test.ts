import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkServer, LiveKitServerError } from '../src/server-check.ts';

let server: Server | undefined;
afterEach(() => {
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
  const url = await serving((request, response) => {
    expect(request.headers.authorization).toMatch(/^Bearer eyJ/);
    response.setHeader('Content-Type', 'application/json').end('{"rooms":[]}');
  });
  await checkServer(url, 'devkey', 'secret');
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
