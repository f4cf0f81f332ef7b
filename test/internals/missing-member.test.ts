import { EventEmitter } from 'node:events';
import { type llm, log } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelLife } from '../../src/models/model-life.ts';

// Other tests of this process may have had the log lines, which come once.
beforeEach(() => vi.resetModules());
afterEach(() => vi.restoreAllMocks());

const life = () => new ModelLife({ attempts: 3, retryBaseMs: 100 }, () => {});

/** Sessions of a plugin that lacks members that are used. */
class OtherPluginSession extends EventEmitter {
  close = async () => {};
  emitError = () => {};
}

type Keep = (session: llm.RealtimeSession) => void;

const google = async (): Promise<Keep> => {
  const { keepGoogleAlive } = await import('../../src/internals/google-connection.ts');
  return (session) => keepGoogleAlive(session, life(), () => {});
};
const openai = async (): Promise<Keep> => {
  const { keepOpenAIAlive } = await import('../../src/internals/openai-connection.ts');
  return (session) => keepOpenAIAlive(session, life());
};

test.each([
  ['Google', 'buildConnectConfig', google],
  ['OpenAI', 'createWsConn', openai],
] as const)(
  'sessions of a version of the %s plugin without %s stay as they are, which is logged once',
  async (_name, missing, fresh) => {
    const keep = await fresh();
    const warn = vi.spyOn(log(), 'warn');
    for (const session of [new OtherPluginSession(), new OtherPluginSession()]) {
      const before = { ...session };
      keep(session as unknown as llm.RealtimeSession);
      expect(session).toEqual(before);
      expect(session.listenerCount('error')).toBe(0);
    }
    expect(warn.mock.calls).toEqual([[{ member: missing }, expect.stringContaining(missing)]]);
  },
);
