import { llm } from '@livekit/agents';
import {
  AudioFrame,
  LocalVideoTrack,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { everyFrame, fixedRate } from '../../src/index.ts';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import type { JsonObject } from '../../src/testing/fakes/json.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { geminiSession, realtimeSession, saidIn } from '../support/fakes/agent-session.ts';
import {
  endStages,
  geminiStage,
  levelOf,
  live,
  liveStage,
  never,
  PROVIDERS,
  type RealtimeStage,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = fileCamera();
afterEach(() => {
  clearInterval(showing);
  endStages();
});
afterAll(() => stagesEnded());

let showing: NodeJS.Timeout;
/** Shows a level repeatedly until the test ends. */
function keepShowing(level: number): void {
  showing = setInterval(() => camera.show(level), 60);
}

/** A camera of noise, which makes large pictures. */
class NoiseCamera {
  readonly track: LocalVideoTrack;
  readonly #video = new VideoSource(1280, 720);
  readonly #timer: NodeJS.Timeout;

  constructor() {
    const pixels = new Uint8Array(1280 * 720 * 1.5);
    for (let n = 0; n < pixels.length; n++) pixels[n] = (n * 2_654_435_761) >>> 13;
    const frame = new VideoFrame(pixels, 1280, 720, VideoBufferType.I420);
    const send = () => this.#video.captureFrame(frame);
    send();
    this.track = LocalVideoTrack.createVideoTrack('noise', this.#video);
    this.#timer = setInterval(send, 100);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.track.close();
  }
}

/** The client's socket. */
function socketOf(stage: RealtimeStage, provider: string): Pick<WebSocket, 'bufferedAmount'> {
  if (provider === 'google') {
    const socket = geminiSession(stage.session).activeSession?.conn.ws;
    if (socket) return socket;
    throw new Error('the plugin is not connected');
  }
  const socket = openaiSockets.get(realtimeSession(stage.session));
  if (!socket) throw new Error('the plugin is not connected');
  return socket;
}
const openaiSockets = new WeakMap<object, WebSocket>();

/** Remembers the socket of OpenAI's plugin. */
function rememberSockets({ model }: RealtimeStage): void {
  const make = model.session.bind(model);
  model.session = () => {
    const session = make() as llm.RealtimeSession & { runWs?(socket: WebSocket): Promise<void> };
    const runWs = session.runWs?.bind(session);
    if (runWs)
      session.runWs = (socket) => {
        openaiSockets.set(session, socket);
        return runWs(socket);
      };
    return session;
  };
}

/** 50 ms of silence, as it comes from the room. */
const silence = () => new AudioFrame(new Int16Array(1200), 24_000, 1, 1200);

describe('a service that does not read', () => {
  test.each(PROVIDERS)(
    'a service that does not read gets at most one picture over the limit, and no queue builds up: %s',
    async (provider) => {
      const noise = new NoiseCamera();
      const stage = await setStage(provider, {
        video: { input: { sampler: everyFrame(), image: { format: 'jpeg', quality: 100 } } },
      });
      rememberSockets(stage);
      await live(stage);
      const first = stage.fake.nextFrame();
      await stage.watch(noise);
      const { bytes } = await first;
      const socket = socketOf(stage, provider);
      let most = 0;
      const watching = setInterval(() => {
        most = Math.max(most, socket.bufferedAmount);
      }, 5);
      stage.fake.pauseReading();
      await stage.next('sample.skipped', ({ reason }) => reason === 'backpressure');
      const sent = stage.video.metrics().frames.sent;
      const rss = process.memoryUsage.rss();
      await until(
        '20 more held back',
        () => stage.skips.filter((s) => s === 'backpressure').length > 20,
      );
      expect(stage.video.metrics().frames.sent - sent).toBeLessThanOrEqual(1);
      // Base64 is a third longer, and the message adds a little.
      expect(most).toBeLessThan(64 * 1024 + 1.4 * bytes + 2000);
      expect((process.memoryUsage.rss() - rss) / 2 ** 20).toBeLessThan(80);

      // Audio waits only for what is already in the socket.
      const chunks = stage.fake.audio.chunks;
      const session = realtimeSession(stage.session);
      for (let n = 0; n < 4; n++) session.pushAudio(silence());
      stage.fake.resumeReading();
      await stage.fake.until(() => stage.fake.audio.chunks >= chunks + 2, 'audio');
      await stage.fake.nextFrame();
      clearInterval(watching);
      expect(stage.fake.violations).toEqual([]);
      expect(stage.link).toEqual(['waiting', 'sighted']);
      await stage.video.close();
      await noise.close();
    },
    40_000,
  );
});

test('no picture is sent while a tool of Gemini runs, since that would end the session', async () => {
  let finish = (_: string) => {};
  const seen = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const look = llm.tool({
    name: 'look',
    description: 'Looks.',
    parameters: z.object({}),
    execute: () => seen,
  });
  const stage = await geminiStage({ tools: [look], video: { input: { sampler: everyFrame() } } });
  await live(stage);
  await stage.fake.until(() => stage.fake.connections.at(-1)?.toolNames[0] === 'look');
  await stage.fake.until(() => stage.fake.connection.handle !== undefined, 'a session');
  await stage.watch(camera);
  keepShowing(4);
  await stage.fake.nextFrame();
  const pending = stage.next('sample.skipped', ({ reason }) => reason === 'tool-pending');
  const response = stage.fake.callTool('look');
  await pending;
  await stage.fake.connection.reaction();
  const before = stage.fake.frames.length;
  await until('five held back', () => stage.skips.filter((s) => s === 'tool-pending').length > 5);
  expect(stage.fake.frames).toHaveLength(before);
  finish('a cat');
  await response;
  await stage.fake.nextFrame();
  expect(stage.fake.violations).toEqual([]);
});

/** The picture of a message; undefined for any other message. */
const pictureIn = ({ message }: { message: JsonObject }): boolean =>
  /"realtimeInput":\{"video"|"inlineData"|"input_image"/.test(JSON.stringify(message));

describe('a typed turn', () => {
  test.each(PROVIDERS)(
    'a typed turn sends the newest frame just before its text or with it: %s',
    async (provider) => {
      const stage = await liveStage(provider, { video: { input: { sampler: never } } });
      const first = stage.fake.nextFrame();
      await stage.watch(camera);
      camera.show(2);
      await first;
      for (const level of [5, 8]) {
        // A frame without a request for one.
        const received = stage.video.metrics().frames.received;
        camera.show(level);
        await until('frame in', () => stage.video.metrics().frames.received > received);
        await stage.session.generateReply({ userInput: `What about ${level}?` }).waitForPlayout();
        const texts = stage.fake.messages.map((logged) => JSON.stringify(logged.message));
        const at = texts.findIndex((text) => text.includes(`What about ${level}?`));
        expect(stage.fake.messages.slice(at - 1, at + 1).some(pictureIn)).toBe(true);
        expect(await levelOf(stage.fake.frames.at(-1) as { data: Buffer })).toBe(level);
      }
      expect(stage.fake.frames).toHaveLength(3);
      expect(saidIn(stage.session)).toContain('assistant: I see it.');
      expect(stage.fake.violations).toEqual([]);
    },
  );

  test.each(PROVIDERS)(
    'a typed turn does not wait for a picture if there is no new one: %s',
    async (provider) => {
      const stage = await liveStage(provider, { video: { input: { sampler: never } } });
      await stage.session.generateReply({ userInput: 'Hello?' }).waitForPlayout();
      expect(saidIn(stage.session)).toEqual(['user: Hello?', 'assistant: I see it.']);
      expect(stage.fake.frames).toEqual([]);
    },
  );
});

describe('video is passive', () => {
  test.each(PROVIDERS)('pictures neither start nor interrupt an answer: %s', async (provider) => {
    const stage = await liveStage(provider, { video: { input: { sampler: fixedRate(8) } } });
    let asked = 0;
    const fake = stage.fake as FakeGeminiLive;
    fake.reply = () => {
      asked += 1;
      return null;
    };
    keepShowing(4);
    await stage.watch(camera);
    await stage.fake.until(() => stage.fake.frames.length >= 8, 'frames');
    expect(asked).toBe(0);

    // During an answer of the model.
    fake.say({ text: 'A long story', hold: true });
    const before = stage.fake.frames.length;
    await stage.fake.until(() => stage.fake.frames.length >= before + 8, 'frames');
    fake.finishReply?.();
    const others = stage.fake.messages.filter((logged) => !pictureIn(logged));
    for (const { message } of others)
      expect(JSON.stringify(message)).not.toMatch(
        /response\.create|response\.cancel|turnComplete":true|activity|audio_buffer/,
      );
    expect(asked).toBe(0);
    expect(stage.fake.violations).toEqual([]);
    expect(stage.link).toEqual(['waiting', 'sighted']);
  });
});
