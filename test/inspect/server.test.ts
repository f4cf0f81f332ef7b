import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InspectorServer, startInspector } from '../../src/inspect/index.ts';
import { InspectedSession } from '../../src/inspect/inspected-session.ts';
import { MAX_MESSAGE_BYTES } from '../../src/inspect/wire.ts';
import { within } from '../../src/testing/waits.ts';
import {
  actorMessage,
  connectRaw,
  refusal,
  snapshotMessage,
  TestViewer,
} from '../support/inspect.ts';

let server: InspectorServer;
beforeAll(async () => {
  server = await startInspector({ maxEvents: 5000 });
});
afterAll(() => server.close());

interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
}

/** The path as it is written; `fetch` would normalize it. */
function ask(
  path: string,
  options: { headers?: Record<string, string>; method?: string; body?: string } = {},
): Promise<Answer> {
  const { headers = {}, method = 'GET', body } = options;
  return within(
    `answer to ${path}`,
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: server.port, path, method, headers },
        async (response) =>
          resolve({
            status: response.statusCode ?? 0,
            body: await text(response),
            headers: response.headers,
          }),
      );
      request.on('error', reject);
      request.end(body);
    }),
  );
}

const at = (path: string) => `/${server.token}/${path}`;

describe('a client without the address', () => {
  test('the page and its files are served with the token', async () => {
    const { status, body, headers } = await ask(at(''));
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    const parts = [...body.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, part]) => part ?? '');
    expect(parts).toContain('app.js');
    for (const part of parts) expect((await ask(at(part))).status, part).toBe(200);
    expect((await ask(at('charts/source.svg'))).headers['content-type']).toContain('svg');
  });

  test('the page, its scripts and its styles name no other host', async () => {
    const styles = [...(await ask(at(''))).body.matchAll(/href="([^":]+\.css)"/g)];
    expect(styles.length).toBeGreaterThan(1);
    for (const part of [
      '',
      'app.js',
      'link.js',
      'chart-view.js',
      'charts.js',
      'overview-view.js',
      ...styles.map(([, it]) => it ?? ''),
    ])
      expect((await ask(at(part))).body).not.toMatch(/https?:\/\//);
  });

  test.each(['/', '/x/', '/app.js', '//', '/%00/'])(
    'a path without the token is answered with 403: %s',
    async (path) => {
      expect((await ask(path)).status).toBe(403);
    },
  );

  test('a token that is nearly right is answered with 403', async () => {
    const { token } = server;
    for (const near of [token.slice(0, -1), `${token}A`, token.toLowerCase(), ` ${token}`])
      expect((await ask(`/${encodeURIComponent(near)}/`)).status).toBe(near === token ? 200 : 403);
  });

  test.each([
    '../package.json',
    '..%2f..%2fpackage.json',
    './app.js',
    'page/../app.js',
    '/etc/passwd',
    'charts/../app.js',
    'charts/%2e%2e/app.js',
    'tsconfig.json',
    '__proto__',
    'app.js/',
  ])('an unknown path is answered with 404: %s', async (path) => {
    expect((await ask(at(path))).status).toBe(404);
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '10.0.0.1'])(
    'a request for another host name that resolves to this machine is refused: %s',
    async (host) => {
      expect((await ask(at(''), { headers: { host } })).status).toBe(403);
      expect(await refusal(server.agentUrl, { host })).toBe(403);
    },
  );

  test('only GET and HEAD without a body are allowed', async () => {
    expect((await ask(at(''), { method: 'POST' })).status).toBe(405);
    expect((await ask(at(''), { body: 'x', headers: { 'content-length': '1' } })).status).toBe(413);
    // Little more than the limit: a server that closes before it has read all resets the connection.
    expect((await ask(at(''), { headers: { padding: 'x'.repeat(16 * 1024) } })).status).toBe(431);
    expect((await ask(at(''), { method: 'HEAD' })).body).toBe('');
  });

  test('pages of other sites can neither read nor send', async () => {
    const view = server.agentUrl.replace('/agent', '/view');
    expect(await refusal(view)).toBe(403);
    expect(await refusal(view, { origin: 'http://evil.example' })).toBe(403);
    expect(await refusal(view, { origin: `http://localhost:${server.port}` })).toBe(403);
    expect(await refusal(server.agentUrl, { origin: 'https://evil.example' })).toBe(403);
    expect(await refusal(server.agentUrl, { origin: 'null' })).toBe(403);
    expect(await refusal(server.agentUrl.replace(server.token, 'x'))).toBe(403);
    expect(await refusal(server.agentUrl.replace('/agent', '/other'))).toBe(403);
    // A page in development, in a browser on this machine.
    const app = await connectRaw(server.agentUrl, 'http://localhost:5173');
    app.close();
  });

  test('the server listens on 127.0.0.1 only', async () => {
    const other = connect({ host: '127.0.0.2', port: server.port });
    const outcome = await within(
      'an answer',
      new Promise((resolve) => {
        other.on('connect', () => resolve('open'));
        other.on('error', ({ message }) => resolve(message));
      }),
    );
    other.destroy();
    // A system with only one loopback address cannot be tested.
    expect(outcome).not.toBe('open');
  });
});

describe('sessions', () => {
  test('several sessions are kept apart, and one that reconnects continues', async () => {
    const viewer = await TestViewer.open(server);
    const url = (name: string, instance: string) =>
      `${server.agentUrl}?name=${name}&instance=${instance}`;
    const first = await connectRaw(url('first', 'a'));
    const second = await connectRaw(url('second', 'b'));
    first.send(JSON.stringify(actorMessage('x:0', { name: 'one' })));
    second.send(JSON.stringify(actorMessage('x:0', { name: 'two' })));
    const named = (name: string) => viewer.sessions.find((session) => session.name === name);
    await viewer.until('both', () => named('first')?.events === 1 && named('second')?.events === 1);
    viewer.watch(named('second')?.id ?? '');
    await viewer.until('its actor', () => viewer.events.length === 1);
    expect(viewer.events[0]?.[1]).toMatchObject({ name: 'two' });

    first.close();
    await viewer.until('the end of the first', () => named('first')?.connected === false);
    const again = await connectRaw(url('first', 'a'));
    again.send(JSON.stringify(snapshotMessage('x:0', 'on')));
    await viewer.until('the first again', () => named('first')?.events === 2);
    expect(named('first')?.connected).toBe(true);
    again.close();
    second.close();
    viewer.close();
  });

  test('an invalid message is counted, and ends nothing', async () => {
    const viewer = await TestViewer.open(server);
    const agent = await connectRaw(`${server.agentUrl}?name=noise`);
    for (const noise of ['', '{', '[]', '{"type":"@xstate.actor"}', Buffer.from([1, 2, 3])])
      agent.send(noise);
    agent.send(JSON.stringify(actorMessage('x:0')));
    const noise = () => viewer.sessions.find(({ name }) => name === 'noise');
    await viewer.until('the message', () => noise()?.events === 1);
    expect(noise()?.refused).toBe(5);
    for (const nothing of ['{', 'null', '{"watch":1}', '{"watch":"s999"}']) viewer.say(nothing);
    const closed = new Promise<number>((resolve) => agent.on('close', resolve));
    agent.send('x'.repeat(MAX_MESSAGE_BYTES + 1));
    expect(await within('the end of it', closed)).toBe(1009);
    await viewer.until('that it is gone', () => noise()?.connected === false);
    viewer.close();
  });

  test('of 20,000 events the newest are kept, and the live actors', async () => {
    const viewer = await TestViewer.open(server);
    const agent = await connectRaw(`${server.agentUrl}?name=long`);
    const long = () => viewer.sessions.find(({ name }) => name === 'long');
    const count = 20_000;
    agent.send(JSON.stringify(actorMessage('x:0', { name: 'root' })));
    for (let index = 0; index < count; index++) {
      // A stream comes and goes every thousand events.
      const stream = `stream-${Math.floor(index / 1000)}`;
      if (index % 1000 === 0) agent.send(JSON.stringify(actorMessage(stream, { parentId: 'x:0' })));
      agent.send(
        JSON.stringify(snapshotMessage('x:0', `v${index}`, { children: { [stream]: {} } })),
      );
    }
    await viewer.until('all', () => long()?.events === count + count / 1000 + 1);
    expect(long()?.gone).toBe(count + count / 1000 + 1 - 5000);
    viewer.watch(long()?.id ?? '');
    await viewer.until('what is kept', () => viewer.events.length === 5000);
    expect(viewer.base.map(({ type, sessionId }) => `${type} ${sessionId}`)).toEqual([
      '@xstate.actor x:0',
      '@xstate.snapshot x:0',
      '@xstate.actor stream-15',
    ]);
    expect(viewer.events.at(-1)?.[1]).toMatchObject({ snapshot: { value: 'v19999' } });
    agent.close();
    viewer.close();
  }, 60_000);

  test('the kept bytes are limited too', () => {
    const limits = { events: 100_000, bytes: 1_000_000 };
    const session = new InspectedSession({
      id: 's',
      name: 'n',
      kind: 'live',
      startedAt: 0,
      limits,
    });
    for (let index = 0; index < 1000; index++)
      session.add(snapshotMessage(`x:${index}`, 'on', { context: { text: 'x'.repeat(9000) } }));
    expect(session.ring.bytes).toBeLessThanOrEqual(limits.bytes);
    expect(session.ring.size).toBeGreaterThan(50);
    expect(session.summary()).toMatchObject({ events: 1000, gone: 1000 - session.ring.size });
    for (let index = 0; index < 30; index++)
      session.add({
        ...actorMessage('x:0'),
        type: '@sightline.picture',
        mimeType: 'image/jpeg',
        data: 'A'.repeat(1_000_000),
        width: 1,
        height: 1,
        label: '',
      });
    expect(session.pictures.length).toBeLessThan(17);
  });
});
