import { EventEmitter } from 'node:events';
import type { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { keepOpenAIAlive } from '../../src/internals/openai-connection.ts';
import { ModelLife } from '../../src/models/model-life.ts';

/** A session with the plugin's private members, without a network. */
class PluginSession extends EventEmitter {
  async createWsConn(): Promise<void> {}
  async runWs(): Promise<void> {}
  emitError(): void {}
  async close(): Promise<void> {}
}

test('an error of an OpenAI session that comes after its agent session ended does not end the process', () => {
  const session = new PluginSession();
  const late = () => session.emit('error', new Error('late'));
  expect(late).toThrow('late');
  const life = new ModelLife({ attempts: 3, retryBaseMs: 100 }, () => {});
  keepOpenAIAlive(session as unknown as llm.RealtimeSession, life);
  expect(late).not.toThrow();
});
