import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { type PageServer, startPageServer } from '../../../../tools/demo/web/page-server.ts';
import { LOOPBACK, listeningOn, portOf } from '../../../support/listening.ts';

const SECRET = 'the-api-secret';
const TICKET = { url: 'wss://livekit.example', token: 'a.b.c' };
const text = (body: string) => ({ type: 'text/plain', body: Buffer.from(body) });

let server: PageServer | undefined;
afterEach(() => server?.close());

/**
 * Starts a server, and returns a function that sends requests, with the headers of its own page by
 * default.
 */
async function started(makeTicket = async () => TICKET) {
  const files = new Map([
    ['', text('page')],
    ['main.js', text('script')],
  ]);
  server = await startPageServer({ files, livekitUrl: TICKET.url, makeTicket });
  const url = new URL(server.url);
  return {
    url,
    token: url.pathname.split('/')[1] ?? '',
    async ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
      // The path unchanged; `fetch` would resolve the dots.
      const sent = request({ host: url.hostname, port: url.port, path, method });
      for (const [name, value] of Object.entries({ host: url.host, ...headers }))
        sent.setHeader(name, value);
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const { statusCode = 0, headers: got } = response;
      return { status: statusCode, headers: got, text: Buffer.concat(chunks).toString() };
    },
  };
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}
interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

test('the page server serves the page and tickets to clients with the address, on this machine only', async () => {
  const { url, token, ask } = await started();
  expect(url.hostname).toBe('127.0.0.1');
  expect(token.length).toBeGreaterThan(20);
  const page = await ask(`/${token}/`);
  expect(page).toMatchObject({ status: 200, text: 'page' });
  expect((await ask(`/${token}/main.js`)).text).toBe('script');
  expect(await ask(`/${token}/`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });

  const headers = { origin: url.origin };
  const ticket = await ask(`/${token}/ticket`, { method: 'POST', headers });
  expect(ticket.status).toBe(200);
  expect(JSON.parse(ticket.text)).toEqual(TICKET);

  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self' wss://livekit.example https://livekit.example;");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(ticket.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  expect(ticket.headers).not.toHaveProperty('access-control-allow-origin');
});

test.runIf(process.platform === 'linux')('the page server listens on loopback only', async () => {
  const before = listeningOn('self');
  const { url } = await started();
  const opened = listeningOn('self').filter((address) => !before.includes(address));
  expect(opened.map(portOf)).toEqual([Number(url.port)]);
  for (const address of opened) expect(address).toMatch(LOOPBACK);
});

test.each([
  ['no token', () => '/', {}],
  ['another token', (token: string) => `/${token}A/`, {}],
  ['a part of the token', (token: string) => `/${token.slice(0, -1)}/`, {}],
  ['the name of a foreign site', (token: string) => `/${token}/`, { host: 'evil.example' }],
  ['a name that looks local', (token: string) => `/${token}/`, { host: 'localhost.evil.example' }],
])('the page server refuses %s', async (_, pathOf, headers) => {
  const { token, ask } = await started();
  const answer = await ask(pathOf(token), { headers });
  expect(answer).toMatchObject({ status: 403 });
  expect(answer.text).not.toContain(token);
});

test.each([
  ['none', {}],
  ['a foreign one', { origin: 'https://evil.example' }],
  ['one of another port', { origin: 'http://127.0.0.1:1' }],
  ['a hidden one', { origin: 'null' }],
])('the page server gives no ticket to a page of another origin: %s', async (_, headers) => {
  let made = 0;
  const { token, ask } = await started(async () => {
    made++;
    return TICKET;
  });
  expect(
    await ask(`/${token}/ticket`, { method: 'POST', headers: headers as Record<string, string> }),
  ).toMatchObject({ status: 403 });
  expect(made).toBe(0);
});

test('the page server serves no files but those of the page', async () => {
  const { token, ask } = await started();
  for (const path of [
    '../package.json',
    '..%2f..%2fpackage.json',
    '....//package.json',
    '/etc/passwd',
    'main.js/..',
    'main.js%00',
    '__proto__',
    'constructor',
    'index.html',
  ])
    expect([path, (await ask(`/${token}/${path}`)).status]).toEqual([path, 404]);
  const segment = fc.constantFrom('..', '.', '', '%2e%2e', 'etc', 'passwd', 'main.ts', '\\', '%');
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 6 }), async (segments) => {
      const path = segments.join('/');
      fc.pre(path !== '');
      expect((await ask(`/${token}/${path}`)).status).toBe(404);
    }),
    { numRuns: 60 },
  );
});

test('the page server accepts no body, no other method and no flood', async () => {
  const { url, token, ask } = await started();
  const post = { method: 'POST', headers: { origin: url.origin } };
  expect((await ask(`/${token}/ticket`, { ...post, body: '{}' })).status).toBe(413);
  const chunked = { ...post.headers, 'transfer-encoding': 'chunked' };
  expect((await ask(`/${token}/ticket`, { ...post, headers: chunked })).status).toBe(413);
  expect((await ask(`/${token}/ticket`)).status).toBe(405);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect((await ask(`/${token}/`, { method })).status).toBe(405);
  expect((await ask(`/${token}/`, { headers: { 'x-long': 'x'.repeat(20_000) } })).status).toBe(431);

  const statuses: number[] = [];
  for (let visit = 0; visit < 40; visit++)
    statuses.push((await ask(`/${token}/ticket`, post)).status);
  expect(statuses.slice(0, 30).every((status) => status === 200)).toBe(true);
  expect(statuses.slice(30).every((status) => status === 429)).toBe(true);
});

test('the page server survives invalid requests', async () => {
  const { url, token, ask } = await started();
  const noise = fc.uint8Array({ minLength: 1, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(noise, async (bytes) => {
      const socket = connect(Number(url.port), url.hostname);
      let got = '';
      socket.on('data', (data) => {
        got += data;
      });
      socket.on('error', () => {});
      socket.end(bytes);
      await once(socket, 'close');
      expect(got).not.toContain(' 200 ');
    }),
    { numRuns: 40 },
  );
  expect((await ask(`/${token}/`)).status).toBe(200);
});

test('the page server reports a failure of the LiveKit server without its secret', async () => {
  const { url, token, ask } = await started(async () => {
    throw new Error(`connect with ${SECRET} failed`);
  });
  const answer = await ask(`/${token}/ticket`, {
    method: 'POST',
    headers: { origin: url.origin },
  });
  expect(answer.status).toBe(502);
  expect(JSON.stringify(answer)).not.toContain(SECRET);
});
