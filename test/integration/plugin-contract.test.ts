import type { llm } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { GPTLiveService } from '../support/providers/gpt-live-service.ts';

/**
 * Members of the plugins that Sightline uses beyond their types. A version without one of them
 * fails here with its name, and not elsewhere as a model without video.
 */

interface Member {
  /** Its path, from the model or from its session. */
  readonly path: string;
  readonly type: 'function' | 'object' | 'number' | 'boolean' | 'string';
  readonly usedFor: string;
}

const GOOGLE: readonly Member[] = [
  {
    path: 'model._options',
    type: 'object',
    usedFor: 'context window compression, without which a session with video ends in two minutes',
  },
  {
    path: 'session.activeSession',
    type: 'object',
    usedFor: 'the connection: a picture is sent on this one or not at all',
  },
  {
    path: 'session.activeSession.sendRealtimeInput',
    type: 'function',
    usedFor: 'the picture itself: the plugin has no way for video',
  },
  {
    path: 'session.activeSession.conn.ws.readyState',
    type: 'number',
    usedFor: 'a close by the server, which the plugin does not report',
  },
  {
    path: 'session.activeSession.conn.ws.bufferedAmount',
    type: 'number',
    usedFor: 'back-pressure: audio must not wait behind pictures',
  },
  {
    path: 'session.sessionShouldClose.isSet',
    type: 'boolean',
    usedFor: 'a restart that is under way',
  },
  {
    path: 'session.pendingInterruptText',
    type: 'boolean',
    usedFor: 'a text that goes ahead of its message, and so of the picture in it',
  },
  {
    path: 'session.inUserActivity',
    type: 'boolean',
    usedFor: 'a user who holds the button of push-to-talk: a reply would end what they say',
  },
  {
    path: 'session.shouldBlockRealtimeInputForPendingTools',
    type: 'function',
    usedFor: 'a running tool: Gemini ends a session that gets a picture meanwhile',
  },
  {
    path: 'session.markRestartNeeded',
    type: 'function',
    usedFor: 'a new connection after a silent close',
  },
  {
    path: 'session.updateChatCtx',
    type: 'function',
    usedFor: 'a typed turn, which follows the newest frame',
  },
  {
    path: 'session.buildConnectConfig',
    type: 'function',
    usedFor: 'the moment at which a connection is made',
  },
  {
    path: 'session.handleGoAway',
    type: 'function',
    usedFor: 'an answer that is under way when the service announces the end of its connection',
  },
  {
    path: 'session._tools',
    type: 'object',
    usedFor: 'a connection without the tools that the plugin cannot convert',
  },
  {
    path: 'session.emitError',
    type: 'function',
    usedFor: 'a temporary error of a connection',
  },
  {
    path: 'session.closeActiveSession',
    type: 'function',
    usedFor: 'the pause between two connections',
  },
  {
    path: 'session.sendClientEvent',
    type: 'function',
    usedFor: 'typed turns of Gemini 3, whose list of turns is empty',
  },
  {
    path: 'session.pendingToolCallIds.has',
    type: 'function',
    usedFor: 'results of tools whose calls were lost with their connection',
  },
  {
    path: 'session._chatCtx',
    type: 'object',
    usedFor: 'items that are added while there is no connection',
  },
  {
    path: 'session.options',
    type: 'object',
    usedFor: 'the time-out of an attempt, and what turns include',
  },
];

const OPENAI: readonly Member[] = [
  { path: 'session.sendEvent', type: 'function', usedFor: 'to distinguish it from other plugins' },
  {
    path: 'session.runWs',
    type: 'function',
    usedFor: 'the socket of each connection, for its state and its back-pressure',
  },
  {
    path: 'session.remoteChatCtx.get',
    type: 'function',
    usedFor: 'pictures that the plugin would send again on its next connection',
  },
  {
    path: 'session.remoteChatCtx.delete',
    type: 'function',
    usedFor: 'the same: they are taken out of what is sent again',
  },
  {
    path: 'session.remoteChatCtx.toChatCtx',
    type: 'function',
    usedFor: 'the conversation while it is written on a new connection',
  },
  {
    path: 'session.createChatCtxUpdateEvents',
    type: 'function',
    usedFor: 'the moment at which the conversation is written on a new connection',
  },
  {
    path: 'session.updateChatCtx',
    type: 'function',
    usedFor: 'a typed turn, which follows the newest frame',
  },
  {
    path: 'session.createWsConn',
    type: 'function',
    usedFor: 'attempts at a connection, whose refusal ends the process',
  },
  {
    path: 'session.emitError',
    type: 'function',
    usedFor: 'an error of the last attempt',
  },
  {
    path: 'session.messageChannel.items',
    type: 'object',
    usedFor: 'questions that are repeated, and must not be asked twice',
  },
];

const GPT_LIVE: readonly Member[] = [
  { path: 'session.sendEvent', type: 'function', usedFor: 'the picture itself' },
  {
    path: 'session.opts.delegation',
    type: 'string',
    usedFor: 'the model that gets the pictures, which exists only if it is responses',
  },
  {
    path: 'session.sessionStarted',
    type: 'boolean',
    usedFor: 'a connection that takes no pictures yet: the plugin would send them later',
  },
  {
    path: 'session.connectionDraining',
    type: 'boolean',
    usedFor: 'a connection that the plugin is about to leave',
  },
  { path: 'session.ws.readyState', type: 'number', usedFor: 'a connection that was closed' },
  {
    path: 'session.ws.bufferedAmount',
    type: 'number',
    usedFor: 'back-pressure: audio must not wait behind pictures',
  },
];

/** The member at the path; the first missing part is named. */
function memberAt(root: object, { path, usedFor }: Member): unknown {
  let value: unknown = root;
  for (const part of path.split('.')) {
    const has = value !== null && typeof value === 'object' && part in value;
    if (!has) throw new Error(`${part} of ${path} is gone; it is used for ${usedFor}`);
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** The socket that the OpenAI plugin passes to `runWs`, and what it received before. */
class SpiedOpenAISession extends openai.realtime.RealtimeSession {
  readonly runs: { socket: unknown; isOver: boolean }[] = [];
  readonly heard: string[] = [];
  readonly spied = this.spy();

  private spy(): boolean {
    const self = this as unknown as { runWs(socket: unknown): Promise<void> };
    const runWs = self.runWs.bind(this);
    self.runWs = async (socket) => {
      const run = { socket, isOver: false };
      this.runs.push(run);
      await runWs(socket).finally(() => {
        run.isOver = true;
      });
    };
    this.on('openai_server_event_received', ({ type }: { type: string }) => this.heard.push(type));
    return true;
  }
}

const gemini = new FakeGeminiLive();
const realtime = new FakeOpenAIRealtime();
let googleModel: google.realtime.RealtimeModel;
let googleSession: llm.RealtimeSession;
let openaiModel: openai.realtime.RealtimeModel;
let openaiSession: SpiedOpenAISession;

beforeAll(async () => {
  const [atGoogle, atOpenAI] = await Promise.all([gemini.listen(), realtime.listen()]);
  const connected = Promise.all([gemini.nextConnection(), realtime.nextConnection()]);
  const httpOptions = { baseUrl: atGoogle.baseUrl };
  googleModel = new google.realtime.RealtimeModel({ apiKey: 'k', httpOptions });
  googleSession = googleModel.session();
  googleSession.on('error', () => {});
  openaiModel = new openai.realtime.RealtimeModel({ apiKey: 'k', baseURL: atOpenAI.baseUrl });
  openaiSession = new SpiedOpenAISession(openaiModel);
  openaiSession.on('error', () => {});
  await connected;
  await gemini.until(() => gemini.connections[0]?.handle !== undefined, 'a session');
  await gemini.connection.reaction();
  await realtime.connection.reaction();
});

afterAll(async () => {
  await googleSession.close();
  const closed = openaiSession.close();
  // It ends with the next event.
  openaiSession.sendEvent({ type: 'input_audio_buffer.clear' });
  await closed;
  await Promise.all([gemini.close(), realtime.close()]);
});

describe('the google plugin has', () => {
  test.each(GOOGLE.map((member) => [member.path, member] as const))(
    'the google plugin has %s',
    (_, member) => {
      const found = memberAt({ model: googleModel, session: googleSession }, member);
      expect(found, member.path).toBeTypeOf(member.type);
    },
  );

  test('the google plugin has contextWindowCompression among its model._options, set or not', () => {
    expect(Object.keys(memberAt({ model: googleModel }, GOOGLE[0] as Member) as object)).toContain(
      'contextWindowCompression',
    );
  });

  test('the google plugin has no video of its own: pushVideo sends nothing', async () => {
    const before = gemini.frames.length;
    (googleSession as unknown as { pushVideo(frame: object): void }).pushVideo({});
    await gemini.connection.reaction();
    expect(gemini.frames).toHaveLength(before);
  });
});

describe('the openai plugin has', () => {
  test.each(OPENAI.map((member) => [member.path, member] as const))(
    'the openai plugin has %s',
    (_, member) => {
      const found = memberAt({ model: openaiModel, session: openaiSession }, member);
      expect(found, member.path).toBeTypeOf(member.type);
    },
  );

  test('the openai plugin emits openai_server_event_received for each event of the server', async () => {
    openaiSession.sendEvent({ type: 'input_audio_buffer.clear' });
    const isHeard = () => openaiSession.heard.includes('input_audio_buffer.cleared');
    await realtime.until(() => realtime.messages.length > 0, 'a message');
    while (!isHeard()) await new Promise(setImmediate);
  });

  test('the openai plugin calls runWs with an open socket of each connection, until it ends', async () => {
    const isSocket = { readyState: 1, bufferedAmount: expect.any(Number) };
    expect(openaiSession.runs).toMatchObject([{ isOver: false, socket: isSocket }]);
    const next = realtime.nextConnection();
    realtime.closeConnection(1011);
    await next;
    await realtime.connection.reaction();
    expect(openaiSession.runs).toMatchObject([{ isOver: true }, { isOver: false }]);
    for (const method of ['send', 'once'])
      expect(openaiSession.runs[1]?.socket).toHaveProperty(method);
  });
});

describe('GPT-Live of the openai plugin', () => {
  const service = new GPTLiveService();
  let session: openai.realtime.GPTLiveSession;
  beforeAll(async () => {
    const { baseUrl } = await service.listen();
    session = new openai.realtime.GPTLiveModel({ apiKey: 'k', baseURL: baseUrl }).session();
    session.on('error', () => {});
    await session._updateSession('You see.');
    await service.nextMessage();
    await service.connection.reaction();
  });
  afterAll(async () => {
    const closed = session.close();
    await service.close();
    await closed;
  });

  test.each(GPT_LIVE.map((member) => [member.path, member] as const))(
    'GPT-Live of the openai plugin has %s',
    (_, member) => expect(memberAt({ session }, member), member.path).toBeTypeOf(member.type),
  );
});

test('a missing member of a plugin is named, with its use', () => {
  const member = GOOGLE[4] as Member;
  const session = { activeSession: { conn: { ws: {} } } };
  expect(() => memberAt({ session }, member)).toThrow(
    'bufferedAmount of session.activeSession.conn.ws.bufferedAmount is gone; it is used for back-pressure',
  );
});
