import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeGeminiLive } from '../../../src/testing/fakes/gemini-live.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import { RawClient } from '../../support/fakes/raw-client.ts';
import { type PictureFormat, picture } from '../../support/sample-pictures.ts';

const MODEL = 'models/gemini-3.1-flash-live-preview';
const PATH = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const LOOK = { functionDeclarations: [{ name: 'look' }] };

let service: FakeGeminiLive;
let origin: string;

beforeEach(async () => {
  service = new FakeGeminiLive({ apiKey: 'k' });
  ({ url: origin } = await service.listen());
});

afterEach(() => service.close());

const connect = (key = '?key=k') => RawClient.connect(`${origin}${PATH}${key}`);

async function ready(setup: JsonObject = {}): Promise<RawClient> {
  const client = await connect();
  client.send({ setup: { model: MODEL, ...setup } });
  await client.got('setupComplete');
  return client;
}

async function blob(format: PictureFormat, mimeType = `image/${format}`): Promise<JsonObject> {
  return { mimeType, data: (await picture(format)).toString('base64') };
}

async function expectRefusal(client: RawClient, code: number, why: RegExp): Promise<void> {
  expect(await client.closed).toMatchObject({ code });
  expect(service.violations).toEqual([expect.stringMatching(why)]);
}

describe('the first message', () => {
  const refused: [string, JsonObject | string, RegExp][] = [
    ['is JSON', '{"setup":', /Invalid JSON/],
    ['is an object', '[]', /Invalid JSON/],
    ['is no input', { realtimeInput: { text: 'hello' } }, /setup must be the first/],
    ['names a model', { setup: {} }, /models\/NAME/],
    ['has no unknown field', { setup: { model: MODEL, voice: 'Puck' } }, /"voice" at 'setup'/],
    ['is one message', { setup: { model: MODEL }, clientContent: {} }, /already set/],
    ['is a known message', { begin: {} }, /Unknown name "begin"/],
    [
      'has a known media resolution',
      { setup: { model: MODEL, generationConfig: { mediaResolution: 'MEDIUM' } } },
      /media_resolution/,
    ],
    [
      'asks a speaking model for speech',
      { setup: { model: MODEL, generationConfig: { responseModalities: ['TEXT'] } } },
      /Cannot extract voices/,
    ],
  ];

  it.each(refused)(
    'the first message to FakeGeminiLive is refused unless it %s',
    async (_name, message, why) => {
      const client = await connect();
      client.send(message);
      await expectRefusal(client, 1007, why);
    },
  );

  it('the first message to FakeGeminiLive is the only setup, and the client must wait for its answer', async () => {
    const client = await ready();
    client.send({ setup: { model: MODEL } });
    await expectRefusal(client, 1007, /only the first/);
    const release = service.setup.hold();
    const hasty = await connect();
    hasty.send({ setup: { model: MODEL } });
    hasty.send({ realtimeInput: { text: 'hello' } });
    expect(await hasty.closed).toMatchObject({ code: 1007 });
    release();
    expect(hasty.received).toEqual([]);
  });

  it('FakeGeminiLive answers the setup after a delay', async () => {
    service.setup.delayMs = 40;
    const before = performance.now();
    await ready();
    expect(performance.now() - before).toBeGreaterThan(39);
    expect(service.connection.isReady).toBe(true);
  });

  it.each([
    ['?key=other', /not valid/],
    ['', /unregistered/],
  ])('FakeGeminiLive needs a valid key, unlike "%s"', async (key, why) => {
    await expectRefusal(await connect(key), 1007, why);
  });

  it('the setup of FakeGeminiLive can request compression, which is recorded', async () => {
    await ready({ contextWindowCompression: { slidingWindow: {} } });
    expect(service.connection.contextWindowCompression).toEqual({ slidingWindow: {} });
    await ready();
    expect(service.connection.contextWindowCompression).toBeUndefined();
    expect(service.violations).toEqual([]);
  });

  it('the setup of FakeGeminiLive can resume an existing session with its model', async () => {
    const client = await ready({ sessionResumption: {} });
    const { sessionResumptionUpdate } = await client.got('sessionResumptionUpdate');
    const { newHandle } = sessionResumptionUpdate as { newHandle: string };
    await ready({ sessionResumption: { handle: newHandle } });
    expect(service.connection.resumedFrom).toBe(newHandle);
    expect(service.violations).toEqual([]);
    service.forgetSessions();
    const late = await connect();
    late.send({ setup: { model: MODEL, sessionResumption: { handle: newHandle } } });
    await expectRefusal(late, 1008, /session not found/);
  });
});

describe('realtime input', () => {
  const jpeg = 'has data of a JPEG';
  const refused: [string, JsonObject, RegExp][] = [
    ['has no media chunks', { mediaChunks: [{}] }, /media_chunks is deprecated/],
    ['has one field', { text: 'a', audio: {} }, /exactly one field/],
    ['has a field', {}, /exactly one field/],
    ['has no unknown field', { image: {} }, /Unknown name "image"/],
    ['has text that is text', { text: 1 }, /TYPE_STRING/],
    ['has video of a mime type', { video: { data: 'AAAA' } }, /no mime type/],
    ['has video in base64', { video: { mimeType: 'image/jpeg', data: jpeg } }, /TYPE_BYTES/],
    ['has pictures as video', { video: { mimeType: 'video/mp4', data: 'AAAA' } }, /not supported/],
    [
      'has nothing else in video',
      { video: { mimeType: 'image/jpeg', at: 1 } },
      /Unknown name "at"/,
    ],
    ['has pictures of bytes', { video: { mimeType: 'image/png', data: 'AAAA' } }, /no picture/],
    ['has audio as PCM', { audio: { mimeType: 'audio/opus', data: 'AAAA' } }, /not supported/],
    ['has audio of 16 bits', { audio: { mimeType: 'audio/pcm', data: 'AAAA' } }, /16-bit/],
    ['leaves activity to the service', { activityStart: {} }, /Explicit activity control/],
  ];

  it.each(refused)(
    'realtime input to FakeGeminiLive is refused unless it %s',
    async (_name, realtimeInput, why) => {
      const client = await ready();
      client.send({ realtimeInput });
      await expectRefusal(client, 1007, why);
      expect(service.frames).toEqual([]);
    },
  );

  it('realtime input to FakeGeminiLive has pictures of the declared type', async () => {
    const client = await ready();
    client.send({ realtimeInput: { video: await blob('png', 'image/jpeg') } });
    await expectRefusal(client, 1007, /mime type image\/jpeg, but its bytes are image\/png/);
  });

  it('FakeGeminiLive accepts pictures of each format, audio, text and ends of audio', async () => {
    service.reply = () => null;
    const client = await ready();
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      client.send({ realtimeInput: { video: await blob(format) } });
    }
    client.send({ realtimeInput: { audio: { mimeType: 'audio/pcm;rate=16000', data: 'AAA=' } } });
    client.send({ realtimeInput: { text: 'hello' } });
    const last = service.nextMessage(({ realtimeInput }) => {
      return JSON.stringify(realtimeInput).includes('audioStreamEnd');
    });
    client.send({ realtimeInput: { audioStreamEnd: true } });
    await last;
    expect(service.frames.map(({ mimeType }) => mimeType)).toEqual([
      'image/jpeg',
      'image/png',
      'image/webp',
    ]);
    expect(service.violations).toEqual([]);
  });

  it('realtime input marks activity if FakeGeminiLive does not detect it', async () => {
    const client = await ready({
      realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
    });
    const end = service.nextMessage(({ realtimeInput }) => {
      return JSON.stringify(realtimeInput) === '{"activityEnd":{}}';
    });
    client.send({ realtimeInput: { activityStart: {} } });
    client.send({ realtimeInput: { activityEnd: {} } });
    await end;
    expect(service.violations).toEqual([]);
  });
});

describe('client content', () => {
  it('client content of FakeGeminiLive has turns of a user or a model, with pictures too', async () => {
    const client = await ready();
    const frame = service.nextFrame();
    const parts = [{ text: 'look' }, { inlineData: await blob('png') }];
    client.send({ clientContent: { turns: [{ role: 'user', parts }], turnComplete: true } });
    expect(await frame).toMatchObject({ via: 'clientContent', mimeType: 'image/png' });
    await client.message('a complete turn', ({ serverContent }) => {
      return JSON.stringify(serverContent) === '{"turnComplete":true}';
    });
    client.send({ clientContent: { turns: [{ role: 'system', parts }] } });
    await expectRefusal(client, 1007, /valid role/);
  });

  it.each([
    [
      'a question once that comes as realtime text and again as a turn, as the plugin sends it',
      'Who?',
      'Who?',
    ],
    ['two questions together if the second one comes before an answer', 'Where?', 'Who?\nWhere?'],
  ])('FakeGeminiLive answers %s', async (_, second, both) => {
    const client = await ready({ sessionResumption: {}, outputAudioTranscription: {} });
    await client.got('sessionResumptionUpdate');
    const asked: string[] = [];
    service.reply = ({ text }) => {
      asked.push(text);
      return text;
    };
    client.send({ realtimeInput: { text: 'Who?' } });
    await Promise.race([once(client.socket, 'ping'), client.got('serverContent')]);
    const turns = [{ role: 'user', parts: [{ text: second }] }];
    client.send({ clientContent: { turns, turnComplete: true } });
    await service.until(() => asked.length > 0, 'the answer');
    expect(asked).toEqual([both]);
    // What was answered is not answered again.
    client.send({ realtimeInput: { text: 'When?' } });
    await service.until(() => asked.length > 1, 'the next answer');
    expect(asked).toEqual([both, 'When?']);
  });

  it('client content of FakeGeminiLive has parts', async () => {
    const client = await ready();
    client.send({ clientContent: { turns: [{ role: 'user', parts: [] }] } });
    await expectRefusal(client, 1007, /parts must not be empty/);
  });
});

describe('a tool call', () => {
  it('a tool call blocks realtime input to FakeGeminiLive until it is answered', async () => {
    const client = await ready({ tools: [LOOK] });
    const response = service.callTool('look', { far: true });
    const { toolCall } = await client.got('toolCall');
    const [{ id } = { id: '' }] = (toolCall as { functionCalls: { id: string }[] }).functionCalls;
    const answer = { id, name: 'look', response: { output: 'a cat' } };
    client.send({ toolResponse: { functionResponses: [answer] } });
    expect(await response).toEqual({ output: 'a cat' });
    client.send({ realtimeInput: { video: await blob('jpeg') } });
    await service.until(() => service.frames.length === 1, 'a frame');
    expect(service.violations).toEqual([]);
    client.send({ toolResponse: { functionResponses: [answer] } });
    await expectRefusal(client, 1007, /no function call/);
  });

  it('FakeGeminiLive closes on input that answers no tool call', async () => {
    const client = await ready({ tools: [LOOK] });
    service.connection.say({ toolCalls: [{ name: 'look' }] });
    await client.got('toolCall');
    await service.connection.reaction();
    client.send({ realtimeInput: { video: await blob('jpeg') } });
    await expectRefusal(client, 1008, /realtime_input.video while look was not answered/);
  });

  it('a tool call that does not block lets realtime input pass', async () => {
    const declaration = { name: 'look', behavior: 'NON_BLOCKING' };
    const client = await ready({ tools: [{ functionDeclarations: [declaration] }] });
    service.connection.say({ toolCalls: [{ name: 'look' }] });
    await client.got('toolCall');
    await service.connection.reaction();
    client.send({ realtimeInput: { video: await blob('jpeg') } });
    await service.until(() => service.frames.length === 1, 'a frame');
    expect(service.violations).toEqual([]);
  });

  it('a tool call is of a declared tool', async () => {
    await ready();
    expect(() => service.connection.say({ toolCalls: [{ name: 'look' }] })).toThrow('no tool look');
  });
});
