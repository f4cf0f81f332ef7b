import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { grant, isLocalOrigin, isOwnOrigin } from '../../src/inspect/access.ts';

const TOKEN = 'PlantedInspectorToken012';

const request = (url: string, headers: Record<string, string> = {}) =>
  ({ url, headers: { host: 'localhost:4000', ...headers } }) as unknown as IncomingMessage;

test.each([
  [`/${TOKEN}/charts/source.svg?at=5`, 'charts/source.svg', '5'],
  [`/${TOKEN}`, '', null],
  [`/${TOKEN}/../secret`, '../secret', null],
])('a request of %s with the token is for the path %s', (url, path, at) => {
  const granted = grant(request(url), TOKEN);
  expect(granted?.path).toBe(path);
  expect(granted?.query.get('at')).toBe(at);
});

test.each(['/', `/${TOKEN}x/page`, `/${TOKEN.slice(1)}`, `/x/${TOKEN}`, `/?${TOKEN}`, ''])(
  'a request of %s does not have the token, and gets nothing',
  (url) => {
    expect(grant(request(url), TOKEN)).toBeUndefined();
  },
);

test.each([
  ['localhost:4000', true],
  ['127.0.0.1', true],
  ['[::1]:4000', true],
  ['evil.example:4000', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['', false],
])('a request to the host %s is granted: %s', (host, isGranted) => {
  expect(grant(request(`/${TOKEN}/`, { host }), TOKEN) !== undefined).toBe(isGranted);
});

test('only the page of the same port is the own origin', () => {
  const isOwn = (origin: string) => isOwnOrigin(request('/', { origin }));
  expect(isOwn('http://localhost:4000')).toBe(true);
  for (const other of ['http://localhost:4001', 'https://localhost:4000', 'null'])
    expect(isOwn(other)).toBe(false);
  expect(isOwnOrigin(request('/'))).toBe(false);
});

test('a program without an origin is local, and a page only if it is of this machine', () => {
  expect(isLocalOrigin(request('/'))).toBe(true);
  for (const origin of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:80'])
    expect(isLocalOrigin(request('/', { origin }))).toBe(true);
  for (const origin of ['http://evil.example', 'null', 'http://localhost.evil.example'])
    expect(isLocalOrigin(request('/', { origin }))).toBe(false);
});
