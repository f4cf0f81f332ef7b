import { EventEmitter } from 'node:events';
import { llm } from '@livekit/agents';
import { expect, test, vi } from 'vitest';
import { ModelLife } from '../../src/models/model-life.ts';
import { deferred, settled } from '../../src/testing/simulated-clock.ts';
import { VoiceOnlyRealtime } from '../../src/testing/story/voice-only-realtime.ts';
import { sessionsWith } from '../support/realtime-sessions.ts';

/** The used members of a session of the OpenAI plugin, or of the Google plugin. */
class PluginSession extends EventEmitter {
  chatCtx = llm.ChatContext.empty();
  readonly written: llm.ChatContext[] = [];
  closes = 0;
  async updateChatCtx(context: llm.ChatContext): Promise<void> {
    this.written.push(context);
  }
  /** In order. */
  readonly spoken: ('commit' | 'reply')[] = [];
  async generateReply(): Promise<object> {
    this.spoken.push('reply');
    return {};
  }
  async commitAudio(): Promise<void> {
    this.spoken.push('commit');
  }
  async close(): Promise<void> {
    this.closes++;
  }
}

class OpenAISession extends PluginSession {
  readonly remoteChatCtx = new Map();
  sendEvent(): void {}
  async runWs(): Promise<void> {}
}

class GoogleSession extends PluginSession {
  readonly realtimeModel = { model: 'gemini-2.5-flash' };
  readonly sessionShouldClose = { isSet: false };
  _chatCtx = llm.ChatContext.empty();
  markRestartNeeded(): void {}
}

/** A model with this session, and the pictures of its turns. */
function stage(plugin: PluginSession) {
  const shown = deferred<readonly llm.ImageContent[]>();
  const showing = deferred<void>();
  const asked: llm.RealtimeSession[] = [];
  const sessions = sessionsWith({
    beforeText: (session) => {
      asked.push(session);
      return shown.promise;
    },
    beforeReply: () => showing.promise,
    reconnect: { attempts: 0, retryBaseMs: 1 },
  });
  const model = new VoiceOnlyRealtime();
  const own = () => plugin as unknown as llm.RealtimeSession;
  Object.assign(model, { session: own });
  sessions.watch(model);
  sessions.watch(model);
  const session: llm.RealtimeSession = model.session();
  return { sessions, model, own, session, shown, showing, asked };
}

/** A context whose last message is this. */
function contextWith(role: 'user' | 'assistant', id = 'message'): llm.ChatContext {
  const context = llm.ChatContext.empty();
  context.addMessage({ role, content: 'What is it?', id });
  return context;
}

test('the reply to speech that the application commits waits for the picture, and its audio does not', async () => {
  const plugin = new OpenAISession();
  const { session, showing } = stage(plugin);
  await session.generateReply();
  expect(plugin.spoken).toEqual(['reply']);
  void session.commitAudio();
  const replied = session.generateReply();
  await settled();
  expect(plugin.spoken).toEqual(['reply', 'commit']);
  showing.resolve();
  await replied;
  expect(plugin.spoken).toEqual(['reply', 'commit', 'reply']);
});

test('a typed text waits for its picture', async () => {
  const plugin = new OpenAISession();
  const { session, shown, asked } = stage(plugin);
  const context = contextWith('user');
  const written = session.updateChatCtx(context);
  await settled();
  expect([asked, plugin.written]).toEqual([[session], []]);
  shown.resolve([]);
  await written;
  expect(plugin.written.map(({ items }) => items)).toEqual([context.items]);
  expect(plugin.listenerCount('input_speech_started')).toBe(0);
});

test('a text that waits for its picture is written when the user begins to speak', async () => {
  const plugin = new OpenAISession();
  const { session } = stage(plugin);
  const written = session.updateChatCtx(contextWith('user'));
  await settled();
  plugin.emit('input_speech_started');
  await written;
  expect(plugin.written).toHaveLength(1);
  expect(plugin.listenerCount('input_speech_started')).toBe(0);
});

test.each<[string, (plugin: PluginSession) => llm.ChatContext]>([
  ['an answer', () => contextWith('assistant')],
  ['nothing', () => llm.ChatContext.empty()],
  [
    'a text that the conversation has',
    (plugin) => {
      plugin.chatCtx = contextWith('user');
      return contextWith('user');
    },
  ],
])('a context that ends with %s is written at once, without a picture', async (_, make) => {
  const plugin = new OpenAISession();
  const { session, asked } = stage(plugin);
  await session.updateChatCtx(make(plugin));
  expect([asked.length, plugin.written.length]).toEqual([0, 1]);
});

test.each<[number, string, readonly llm.ImageContent[]]>([
  [2, 'are shown again', []],
  [
    1,
    'of its own message are not',
    [llm.createImageContent({ image: 'data:image/jpeg;base64,AA==' })],
  ],
])(
  'a connection that is lost before a text is written: its pictures (%i) %s',
  async (times, _, pictures) => {
    let life: ModelLife | undefined;
    const up = vi.spyOn(ModelLife.prototype, 'up').mockImplementation(async function (
      this: ModelLife,
    ) {
      life = this;
      return true;
    });
    const plugin = new GoogleSession();
    const model = new VoiceOnlyRealtime();
    Object.assign(model, { session: () => plugin });
    const beforeText = vi.fn(async () => pictures);
    beforeText.mockImplementationOnce(async () => {
      life?.failed({ reason: 'lost', wasAnswering: false, isFinal: false });
      return pictures;
    });
    sessionsWith({ beforeText }).watch(model);
    const session: llm.RealtimeSession = model.session();
    await session.updateChatCtx(contextWith('user'));
    expect(beforeText).toHaveBeenCalledTimes(times);
    expect(plugin.written).toHaveLength(1);
    up.mockRestore();
  },
);

test('the pictures of a turn are part of its message, and not of the history', async () => {
  const plugin = new GoogleSession();
  const { session, shown } = stage(plugin);
  const picture = llm.createImageContent({ image: 'data:image/jpeg;base64,AA==' });
  shown.resolve([picture]);
  await session.updateChatCtx(contextWith('user'));
  const [context] = plugin.written;
  expect(context?.items).toMatchObject([{ id: 'message', content: ['What is it?', picture] }]);
  expect(plugin._chatCtx.items).toMatchObject([{ content: ['What is it?'] }]);
});

test('a model that returns its session again has one sink for it, and its text waits once', async () => {
  const plugin = new OpenAISession();
  const { sessions, model, session, shown, asked } = stage(plugin);
  const sink = sessions.sink(session);
  expect(sink).toBeDefined();
  expect(sessions.sink(model.session())).toBe(sink);
  expect(sessions.sink(undefined)).toBeUndefined();
  shown.resolve([]);
  await session.updateChatCtx(contextWith('user'));
  expect([asked.length, plugin.written.length]).toEqual([1, 1]);
});

test.each([
  ['OpenAI', () => new OpenAISession()],
  ['Google', () => new GoogleSession()],
])('a session of %s that its model returns again is made lasting once', (_, make) => {
  const { model, session } = stage(make());
  const { generateReply, updateChatCtx } = session;
  expect(model.session()).toBe(session);
  expect(session.generateReply).toBe(generateReply);
  expect(session.updateChatCtx).toBe(updateChatCtx);
});

test('the end gives each model its own method for sessions back', () => {
  const { sessions, model, own } = stage(new OpenAISession());
  const plain = new VoiceOnlyRealtime();
  sessions.watch(plain);
  sessions.watch(undefined);
  expect(Object.hasOwn(plain, 'session')).toBe(true);
  sessions.close();
  expect(model.session).toBe(own);
  expect(Object.hasOwn(plain, 'session')).toBe(false);
  // It can be watched again.
  sessions.watch(plain);
  expect(Object.hasOwn(plain, 'session')).toBe(true);
});
