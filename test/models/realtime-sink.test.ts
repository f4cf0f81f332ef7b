import { llm } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as openai from '@livekit/agents-plugin-openai';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EncodedImage } from '../../src/index.ts';
import { realtimeVideoSink, UnsupportedModelError } from '../../src/index.ts';
import type { RealtimeVideoSink } from '../../src/models/video-sink.ts';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { bigJpeg, picture } from '../support/sample-pictures.ts';

/** A provider that builds on the plugin of another one, like xAI. */
class OtherModel extends openai.realtime.RealtimeModel {
  override label(): string {
    return 'other.RealtimeModel';
  }

  override session(): openai.realtime.RealtimeSession {
    return new OtherSession(this);
  }
}
class OtherSession extends openai.realtime.RealtimeSession {}

/** A model that Sightline has no adapter for. */
class StrangeModel extends llm.RealtimeModel {
  constructor() {
    super({
      messageTruncation: false,
      turnDetection: false,
      userTranscription: false,
      autoToolReplyGeneration: false,
      audioOutput: false,
      manualFunctionCalls: false,
    });
  }

  get model(): string {
    return 'strange-1';
  }

  override label(): string {
    return 'strange.RealtimeModel';
  }

  session(): llm.RealtimeSession {
    throw new Error('not here');
  }

  async close(): Promise<void> {}
}

let small: EncodedImage;
let big: EncodedImage;
beforeAll(async () => {
  const of = (data: Buffer) => ({ data, mimeType: 'image/jpeg' as const, width: 64, height: 48 });
  small = of(await picture('jpeg'));
  big = of(await bigJpeg(4_000_000));
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function gemini(options: { hold?: boolean } = {}) {
  const fake = new FakeGeminiLive();
  ends.push(() => fake.close());
  const { baseUrl } = await fake.listen();
  const release = options.hold ? fake.setup.hold() : () => {};
  const model = new google.realtime.RealtimeModel({ apiKey: 'k', httpOptions: { baseUrl } });
  const session = model.session();
  session.on('error', () => {});
  ends.push(() => session.close());
  const ready = async () => {
    await fake.until(() => fake.connections.at(-1)?.handle !== undefined, 'a session');
    await fake.connection.reaction();
  };
  if (!options.hold) await ready();
  return { fake, session, sink: realtimeVideoSink(session), ready, release };
}

async function openAI(Model: typeof openai.realtime.RealtimeModel = openai.realtime.RealtimeModel) {
  const fake = new FakeOpenAIRealtime();
  ends.push(() => fake.close());
  const { baseUrl } = await fake.listen();
  const release = fake.setup.hold();
  const session = new Model({ apiKey: 'k', baseURL: baseUrl }).session();
  session.on('error', () => {});
  ends.push(() => {
    const closed = session.close();
    session.sendEvent({ type: 'input_audio_buffer.clear' });
    return closed;
  });
  const sink = realtimeVideoSink(session);
  const ready = async () => {
    const next = fake.nextConnection();
    release();
    await next;
    await fake.connection.reaction();
  };
  return { fake, session, sink, ready };
}

const sent = (sink: RealtimeVideoSink, image: EncodedImage) => sink.push(image) === 'sent';

test('a sink states which pictures suit its model', async () => {
  const resize = { width: 1024, height: 1024, strategy: 'scale_aspect_fit' };
  const jpeg = { format: 'jpeg', quality: 75, resize, enlarge: false };
  expect((await gemini()).sink.picture).toEqual(jpeg);
  const { sink, ready } = await openAI();
  expect(sink.picture).toEqual(jpeg);
  await ready();
});

describe('the sink of Gemini', () => {
  test('the sink of Gemini is not connected during the connect, then sends at once', async () => {
    const { fake, sink, ready, release } = await gemini({ hold: true });
    expect(sink.push(small)).toBe('not-connected');
    expect(sink.connection()).toBeUndefined();
    release();
    await ready();
    expect(sink.connection()).toBeDefined();
    expect(sink.push(small)).toBe('sent');
    await fake.until(() => fake.frames.length === 1, 'a picture');
    expect(fake.frames[0]).toMatchObject({ data: small.data, mimeType: 'image/jpeg' });
    expect(fake.violations).toEqual([]);
  });

  test('the sink of Gemini is restarting, and then on another connection', async () => {
    const { fake, sink, session } = await gemini();
    const before = sink.connection();
    const next = fake.nextConnection();
    (session as unknown as { markRestartNeeded(): void }).markRestartNeeded();
    expect(sink.push(small)).toBe('restarting');
    expect(sink.connection()).toBeUndefined();
    await next;
    await fake.until(() => fake.connection.handle !== undefined);
    await fake.connection.reaction();
    expect(sink.push(small)).toBe('sent');
    expect(sink.connection()).not.toBe(before);
  });

  test('the sink of Gemini is closed when the server closed, and can reconnect', async () => {
    const { fake, sink } = await gemini();
    expect(sink.isSilentlyClosed()).toBe(false);
    fake.closeConnection(1000);
    await fake.connections[0]?.closed;
    while (!sink.isSilentlyClosed()) await new Promise(setImmediate);
    expect(sink.push(small)).toBe('closed');
    const next = fake.nextConnection();
    expect(sink.revive()).toBe(true);
    expect(sink.isSilentlyClosed()).toBe(false);
    await next;
  });

  test('the sink of Gemini refuses pictures that would delay audio, and has no queue', async () => {
    const { fake, sink } = await gemini();
    fake.pauseReading();
    const results = Array.from({ length: 20 }, () => sink.push(big));
    expect(results.at(-1)).toBe('backpressure');
    const count = results.filter((result) => result === 'sent').length;
    fake.resumeReading();
    await fake.until(() => fake.frames.length === count, 'pictures');
    await fake.connection.reaction();
    expect(fake.frames).toHaveLength(count);
    expect(sent(sink, small)).toBe(true);
  });
});

describe.each([
  ['OpenAI', openai.realtime.RealtimeModel],
  ['a plugin that inherits it', OtherModel],
] as const)('the sink of %s', (of, Model) => {
  test(`the sink of ${of} is not connected during the connect, then sends at once`, async () => {
    const { fake, sink, ready } = await openAI(Model);
    expect(sink.push(small)).toBe('not-connected');
    await ready();
    expect(sink.push(small)).toBe('sent');
    await fake.until(() => fake.frames.length === 1, 'a picture');
    expect(fake.frames[0]).toMatchObject({ data: small.data, mimeType: 'image/jpeg' });
    expect(fake.violations).toEqual([]);
  });

  test(`the sink of ${of} is not connected between two connections`, async () => {
    const { fake, sink, ready } = await openAI(Model);
    await ready();
    const before = sink.connection();
    const release = fake.setup.hold();
    fake.closeConnection(1011);
    while (sink.connection()) await new Promise(setImmediate);
    expect(['closed', 'not-connected']).toContain(sink.push(small));
    const next = fake.nextConnection();
    release();
    await next;
    await fake.connection.reaction();
    expect(sink.push(small)).toBe('sent');
    expect(sink.connection()).not.toBe(before);
    expect([sink.isSilentlyClosed(), sink.revive()]).toEqual([false, false]);
  });

  test(`the sink of ${of} refuses a third picture that the server has not acknowledged`, async () => {
    const { fake, sink, ready } = await openAI(Model);
    await ready();
    fake.pauseReading();
    expect([1, 2, 3].map(() => sink.push(small))).toEqual(['sent', 'sent', 'backpressure']);
    fake.resumeReading();
    await fake.until(() => fake.frames.length === 2, 'pictures');
    await fake.connection.reaction();
    expect(sent(sink, small)).toBe(true);
  });

  test(`the sink of ${of} does not wait for pictures that were lost with their connection`, async () => {
    const { fake, sink, ready } = await openAI(Model);
    await ready();
    fake.pauseReading();
    expect([1, 2].map(() => sink.push(small))).toEqual(['sent', 'sent']);
    const acknowledged = sink.acknowledged();
    const next = fake.nextConnection();
    fake.closeConnection(1011);
    await acknowledged;
    await next;
    await fake.connection.reaction();
    expect(sink.push(small)).toBe('sent');
    await fake.until(() => fake.frames.length === 1, 'a picture');
  });

  test(`the sink of ${of} works after pictures that the server refused`, async () => {
    const { fake, sink, ready } = await openAI(Model);
    await ready();
    const wrong = { ...small, mimeType: 'image/png' as const };
    for (let n = 1; n <= 3; n++) {
      expect(sink.push(wrong)).toBe('sent');
      await fake.until(() => fake.violations.length === n, 'a refusal');
      await fake.connection.reaction();
    }
    expect(sent(sink, small)).toBe(true);
    await fake.until(() => fake.frames.length === 1, 'a picture');
    expect(fake.pictures).toHaveLength(1);
  });
});

test('a session of another model has no sink, and the error names it and the remedy', () => {
  const session = { realtimeModel: new StrangeModel() } as unknown as llm.RealtimeSession;
  const make = () => realtimeVideoSink(session);
  expect(make).toThrow(UnsupportedModelError);
  expect(make).toThrow(/strange\.RealtimeModel cannot see: .*google and openai/);
});
