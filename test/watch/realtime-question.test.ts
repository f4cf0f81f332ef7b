import { voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import type { Replier } from '../../src/testing/fakes/reply.ts';
import { until, within } from '../../src/testing/waits.ts';
import { wantedAnswer } from '../../src/watch/answer.ts';
import { realtimeAsker } from '../../src/watch/realtime-question.ts';
import { VideoWatch, type WatchNews } from '../../src/watch/video-watch.ts';
import type { VideoWatchOptions } from '../../src/watch/watch-options.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  levelOf,
  liveStage,
  never,
  PROVIDERS,
  type ProviderName,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { timersLeftBy } from '../support/timers.ts';

const camera = fileCamera();
let showing: NodeJS.Timeout;
const watches: { stop(): void }[] = [];
beforeAll(() => {
  showing = setInterval(() => camera.show(5), 50);
});
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop();
  endStages();
});
afterAll(async () => {
  clearInterval(showing);
  await stagesEnded();
});

const SCHEMA = { type: 'object', properties: { open: { type: 'boolean' } }, required: ['open'] };
const QUESTION = 'Is the door open?';

/** A conversation, and a watch that asks the same model whether the door is open. */
async function askingStage(
  provider: ProviderName,
  reply: Replier,
  options: Partial<VideoWatchOptions<{ open: boolean }>> = {},
) {
  const stage = await liveStage(provider, { video: { input: { sampler: never } } });
  await stage.watch(camera);
  const conversation = stage.fake.connection.id;
  stage.fake.reply = reply;
  const watch = new VideoWatch<{ open: boolean }>(stage.video, {
    everyMs: 20,
    decide: { llm: stage.model, question: QUESTION, answer: SCHEMA, when: ({ open }) => open },
    act: 'event',
    limits: { backOffMs: 20, maxBackOffMs: 20 },
    ...options,
  });
  watches.push(watch);
  return { stage, watch, conversation };
}

const answers =
  (answer: unknown): Replier =>
  ({ instructions, text }) =>
    `${instructions}${text}`.includes(QUESTION)
      ? { toolCalls: [{ name: 'answer', args: { answer: answer as never } }] }
      : 'I see it.';

const noAnswer: Replier = () => new Promise(() => {});

const next = <T extends WatchNews<{ open: boolean }>['type']>(
  watch: VideoWatch<{ open: boolean }>,
  type: T,
) =>
  within(
    type,
    new Promise<Extract<WatchNews<{ open: boolean }>, { type: T }>>((resolve) => {
      const stop = watch.on(type, (event) => {
        stop();
        resolve(event as never);
      });
    }),
  );

describe.each(PROVIDERS)('a question to a realtime model of %s', (provider) => {
  test(`a question to ${provider} is asked outside the conversation, and answered by a tool call`, async () => {
    const { stage, watch, conversation } = await askingStage(provider, answers({ open: true }));
    const { AgentStateChanged } = voice.AgentSessionEventTypes;
    const states: string[] = [];
    stage.session.on(AgentStateChanged, ({ newState }) => states.push(newState));
    const acted = next(watch, 'acted');
    watch.start();
    expect((await acted).answer).toEqual({ open: true });
    watch.stop();
    const [picture] = stage.fake.frames.filter(({ connection }) => connection !== conversation);
    expect(picture && (await levelOf(picture))).toBe(5);
    const asked = stage.fake.messages.filter(({ message }) =>
      JSON.stringify(message).includes(QUESTION),
    );
    expect(asked.map(({ connection }) => connection)).not.toContain(conversation);
    expect(asked.length).toBeGreaterThan(0);
    // The agent did not speak, and did not start to think.
    expect(states).toEqual([]);
    expect(stage.fake.violations).toEqual([]);
  });

  test.each<[string, Replier, RegExp]>([
    ['says something instead', () => 'It is open.', /did not call the tool/],
    ['answers something else', answers('perhaps'), /it must be object \(perhaps\)/],
  ])(`a question to ${provider} is a failed look if the model %s`, async (_, reply, error) => {
    const { watch } = await askingStage(provider, reply);
    const failed = next(watch, 'watch.failed');
    watch.start();
    expect(await failed).toMatchObject({ step: 'decide', error: expect.stringMatching(error) });
    expect(watch.metrics().acts).toBe(0);
  });

  test(`an unanswered question to ${provider} ends at its limit, and its connection before the next one`, async () => {
    const { stage, watch, conversation } = await askingStage(provider, noAnswer, {
      limits: { decideTimeoutMs: 400, backOffMs: 20, maxBackOffMs: 20 },
    });
    const open = () =>
      stage.fake.connections.filter(({ id, isOpen }) => isOpen && id !== conversation).length;
    let most = 0;
    watch.on('look.begun', () => {
      most = Math.max(most, open());
    });
    watch.start();
    await until('three questions', () => watch.metrics().failures.decide >= 3);
    watch.stop();
    await until('the end of each connection', () => open() === 0);
    expect(most).toBeLessThanOrEqual(1);
    expect(watch.metrics()).toMatchObject({ decisions: 0, acts: 0 });
    // The conversation goes on.
    expect(stage.fake.connections.find(({ id }) => id === conversation)?.isOpen).toBe(true);
  });

  test(`a question to ${provider} fails if the connection is not established`, async () => {
    const { stage, watch, conversation } = await askingStage(provider, answers({ open: true }), {
      limits: { decideTimeoutMs: 300, backOffMs: 20 },
    });
    const letPass = stage.fake.setup.hold();
    const failed = next(watch, 'watch.failed');
    watch.start();
    expect(await failed).toMatchObject({ step: 'decide' });
    watch.stop();
    // A handshake that is aborted ends the process, due to OpenAI's plugin.
    const late = stage.fake.nextConnection().catch(() => undefined);
    letPass();
    await (provider === 'openai' ? late : undefined);
    await until('the end of each connection', () =>
      stage.fake.connections.every(({ id, isOpen }) => id === conversation || !isOpen),
    );
  });
});

test('a question without its picture waits no longer for its connection', async () => {
  const { stage } = await askingStage('google', noAnswer);
  const ask = realtimeAsker({
    ...{ model: stage.model, question: QUESTION, image: undefined },
    wanted: wantedAnswer(SCHEMA),
  });
  const { signal } = new AbortController();
  const frame = { encode: () => Promise.reject(new Error('it was taken away')) } as never;
  const letPass = stage.fake.setup.hold();
  const left = await timersLeftBy(() =>
    expect(ask(frame, { signal } as never)).rejects.toThrow('it was taken away'),
  );
  expect(left.filter((stack) => /realtime-question|abortable/.test(stack))).toEqual([]);
  letPass();
});

test('OpenAI is forced to call the tool', async () => {
  const { stage, watch } = await askingStage('openai', answers({ open: true }));
  const acted = next(watch, 'acted');
  watch.start();
  await acted;
  const session = stage.fake.messages.map(({ message }) => message.session);
  expect(session).toContainEqual(expect.objectContaining({ tool_choice: 'required' }));
});

test('an error of OpenAI that the plugin recovers from does not end the question', async () => {
  const { stage, watch } = await askingStage('openai', noAnswer);
  const answer = answers({ open: true });
  let isFirst = true;
  stage.fake.reply = (question) => {
    const asked = stage.fake.connections.find(({ id }) => id === question.connection);
    const error = { type: 'server_error', message: 'try again' };
    if (isFirst) asked?.send({ type: 'error', event_id: 'event_1', error });
    isFirst = false;
    return answer(question);
  };
  const acted = next(watch, 'acted');
  watch.start();
  await acted;
  watch.stop();
  expect(watch.metrics().failures.decide).toBe(0);
});

test('an answer schema that cannot be given to a model is refused', async () => {
  const { stage } = await askingStage('google', () => null);
  const answer = z.string().transform(Number);
  const options = { everyMs: 1, decide: { llm: stage.model, question: QUESTION, answer } };
  expect(() => new VideoWatch(stage.video, { ...options, act: 'event' })).toThrow(
    expect.objectContaining({ option: 'decide.answer' }),
  );
});

test.each<'tcp' | { status: number }>(['tcp', { status: 503 }])(
  'a service that refuses a watch with a model of its own (%o) fails its looks, and not the process',
  async (refusal) => {
    const stage = await liveStage('openai', { video: { input: { sampler: never } } });
    await stage.watch(camera);
    const asked = new FakeOpenAIRealtime();
    const { baseUrl } = await asked.listen();
    const model = new openai.realtime.RealtimeModel({ apiKey: 'k', baseURL: baseUrl });
    asked.refuseConnections(refusal);
    const watch = new VideoWatch<{ open: boolean }>(stage.video, {
      everyMs: 20,
      decide: { llm: model, question: QUESTION, answer: SCHEMA },
      act: 'event',
      limits: { backOffMs: 20, maxBackOffMs: 20 },
    });
    watches.push(watch);
    const failed = next(watch, 'watch.failed');
    watch.start();
    expect(await failed).toMatchObject({ step: 'decide', error: expect.any(String) });
    await asked.acceptConnections();
    asked.reply = answers({ open: true });
    await next(watch, 'look.decided');
    watch.stop();
    await asked.close();
  },
  60_000,
);
