import { inference, type llm, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as openai from '@livekit/agents-plugin-openai';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLookTool, everyFrame } from '../../src/index.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { endStages, setStage } from '../support/loopback.ts';
import { azureModel, xaiModel } from '../support/providers/openai-protocol.ts';
import {
  geminiStage,
  gptLiveStage,
  live,
  openAIStage,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { BodyRecorder } from '../support/wire/body-recorder.ts';
import { brokenBody, type WireBody, wireErrors } from '../support/wire/compiled-bodies.ts';
import { GoogleCredentials } from '../support/wire/google-credentials.ts';

const CHAT = 'ChatCompletionCreateParamsStreaming from openai/resources/chat/completions';
const RESPONSES = 'ResponseCreateParams from openai/resources/responses/responses';
const RESPONSES_EVENT = 'ResponsesClientEvent from openai/resources/responses/responses';
const REALTIME = 'RealtimeClientEvent from openai/resources/realtime/realtime';
const CONTENTS = 'ContentListUnion from @google/genai';
const LIVE = 'LiveClientMessage from @google/genai';
const INPUT_ITEM = 'ResponseInputItem from openai/resources/responses/responses';
const GPT_LIVE = 'realtime.GPTLive.ClientEvent from @livekit/agents-plugin-openai';

/** Keeps what each request held. */
class Contexts extends RecordingLLM {
  readonly contexts: llm.ChatContext[] = [];

  override chat(options: Parameters<llm.LLM['chat']>[0]) {
    this.contexts.push(options.chatCtx.copy());
    return super.chat(options);
  }
}

const camera = new TestCamera({ width: 320, height: 240 });
const recorder = new BodyRecorder();
const model = new Contexts();
let baseUrl: string;

beforeAll(async () => {
  baseUrl = await recorder.listen();
  // Turns with labelled pictures, an old picture that became a line, a look and its follow-up.
  const stage = setStage(camera, {
    model,
    video: { input: { sources: ['camera', 'screen'] }, turn: { detail: 'low' } },
  });
  const tools = [createLookTool(stage.video)];
  await stage.video.start({ agent: new voice.Agent({ instructions: 'Look.', tools }) });
  await stage.cameraOn();
  for (const level of [2, 4, 6]) {
    await stage.show(level);
    await stage.type(`What is number ${level}?`);
  }
  model.replies.push({ call: 'look' }, 'I see it.');
  const showing = setInterval(() => camera.show(8), 30);
  await stage.type('Look once more.');
  clearInterval(showing);
  expect(model.contexts.length).toBeGreaterThanOrEqual(5);
  expect(model.last.pictures.length).toBeGreaterThan(0);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await endStages();
  await stagesEnded();
  await Promise.all([recorder.close(), camera.close()]);
});

/** The bodies of all requests, as this model sends them. */
async function bodies(sender: llm.LLM, type: WireBody['type'], of = (body: unknown) => body) {
  const found: WireBody[] = [];
  for (const [n, context] of model.contexts.entries()) {
    const body = of(await recorder.bodyOf(sender, context));
    found.push({ name: `${sender.label()}, request ${n}`, type, body });
  }
  return found;
}

const key = { apiKey: 'k' };
const SECRET = 's'.repeat(32);

/** Each body is of its type, and a body with an unknown field instead of this one would be found. */
function expectPublished(sent: readonly WireBody[], field: string): void {
  const broken = brokenBody(sent, field);
  expect(wireErrors([...sent, broken])).toEqual([expect.stringContaining(broken.name)]);
}

describe('a pipeline', () => {
  test.each<[string, (baseURL: string) => llm.LLM]>([
    ["the openai plugin's", (baseURL) => new openai.LLM({ ...key, baseURL, model: 'gpt-4o' })],
    ["the openai plugin's xAI", (baseURL) => openai.LLM.withXAI({ ...key, baseURL })],
    [
      "the openai plugin's Azure",
      (baseURL) =>
        openai.LLM.withAzure({ ...key, baseURL, model: 'gpt-4.1', apiVersion: '2025-01-01' }),
    ],
    [
      "the google plugin's AI Platform",
      (endpointURL) =>
        new google.AIPlatformLLM({
          endpointURL,
          project: 'p',
          endpointId: '1',
          accessToken: 'token',
        }),
    ],
    [
      "LiveKit Inference's",
      (baseURL) =>
        new inference.LLM({ model: 'openai/gpt-4.1-mini', baseURL, ...key, apiSecret: SECRET }),
    ],
  ])(
    "%s chat requests with pictures are of OpenAI's published types",
    async (_sender, newSender) => {
      expectPublished(await bodies(newSender(baseUrl), CHAT), 'image_url');
    },
  );

  test("the chat requests of a model that is only named are of OpenAI's published types", async () => {
    vi.stubEnv('LIVEKIT_INFERENCE_URL', baseUrl);
    vi.stubEnv('LIVEKIT_API_KEY', 'k');
    vi.stubEnv('LIVEKIT_API_SECRET', SECRET);
    const { llm: sender } = new voice.AgentSession({ llm: 'openai/gpt-4.1-mini', vad: null });
    expectPublished(await bodies(sender as llm.LLM, CHAT), 'image_url');
  });

  test("the openai plugin's responses requests with pictures are of OpenAI's published types", async () => {
    const sender = new openai.responses.LLM({
      ...key,
      baseURL: baseUrl,
      model: 'gpt-4.1',
      useWebSocket: false,
    });
    expectPublished(await bodies(sender, RESPONSES), 'image_url');
  });

  test("the openai plugin's responses requests over a web socket are of OpenAI's published types", async () => {
    const sender = new openai.responses.LLM({ ...key, baseURL: baseUrl, model: 'gpt-4.1' });
    const sent = await bodies(sender, RESPONSES_EVENT);
    await sender.close();
    expectPublished(sent, 'image_url');
  });

  const contents = (body: unknown) => (body as { contents: object }).contents;

  test.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])(
    "the google plugin's requests with pictures to %s are of Google's published types",
    async (model) => {
      const sender = new google.LLM({ ...key, model, httpOptions: { baseUrl } });
      expectPublished(await bodies(sender, CONTENTS, contents), 'inlineData');
    },
  );

  test("the google plugin's requests with pictures to Vertex AI are of Google's published types", async () => {
    const credentials = new GoogleCredentials();
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await credentials.issue());
    const sender = new google.LLM({
      model: 'gemini-2.5-flash',
      vertexai: true,
      project: 'p',
      location: 'us-central1',
      httpOptions: { baseUrl },
    });
    const sent = await bodies(sender, CONTENTS, contents).finally(() => credentials.close());
    expectPublished(sent, 'inlineData');
  });
});

test.each<[string, (options: StageOptions) => Promise<RealtimeStage>, WireBody['type'], string]>([
  ['google', geminiStage, LIVE, 'mimeType'],
  ['openai', openAIStage, REALTIME, 'image_url'],
  ['Azure', (options) => openAIStage(options, azureModel), REALTIME, 'image_url'],
  ['xAI', (options) => openAIStage(options, xaiModel), REALTIME, 'image_url'],
])(
  'every message to the realtime model of %s is of its published type',
  async (provider, newStage, type, field) => {
    const stage = await newStage({
      video: { input: { sampler: everyFrame(), sources: ['camera', 'screen'] } },
    });
    await live(stage);
    const publication = await stage.watch(camera, TrackSource.SOURCE_CAMERA);
    for (const level of [1, 3, 5, 7, 9]) await stage.shown(camera, level);
    await stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
    const noted = stage.fake.messages.length;
    stage.room.mute(publication);
    await stage.fake.until(() => stage.fake.messages.length > noted, 'the line about its end');
    const sent = stage.fake.messages.map(({ message }, n) => ({
      name: `${provider}, message ${n}: ${Object.keys(message)}`,
      type,
      body: message,
    }));
    expect(sent.length).toBeGreaterThan(6);
    expectPublished(sent, field);
  },
);

test("every message to GPT-Live is of the openai plugin's published type, and each item of OpenAI's", async () => {
  const stage = await gptLiveStage({
    video: { input: { sampler: everyFrame(), sources: ['camera', 'screen'] } },
  });
  await live(stage);
  const publication = await stage.watch(camera, TrackSource.SOURCE_CAMERA);
  for (const level of [2, 4, 6]) await stage.shown(camera, level);
  const line = stage.fake.nextMessage((message) => JSON.stringify(message).includes('is off'));
  stage.room.mute(publication);
  await line;
  const sent = stage.fake.messages.flatMap(({ message }, n): WireBody[] => {
    const { item, ...event } = message;
    const name = `GPT-Live, message ${n}: ${event.type}`;
    if (!item) return [{ name, type: GPT_LIVE, body: message }];
    return [
      { name, type: GPT_LIVE, body: message },
      { name: `${name}, item`, type: INPUT_ITEM, body: item },
    ];
  });
  expect(sent.length).toBeGreaterThan(6);
  expectPublished(
    sent.filter(({ type }) => type === GPT_LIVE),
    'image_url',
  );
  expectPublished(
    sent.filter(({ type }) => type === INPUT_ITEM),
    'image_url',
  );
});

describe('the check itself', () => {
  const picture = 'data:image/jpeg;base64,/9j/2Q==';

  test.each<[what: string, type: WireBody['type'], body: object]>([
    [
      'an image_url that is a text',
      CHAT,
      {
        model: 'gpt-4o',
        stream: true,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: picture }] }],
      },
    ],
    [
      'an item with an unknown field',
      REALTIME,
      {
        type: 'conversation.item.create',
        item: {
          type: 'message',
          role: 'user',
          content: [{ type: 'input_image', image: picture }],
        },
      },
    ],
    [
      'a picture whose detail is missing',
      GPT_LIVE,
      {
        type: 'response.item.create',
        item: {
          type: 'message',
          role: 'user',
          content: [{ type: 'input_image', image_url: picture }],
        },
      },
    ],
    ['a frame without its data', LIVE, { realtimeInput: { video: { mime: 'image/jpeg' } } }],
  ])('%s is found', (what, type, body) => {
    expect(wireErrors([{ name: what, type, body }])).toEqual([expect.stringContaining(what)]);
  });
});
