import { EventEmitter } from 'node:events';
import { type llm, log } from '@livekit/agents';
import { afterEach, expect, test, vi } from 'vitest';
import { keepGoogleAlive } from '../../src/internals/google-connection.ts';
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
])(
  'sessions of a version of the %s plugin without %s stay as they are, which is logged once',
  (_name, missing, keep) => {
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
