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

/** A socket of `ws` that is refused: its creator listens for its opening at once. */
class RefusedSocket extends EventEmitter {
  readonly readyState = 3;
  constructor() {
    super();
    this.on('open', () => {});
  }
  terminate(): void {}
}

test('after a refused attempt, a reply that waited for the connection is left to its repetition', async () => {
  const asked = { type: 'response.create' };
  const written = { type: 'conversation.item.create' };
  let attempts = 0;
  class RefusedOnce extends PluginSession {
    messageChannel = { items: [written, asked] };
    override async createWsConn(): Promise<void> {
      const socket = new RefusedSocket();
      if (++attempts > 1) return;
      socket.emit('error', new Error('Unexpected server response: 503'));
      throw new Error('refused');
    }
  }
  const session = new RefusedOnce();
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  keepOpenAIAlive(session as unknown as llm.RealtimeSession, life);
  await session.createWsConn();
  expect(attempts).toBe(2);
  expect(session.messageChannel.items).toEqual([written]);
});
