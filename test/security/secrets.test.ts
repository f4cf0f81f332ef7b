import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startInspector } from '../../src/inspect/index.ts';
import { plain } from '../../src/inspect/plain.ts';
import { withoutSecrets } from '../../src/secrets.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { leastCpuMs } from '../support/cpu-time.ts';
import { TestViewer } from '../support/inspect.ts';
import { found, PLANTED, SECRETS, TELLTALE } from '../support/security/planted.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-secrets-'));
});
afterEach(endChildren);
afterAll(() => rm(dir, { recursive: true }));

describe('a text', () => {
  test('a text loses everything that looks like a secret', () => {
    expect(found(TELLTALE)).toEqual(SECRETS);
    const shapeless = ['APIplanted7f3a91', 'planted-livekit-secret-5b1d', 'planted-pass-word-93'];
    // These look like words: only the environment shows that they are secrets.
    expect(found(withoutSecrets(TELLTALE))).toEqual(shapeless);
  });

  test.each([
    'the avatar was not in the room within 15000 ms: check that the server can be reached',
    'turn.attachBudgetMs is -1: give a number of ms from 0 to 5000',
    'Unexpected token } in JSON at position 12; missing token: identifier',
    'connect ECONNREFUSED ws://127.0.0.1:7880/rtc?auto_subscribe=1&protocol=9',
    'The key is under the mat. Basic instructions: look left, then right.',
  ])('a text that is no secret is kept: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  // The parts in which secrets are recognized.
  const piece = fc.constantFrom(
    '?',
    '&key',
    '=',
    'eyJ',
    '.',
    '-',
    '://',
    ':',
    '@',
    'Bearer ',
    'Cookie: a=',
    '"password":"',
    '\\"',
    '-----BEGIN PRIVATE KEY-----',
    'sk-',
    'a',
  );

  test('a text that the agent redacted is not changed when the inspector redacts it again', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), (pieces) => {
        const once = plain({ text: pieces.join('') });
        expect(plain(once)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  test('what a redacted part leaves beside it is redacted too', () => {
    const text = '://"password":"://"password":"@?';
    expect(withoutSecrets(withoutSecrets(text))).toBe(withoutSecrets(text));
  });

  test('a text of ten times the length is searched in about ten times the time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), async (pieces) => {
        const text = pieces.join('').repeat(20_000);
        const part = text.slice(0, text.length / 10);
        withoutSecrets(part);
        const short = await leastCpuMs(() => withoutSecrets(part));
        // A search in a search would take a hundred times the time.
        expect(await leastCpuMs(() => withoutSecrets(text))).toBeLessThan(
          50 * Math.max(short, 0.5),
        );
      }),
      { numRuns: 30 },
    );
  });
});

test('an agent whose parts all fail reveals no secret in log, errors, inspector or recording', async () => {
  const server = await startInspector();
  const viewer = await TestViewer.open(server);
  const file = join(dir, 'run.jsonl');
  const program = fileURLToPath(new URL('../support/security/telltale-agent.ts', import.meta.url));
  const { SIGHTLINE_INSPECT: _, ...keys } = PLANTED;
  const child = new Child([program, server.agentUrl, file], keys);
  await viewer.until('the agent', ({ sessions }) => sessions.length === 1);
  viewer.watch(viewer.sessions[0]?.id ?? '');
  await child.line(/^done$/);
  await viewer.until('its end', ({ sessions }) => sessions[0]?.connected === false);
  const recording = await readFile(file, 'utf8');
  const wire = JSON.stringify([viewer.base, viewer.events]);
  expect(found(child.output)).toEqual([]);
  expect(found(recording)).toEqual([]);
  expect(found(wire)).toEqual([]);
  // It did fail, and reported that.
  for (const text of [child.output, recording, wire]) expect(text).toContain('[redacted]');
  expect(child.output).not.toContain(server.token);
  expect(recording + wire).not.toContain(server.token);
  viewer.close();
  await server.close();
}, 60_000);
