import { EventEmitter } from 'node:events';
import { llm } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepGoogleAlive } from '../../src/internals/google-connection.ts';
import { ModelLife } from '../../src/models/model-life.ts';

const TIMEOUT_MS = 3000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

/** A session with the plugin's private members, without a network. */
class PluginSession extends EventEmitter {
  readonly sent: object[] = [];
  readonly options = { connOptions: { timeoutMs: TIMEOUT_MS } };
  readonly sessionShouldClose = { isSet: false };
  readonly pendingToolCallIds = new Set<string>();
  readonly _chatCtx = {};
  readonly _tools = llm.ToolContext.empty();
  buildConnectConfig(): object {
    return {};
  }
  emitError(): void {}
  restarts = 0;
  markRestartNeeded(): void {
    this.restarts++;
  }
  async closeActiveSession(): Promise<void> {}
  async updateChatCtx(): Promise<void> {}
  async close(): Promise<void> {}
  sendClientEvent(event: object): void {
    this.sent.push(event);
  }
}

function kept(attempts = 3) {
  const session = new PluginSession();
  const life = new ModelLife({ attempts, retryBaseMs: 100 }, () => {});
  keepGoogleAlive(session as unknown as llm.RealtimeSession, life, () => {});
  return session;
}

/** A connection that the session is making. */
function connecting(session: PluginSession) {
  const socket = Object.assign(new EventEmitter(), {
    readyState: 0,
    send: vi.fn(),
    terminate: vi.fn(),
  });
  session.buildConnectConfig();
  // As `@google/genai` does, in the same turn.
  socket.on('open', () => {});
  return socket;
}

test('an error of a Gemini session that comes after its agent session ended does not end the process', () => {
  const late = () => new PluginSession().emit('error', new Error('late'));
  expect(late).toThrow('late');
  const session = kept();
  expect(() => session.emit('error', new Error('late'))).not.toThrow();
});

test('a connection to Gemini that is not ready within its limit is ended', async () => {
  const session = kept();
  const socket = connecting(session);
  socket.emit('open');
  vi.advanceTimersByTime(TIMEOUT_MS);
  expect(socket.terminate).toHaveBeenCalledOnce();
  await session.close();
});

test('without retries, a connection to Gemini that is not ready is left to the plugin', async () => {
  const session = kept(0);
  const socket = connecting(session);
  socket.emit('open');
  vi.advanceTimersByTime(TIMEOUT_MS);
  expect(socket.terminate).not.toHaveBeenCalled();
  await session.close();
});

test('a connection to Gemini that is ready is not ended by its limit', async () => {
  const session = kept();
  const socket = connecting(session);
  socket.emit('open');
  socket.emit('message', '{"setupComplete":{}}');
  vi.advanceTimersByTime(10 * TIMEOUT_MS);
  expect(socket.terminate).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
  await session.close();
});

test('a connection to Gemini that closed before it was ready leaves no timer of its limit', async () => {
  const session = kept();
  const socket = connecting(session);
  socket.emit('close', 1008, Buffer.from('API key not valid'));
  vi.advanceTimersByTime(10 * TIMEOUT_MS);
  expect(socket.terminate).not.toHaveBeenCalled();
  await session.close();
});

test('results of tools reach Gemini without ids, as on Vertex AI, and those of a lost connection do not', () => {
  const session = kept();
  session.pendingToolCallIds.add('known');
  const results = (...ids: (string | undefined)[]) => ({
    type: 'tool_response',
    value: { functionResponses: ids.map((id) => (id === undefined ? {} : { id })) },
  });
  session.sendClientEvent(results(undefined));
  session.sendClientEvent(results('lost', 'known'));
  session.sendClientEvent(results('lost'));
  expect(session.sent).toEqual([results(undefined), results('known')]);
});

test('a request of a fixed Google plugin, which has no empty list of turns, is sent as it is', () => {
  const session = kept();
  const asks = [
    { turnComplete: true },
    { turns: [{ parts: [{ text: '.' }] }], turnComplete: true },
  ];
  for (const value of asks) session.sendClientEvent({ type: 'content', value });
  expect(session.sent).toEqual(asks.map((value) => ({ type: 'content', value })));
  session.sendClientEvent({ type: 'content', value: { turns: [], turnComplete: true } });
  expect(session.sent.at(-1)).toEqual({ type: 'content', value: { turnComplete: true } });
});

test.each(['The operation was aborted.', 'The operation was cancelled.', 'Session not found.'])(
  'a connection to Gemini that closes with 1008 is made again: %s',
  async (reason) => {
    const session = kept();
    const socket = connecting(session);
    socket.emit('open');
    socket.emit('message', '{"setupComplete":{}}');
    socket.emit('close', 1008, Buffer.from(reason));
    expect(session.restarts).toBe(1);
    await session.close();
  },
);
