import { inference, type llm, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as openai from '@livekit/agents-plugin-openai';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLookTool, everyFrame } from '../../src/index.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { endStages, setStage } from '../support/loopback.ts';
import {
  gptLiveStage,
  live,
  PROVIDERS,
  setStage as setRealtime,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { BodyRecorder } from '../support/wire/body-recorder.ts';
import { type WireBody, wireErrors } from '../support/wire/compiled-bodies.ts';

const CHAT = 'ChatCompletionCreateParamsStreaming from openai/resources/chat/completions';
const RESPONSES = 'ResponseCreateParams from openai/resources/responses/responses';
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

describe('a pipeline', () => {
  test("the openai plugin's chat requests with pictures are of OpenAI's published types", async () => {
    const sender = new openai.LLM({ ...key, baseURL: baseUrl, model: 'gpt-4o' });
    const sent = await bodies(sender, CHAT);
    expect(JSON.stringify(sent)).toContain('"image_url"');
    expect(wireErrors(sent)).toEqual([]);
  });

  test("the openai plugin's responses requests with pictures are of OpenAI's published types", async () => {
    const sender = new openai.responses.LLM({
      ...key,
      baseURL: baseUrl,
      model: 'gpt-4.1',
      useWebSocket: false,
    });
    const sent = await bodies(sender, RESPONSES);
    expect(JSON.stringify(sent)).toContain('"input_image"');
    expect(wireErrors(sent)).toEqual([]);
  });

  test("LiveKit Inference's chat requests with pictures are of OpenAI's published types", async () => {
    const sender = new inference.LLM({
      model: 'openai/gpt-4.1-mini',
      baseURL: baseUrl,
      apiKey: 'k',
      apiSecret: 's'.repeat(32),
    });
    const sent = await bodies(sender, CHAT);
    expect(JSON.stringify(sent)).toContain('"image_url"');
    expect(wireErrors(sent)).toEqual([]);
  });

  test.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])(
    "the google plugin's requests with pictures to %s are of Google's published types",
    async (name) => {
      const sender = new google.LLM({ ...key, model: name, httpOptions: { baseUrl } });
      const sent = await bodies(
        sender,
        CONTENTS,
        (body) => (body as { contents: object }).contents,
      );
      expect(JSON.stringify(sent)).toContain('"inlineData"');
      expect(wireErrors(sent)).toEqual([]);
    },
  );
});

test.each(PROVIDERS)(
  'every message to the realtime model of %s is of its published type',
  async (provider) => {
    const stage = await setRealtime(provider, {
      video: { input: { sampler: everyFrame(), sources: ['camera', 'screen'] } },
    });
    await live(stage);
    const publication = await stage.watch(camera, TrackSource.SOURCE_CAMERA);
    for (const level of [1, 3, 5, 7, 9]) await stage.shown(camera, level);
    await stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
    const noted = stage.fake.messages.length;
    stage.room.mute(publication);
    await stage.fake.until(() => stage.fake.messages.length > noted, 'the line about its end');
    const type = provider === 'google' ? LIVE : REALTIME;
    const sent = stage.fake.messages.map(({ message }, n) => ({
      name: `${provider}, message ${n}: ${Object.keys(message)}`,
      type: type as WireBody['type'],
      body: message,
    }));
    expect(sent.length).toBeGreaterThan(6);
    expect(wireErrors(sent)).toEqual([]);
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
  expect(JSON.stringify(sent)).toContain('"input_image"');
  expect(sent.length).toBeGreaterThan(6);
  expect(wireErrors(sent)).toEqual([]);
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
