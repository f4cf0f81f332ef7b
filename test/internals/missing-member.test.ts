import { EventEmitter } from 'node:events';
import { type llm, log } from '@livekit/agents';
import { afterEach, expect, test, vi } from 'vitest';
import { keepGoogleAlive } from '../../src/internals/google-connection.ts';
import { missingMember } from '../../src/internals/missing-member.ts';
import { keepOpenAIAlive } from '../../src/internals/openai-connection.ts';
import { ModelLife } from '../../src/models/model-life.ts';

afterEach(() => vi.restoreAllMocks());

const life = () => new ModelLife({ attempts: 3, retryBaseMs: 100 }, () => {});

/** Sessions of a plugin that lacks members that are used. */
class OtherPluginSession extends EventEmitter {
  close = async () => {};
  emitError = () => {};
}

test.each<[name: string, missing: string, keep: (session: llm.RealtimeSession) => void]>([
  ['Google', 'buildConnectConfig', (session) => keepGoogleAlive(session, life(), () => {})],
  ['OpenAI', 'createWsConn', (session) => keepOpenAIAlive(session, life())],
])('sessions of a version of the %s plugin without %s stay as they are', (_name, missing, keep) => {
  const warn = vi.spyOn(log(), 'warn');
  for (const session of [new OtherPluginSession(), new OtherPluginSession()]) {
    const before = { ...session };
    keep(session as unknown as llm.RealtimeSession);
    expect(session).toEqual(before);
    expect(session.listenerCount('error')).toBe(0);
  }
  // Another test of this process may have had the line, which comes once.
  const line = [{ member: missing }, expect.stringContaining(missing)];
  expect([[], [line]]).toContainEqual(warn.mock.calls);
});

test('the first member that a plugin lacks is logged once', () => {
  const warn = vi.spyOn(log(), 'warn');
  const session = { known: true };
  // No other test has this name.
  const members = ['known', 'memberOfNoPlugin', 'another'];
  expect(missingMember(session, members)).toBe('memberOfNoPlugin');
  expect(missingMember(session, members)).toBe('memberOfNoPlugin');
  expect(warn.mock.calls).toEqual([
    [{ member: 'memberOfNoPlugin' }, expect.stringContaining('no memberOfNoPlugin')],
  ]);
  expect(missingMember(session, ['known'])).toBeUndefined();
  expect(warn).toHaveBeenCalledTimes(1);
});
