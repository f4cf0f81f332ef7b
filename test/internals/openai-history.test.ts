import { EventEmitter } from 'node:events';
import { llm, voice } from '@livekit/agents';
import { afterAll, afterEach, expect, test } from 'vitest';
import { keepOpenAIHistory } from '../../src/internals/openai-history.ts';
import type { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { until, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { realtimeSession } from '../support/fakes/agent-session.ts';
import { lateTool } from '../support/late-tool.ts';
import {
  endStages,
  live,
  never,
  openAIStage,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

type Stage = RealtimeStage<FakeOpenAIRealtime>;

const camera = fileCamera();

afterEach(endStages);
afterAll(stagesEnded);

const LIMIT_MS = 60_000;

async function liveStage({ tools, video }: StageOptions = {}): Promise<Stage> {
  const realtime = { reconnect: { retryBaseMs: 20 } };

  const stage = await openAIStage({ video: { realtime, ...video }, ...(tools ? { tools } : {}) });
  await live(stage);
  return stage;
}

const ask = ({ session }: Stage, userInput: string) =>
  within('answer', session.generateReply({ userInput }).waitForPlayout(), LIMIT_MS);

/** Drops the connection. The service does not read from the next one. */
async function dropUnread(stage: Stage) {
  const resumed = stage.next('model.resumed');
  const opened = stage.fake.nextConnection(LIMIT_MS);
  stage.fake.closeConnection(1006);
  const next = await opened;
  next.pauseReading();
  await resumed;
  return next;
}

/** Resolves when the agent has said this. */
const said = ({ session }: Stage, text: string) =>
  within(
    `"${text}"`,
    new Promise<void>((resolve) => {
      session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
        if (item.type === 'message' && item.textContent === text) resolve();
      });
    }),
    LIMIT_MS,
  );

/** What the service's conversation has, in order: texts, calls and results. */
const conversation = ({ fake }: Stage): string[] =>
  fake.connection.conversation.items.map((item) => {
    const parts = (item.content ?? []) as { text?: string; transcript?: string }[];
    const texts = parts.map(({ text, transcript }) => text ?? transcript).join('');
    return texts || item.type;
  });

const DIALOGUE = ['What is it?', 'I see it.', 'And now?', 'I see it.'];

test('a text typed before OpenAI has acknowledged the conversation on a new connection keeps all of it', async () => {
  const stage = await liveStage();
  await ask(stage, 'What is it?');
  const next = await dropUnread(stage);
  const model = realtimeSession(stage.session);
  const update = model.updateChatCtx.bind(model);
  // The framework has read the conversation by now. The service acknowledges it before the text.
  model.updateChatCtx = async (context) => {
    next.resumeReading();
    await stage.fake.until(() => next.conversation.items.length === 2, 'the conversation');
    await next.reaction();
    await update(context);
  };
  await ask(stage, 'And now?');
  expect(conversation(stage)).toEqual(DIALOGUE);
  expect(stage.fake.violations).toEqual([]);
});

test('a connection to OpenAI that is lost before the conversation is written on it loses nothing', async () => {
  const stage = await liveStage();
  await ask(stage, 'What is it?');
  await dropUnread(stage);
  const resumed = stage.next('model.resumed');
  stage.fake.closeConnection(1006);
  await resumed;
  await ask(stage, 'And now?');
  expect(conversation(stage)).toEqual(DIALOGUE);
  expect(stage.fake.violations).toEqual([]);
});

test('the result of a tool that ends after its connection to OpenAI was lost is written with its call', async () => {
  const { tool, called, finish } = lateTool();
  const stage = await liveStage({ tools: [tool] });
  stage.fake.reply = ({ cause }) =>
    cause === 'tools' ? 'It is done.' : { toolCalls: [{ name: 'slow', args: {} }] };
  const answered = said(stage, 'It is done.');
  stage.session.generateReply({ userInput: 'Do it.' });
  await called;
  const resumed = stage.next('model.resumed');
  stage.fake.closeConnection(1006);
  await resumed;
  finish();
  await answered;
  expect(conversation(stage)).toEqual([
    'Do it.',
    'function_call',
    'function_call_output',
    'It is done.',
  ]);
  expect(stage.fake.violations).toEqual([]);
});

/** The plugin's context of one connection: the messages that the service has accepted. */
function remoteOf(...items: llm.ChatItem[]) {
  return {
    get: (id: string) => items.map((item) => ({ item })).find(({ item }) => item.id === id) ?? null,
    toChatCtx: () => new llm.ChatContext([...items]),
  };
}

test('a message that OpenAI refuses on a new connection is no part of the conversation', async () => {
  const [first, second] = ['What is it?', 'And now?'].map((content, index) =>
    llm.ChatMessage.create({ id: `item_${index}`, role: 'user', content }),
  ) as [llm.ChatMessage, llm.ChatMessage];
  const plugin = Object.assign(new EventEmitter(), {
    remoteChatCtx: remoteOf(),
    createChatCtxUpdateEvents: async ({ items }: llm.ChatContext) =>
      items.map((item) => ({ type: 'conversation.item.create', event_id: `of_${item.id}`, item })),
  });
  const session = plugin as unknown as llm.RealtimeSession;
  const heard = (event: object) => plugin.emit('openai_server_event_received', event);
  const ids = () => session.chatCtx.items.map(({ id }) => id);
  keepOpenAIHistory(session);
  plugin.remoteChatCtx = remoteOf();
  await plugin.createChatCtxUpdateEvents(new llm.ChatContext([first, second]));
  expect(ids()).toEqual([first.id, second.id]);
  heard({ type: 'error', error: { event_id: `of_${second.id}` } });
  expect(ids()).toEqual([first.id]);
  plugin.remoteChatCtx.get = remoteOf(first).get;
  plugin.remoteChatCtx.toChatCtx = remoteOf(first).toChatCtx;
  heard({ type: 'conversation.item.added', item: { id: first.id } });
  expect(ids()).toEqual([first.id]);
});

test('a context that waits while its connection to OpenAI is lost brings no picture of it to the next one', async () => {
  const stage = await liveStage({ video: { input: { sampler: never } } });
  const { room, fake } = stage;
  const publication = await stage.watch(camera);
  await stage.shown(camera, 3);
  const model = realtimeSession(stage.session);
  await until('a picture in the conversation', () => model.chatCtx.items.length === 1);
  // The service reads neither: the second one waits for the first one's answer.
  fake.connection.pauseReading();
  const withText = (text: string) =>
    new llm.ChatContext([
      ...model.chatCtx.items,
      llm.ChatMessage.create({ role: 'user', content: text }),
    ]);
  const updates = ['One.', 'Two.'].map((text) => model.updateChatCtx(withText(text)));
  const written = Promise.allSettled(updates);
  await new Promise((resolve) => setImmediate(resolve));
  room.unpublish(publication);
  const resumed = stage.next('model.resumed');
  fake.closeConnection(1006);
  await resumed;
  await within('the contexts', written, LIMIT_MS);
  await ask(stage, 'And now?');
  expect(stage.framesOn(2)).toEqual([]);
  expect(conversation(stage)).toContain('Two.');
});

test('a spoken message keeps its words if a context that was copied before its transcript is written', async () => {
  const stage = await liveStage();
  const { fake, session } = stage;
  const answered = said(stage, 'I see it.');
  await fake.hear('Which is it?');
  await answered;
  const realtime = realtimeSession(session);
  const context = realtime.chatCtx.copy();
  context.items = context.items.map((item) =>
    item.type === 'message' && item.textContent === 'Which is it?'
      ? llm.ChatMessage.create({ id: item.id, role: 'user', content: [] })
      : item,
  );
  context.items.push(llm.ChatMessage.create({ role: 'user', content: [] }));
  context.addMessage({ role: 'user', content: 'The left one?' });
  await realtime.updateChatCtx(context);
  await fake.connection.reaction();
  expect(fake.violations).toEqual([]);
  expect(fake.conversation.map((item) => JSON.stringify(item.content))).toEqual([
    expect.stringContaining('Which is it?'),
    expect.stringContaining('I see it.'),
    expect.stringContaining('The left one?'),
  ]);
});
