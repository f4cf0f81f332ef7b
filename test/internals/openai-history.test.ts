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

/** The plugin's session of a new connection, with two messages of an earlier one. */
function reconnected() {
  const [first, second] = ['What is it?', 'And now?'].map((content, index) =>
    llm.ChatMessage.create({ id: `item_${index}`, role: 'user', content }),
  ) as [llm.ChatMessage, llm.ChatMessage];
  const written: llm.ChatItem[][] = [];
  const plugin = Object.assign(new EventEmitter(), {
    remoteChatCtx: remoteOf(),
    createChatCtxUpdateEvents: async ({ items }: llm.ChatContext) => {
      written.push(items);
      return items.map((item) => ({
        ...{ type: 'conversation.item.create', event_id: `of_${item.id}`, item },
      }));
    },
  });
  const session = plugin as unknown as llm.RealtimeSession;
  keepOpenAIHistory(session);
  plugin.remoteChatCtx = remoteOf();
  const heard = (event: object) => plugin.emit('openai_server_event_received', event);
  const accept = (item: llm.ChatItem, ...conversation: llm.ChatItem[]) => {
    Object.assign(plugin.remoteChatCtx, remoteOf(...conversation));
    heard({ type: 'conversation.item.added', item: { id: item.id } });
  };
  const write = (...items: llm.ChatItem[]) =>
    plugin.createChatCtxUpdateEvents(new llm.ChatContext(items));
  const ids = () => session.chatCtx.items.map(({ id }) => id);
  return { plugin, session, first, second, written, heard, accept, write, ids };
}

test('a message that OpenAI refuses on a new connection is no part of the conversation', async () => {
  const { first, second, heard, accept, write, ids } = reconnected();
  const writing = write(first, second);
  // An error of something else.
  heard({ type: 'error', error: {} });
  await writing;
  expect(ids()).toEqual([first.id, second.id]);
  accept(first, first);
  expect(ids()).toEqual([first.id, second.id]);
  heard({ type: 'error', error: { event_id: `of_${second.id}` } });
  expect(ids()).toEqual([first.id]);
});

test('the conversation has the order of OpenAI again once a new connection has acknowledged it', async () => {
  const { plugin, first, second, accept, write, ids } = reconnected();
  await write(first, second);
  // Lost before it acknowledged the second one, which is not written again.
  plugin.remoteChatCtx = remoteOf();
  await write(first);
  accept(first, second, first);
  expect(ids()).toEqual([second.id, first.id]);
});

test('a result for OpenAI gets its call once, and calls long ago are forgotten', async () => {
  const { session, written, heard, write, accept } = reconnected();
  await write();
  const listeners = session.listenerCount('openai_server_event_received' as never);
  keepOpenAIHistory(session);
  expect(session.listenerCount('openai_server_event_received' as never)).toBe(listeners);
  const call = (number: number) => ({
    ...{ type: 'function_call', id: `call_${number}`, call_id: `${number}` },
    ...{ name: 'slow', arguments: '{}' },
  });
  for (let number = 0; number <= 64; number++)
    heard({ type: 'response.output_item.done', item: call(number) });
  const result = (number: number) =>
    llm.FunctionCallOutput.create({
      ...{ id: `result_${number}`, callId: `${number}`, output: 'Done.', isError: false },
    });
  const named = llm.FunctionCall.create({ id: 'call_64', callId: '64', name: 'slow', args: '' });
  const idsOf = async (...items: llm.ChatItem[]) => {
    await write(...items);
    return written.at(-1)?.map(({ id }) => id);
  };
  expect(await idsOf(result(0), result(1))).toEqual(['result_0', 'call_1', 'result_1']);
  expect(await idsOf(named, result(64))).toEqual(['call_64', 'result_64']);
  const known = result(64);
  accept(known, known);
  expect(await idsOf(known)).toEqual(['result_64']);
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
