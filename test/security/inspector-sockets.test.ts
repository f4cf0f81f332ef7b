import { once } from 'node:events';
import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type InspectorServer, startInspector } from '../../src/inspect/index.ts';
import { within } from '../../src/testing/waits.ts';
import {
  actorMessage,
  connectRaw,
  refusal,
  snapshotMessage,
  TestViewer,
} from '../support/inspect.ts';
import { anyJson, anyMessage, TABLE_NAMES } from '../support/security/hostile.ts';

let server: InspectorServer;
let viewer: TestViewer;
beforeAll(async () => {
  server = await startInspector({ maxEvents: 500, maxBytes: 1_000_000 });
  viewer = await TestViewer.open(server);
});
afterAll(async () => {
  viewer.close();
  await server.close();
});

const named = (name: string) => viewer.sessions.find((session) => session.name === name);

test('any message of an agent is accepted or counted as invalid, and the next one is received', async () => {
  const agent = await connectRaw(`${server.agentUrl}?name=noise`);
  let said = 0;
  const likeOurs = fc
    .tuple(
      fc.constantFrom('@xstate.actor', '@xstate.event', '@xstate.snapshot', '@sightline.metrics'),
      fc.constantFrom('x:0', ...TABLE_NAMES),
      anyJson(),
      anyJson(),
    )
    .map(([type, sessionId, event, snapshot]) =>
      JSON.stringify({
        ...{ type, sessionId, rootId: sessionId, parentId: sessionId, createdAt: '1' },
        ...{ event, snapshot, metrics: snapshot, definition: event },
      }),
    );
  fc.assert(
    fc.property(fc.oneof(anyMessage(), likeOurs, fc.uint8Array({ maxLength: 60 })), (message) => {
      agent.send(message);
      said++;
    }),
    { numRuns: 300 },
  );
  agent.send(JSON.stringify(snapshotMessage('last', 'here')));
  const heard = () => (named('noise')?.events ?? 0) + (named('noise')?.refused ?? 0);
  await viewer.until('all of it', () => heard() === said + 1);
  expect(named('noise')?.refused).toBeGreaterThan(50);
  // Also through the page's socket, from the first kept event on.
  viewer.watch(named('noise')?.id ?? '');
  await viewer.until(
    'the last',
    () => viewer.valuesOf('last').length > 0 || viewer.events.length > 0,
  );
  expect(viewer.events.at(-1)?.[1]).toMatchObject({ sessionId: 'last' });
  expect(Object.prototype).not.toHaveProperty('polluted');
  agent.close();
});

test('keys that would change every object change none', async () => {
  const agent = await connectRaw(`${server.agentUrl}?name=polluter&instance=__proto__`);
  const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const head = '"sessionId":"x:0","createdAt":"1"';
  agent.send(
    `{"type":"@xstate.actor",${head},"snapshot":{"context":${poison},"children":${poison}}}`,
  );
  agent.send(`{"type":"@xstate.event",${head},"event":{"type":"__proto__","__proto__":${poison}}}`);
  agent.send(
    `{"type":"@xstate.snapshot",${head},"snapshot":{"status":"active","children":${poison}}}`,
  );
  agent.send(`{"type":"@sightline.metrics",${head},"metrics":${poison}}`);
  await viewer.until('all', () => named('polluter')?.events === 4);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  for (const name of TABLE_NAMES) viewer.watch(name);
  viewer.watch(named('polluter')?.id ?? '');
  await viewer.until('its events', () => viewer.events.length === 4);
  expect(JSON.stringify(viewer.events)).not.toContain('"polluted":1},"constructor');
  agent.close();
});

test('any message of a page is handled, and the page then gets what it requests', async () => {
  const agent = await connectRaw(`${server.agentUrl}?name=shown`);
  agent.send(JSON.stringify(actorMessage('x:0')));
  await viewer.until('the session', () => named('shown')?.events === 1);
  const page = await TestViewer.open(server);
  fc.assert(
    fc.property(
      fc.oneof(
        anyMessage(),
        anyJson().map((watch) => JSON.stringify({ watch })),
      ),
      (text) => page.say(text.slice(0, 16_000)),
    ),
    { numRuns: 200 },
  );
  page.watch(named('shown')?.id ?? '');
  await page.until('what it asked for', () => page.events.length === 1);
  page.close();
  agent.close();
});

test('a page that sends too much is disconnected', async () => {
  const { origin } = new URL(server.url);
  const page = new WebSocket(`${server.url.replace('http:', 'ws:')}view`, { origin });
  await within('connection', once(page, 'open'));
  const closed = once(page, 'close');
  page.send('x'.repeat(16 * 1024 + 1));
  expect((await within('the end of it', closed))[0]).toBe(1009);
});

test('an agent that sends only invalid messages is disconnected', async () => {
  const agent = await connectRaw(`${server.agentUrl}?name=never-right`);
  const closed = once(agent, 'close');
  for (let count = 0; count <= 1001; count++) agent.send('{');
  expect((await within('the end of it', closed))[0]).toBe(1008);
});

test('only two paths open a socket, and no path leads to a file', async () => {
  const part = fc.constantFrom(
    ...['..', '.', '', '%2e%2e', '%2E%2e%2f', '..\\', '%5c..', '%00', 'agent', 'view', 'app.js'],
    ...['etc', 'passwd', 'package.json', '%252e%252e', '\\', ...TABLE_NAMES],
  );
  const path = fc.array(part, { minLength: 2, maxLength: 6 }).map((parts) => parts.join('/'));
  const base = `http://127.0.0.1:${server.port}/${server.token}/`;
  await fc.assert(
    fc.asyncProperty(path, async (asked) => {
      expect([asked, await status(asked)]).toEqual([asked, 404]);
    }),
    { numRuns: 80 },
  );
  await fc.assert(
    fc.asyncProperty(path, fc.constantFrom('', 'agent', 'view'), async (asked, last) => {
      const url = `${base.replace('http', 'ws')}x/${asked}/${last}`.replaceAll('\\', '%5c');
      // A client resolves the dots before the request, so the result may be one of the two paths.
      const { pathname } = new URL(base);
      fc.pre(![`${pathname}agent`, `${pathname}view`].includes(new URL(url).pathname));
      expect(await refusal(url, { origin: new URL(base).origin })).toBe(403);
    }),
    { numRuns: 30 },
  );
});

test('another token, host name or origin is refused', async () => {
  const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 0, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(token, async (given) => {
      expect(await refusal(`ws://127.0.0.1:${server.port}/${given}/agent`)).toBe(403);
    }),
    { numRuns: 20 },
  );
  const { token: right, port } = server;
  const foreign = fc.oneof(
    fc.domain(),
    fc.ipV4().filter((ip) => !ip.startsWith('127.')),
    fc.constantFrom(
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '[::2]',
      '0.0.0.0',
      'localhost@evil',
    ),
  );
  await fc.assert(
    fc.asyncProperty(foreign, async (host) => {
      const url = `ws://127.0.0.1:${port}/${right}`;
      expect(await refusal(`${url}/agent`, { host: `${host}:${port}` })).toBe(403);
      expect(await refusal(`${url}/agent`, { origin: `http://${host}` })).toBe(403);
      expect(await refusal(`${url}/view`, { origin: `http://${host}:${port}` })).toBe(403);
    }),
    { numRuns: 20 },
  );
});

/** The path as it is written; `fetch` would normalize it. */
function status(path: string): Promise<number> {
  return within(
    `answer to ${path}`,
    new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port: server.port, path: `/${server.token}/${path}` },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      asked.on('error', reject);
      asked.end();
    }),
  );
}
