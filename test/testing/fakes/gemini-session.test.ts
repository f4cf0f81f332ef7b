import { afterEach, describe, expect, test, vi } from 'vitest';
import { FakeGeminiLive, type GeminiLiveOptions } from '../../../src/testing/fakes/gemini-live.ts';
import { GeminiSession } from '../../../src/testing/fakes/gemini-session.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import type { Question } from '../../../src/testing/fakes/reply.ts';
import type { ReceivedFrame } from '../../../src/testing/fakes/service-record.ts';
import { RawClient } from '../../support/fakes/raw-client.ts';
import { picture } from '../../support/sample-pictures.ts';

const PATH = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k';
const OLDER = 'models/gemini-2.5-flash-native-audio-preview-12-2025';
const NEWER = 'models/gemini-3.1-flash-live-preview';
const COMPRESSED = { contextWindowCompression: { slidingWindow: {} } };
const data = (await picture('jpeg')).toString('base64');

let service: FakeGeminiLive;
afterEach(() => service?.close());

async function listening(options: GeminiLiveOptions = {}): Promise<string> {
  service = new FakeGeminiLive(options);
  return `${(await service.listen()).url}${PATH}`;
}

async function ready(url: string, setup: JsonObject): Promise<RawClient> {
  const client = await RawClient.connect(url);
  client.send({ setup: { model: OLDER, ...setup } });
  await client.got('setupComplete');
  return client;
}

async function showPicture(client: RawClient): Promise<void> {
  const arrived = service.nextFrame();
  client.send({ realtimeInput: { video: { mimeType: 'image/jpeg', data } } });
  await arrived;
}

/** The number of pictures that the model sees in its next turn. */
async function seenIn(ask: () => void): Promise<number> {
  const { frames } = await new Promise<Question>((resolve) => {
    service.reply = (question) => {
      resolve(question);
      return null;
    };
    ask();
  });
  expect(service.pictures).toEqual(frames);
  return frames.length;
}

const typed = (client: RawClient, parts: JsonObject[] = [{ text: 'What is it?' }]) =>
  client.send({ clientContent: { turns: [{ role: 'user', parts }], turnComplete: true } });

const DEFAULT = 'of its default';
const COVERAGES: [string, string, number][] = [
  [OLDER, DEFAULT, 0],
  [OLDER, 'TURN_INCLUDES_ONLY_ACTIVITY', 0],
  [OLDER, 'TURN_INCLUDES_ALL_INPUT', 1],
  [OLDER, 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO', 1],
  [NEWER, DEFAULT, 1],
  [NEWER, 'TURN_INCLUDES_ONLY_ACTIVITY', 0],
];

describe('the pictures that the model of FakeGeminiLive sees', () => {
  test.each(COVERAGES)(
    'the model %s of FakeGeminiLive with the coverage %s sees %i pictures of the time before a typed turn',
    async (model, turnCoverage, count) => {
      const realtimeInputConfig = turnCoverage === DEFAULT ? {} : { turnCoverage };
      const client = await ready(await listening(), { model, realtimeInputConfig });
      await showPicture(client);
      expect(await seenIn(() => typed(client))).toBe(count);
      expect(service.frames).toHaveLength(1);
    },
  );

  test('the model of FakeGeminiLive sees a picture of the time in which the user speaks', async () => {
    const client = await ready(await listening(), {});
    await showPicture(client);
    service.speechStarted();
    await showPicture(client);
    expect(await seenIn(() => void service.hear('What is it?'))).toBe(1);
    await showPicture(client);
    expect(await seenIn(() => typed(client))).toBe(1);
  });

  test('the model of FakeGeminiLive sees a picture between marks of activity', async () => {
    const realtimeInputConfig = { automaticActivityDetection: { disabled: true } };
    const client = await ready(await listening(), { realtimeInputConfig });
    client.send({ realtimeInput: { activityStart: {} } });
    await showPicture(client);
    client.send({ realtimeInput: { activityEnd: {} } });
    await showPicture(client);
    expect(await seenIn(() => typed(client))).toBe(1);
  });

  test('the model of FakeGeminiLive sees a picture inside of a typed turn with each coverage', async () => {
    const client = await ready(await listening(), {});
    const parts = [{ text: 'Look' }, { inlineData: { mimeType: 'image/jpeg', data } }];
    expect(await seenIn(() => typed(client, parts))).toBe(1);
  });

  test('the model of FakeGeminiLive still sees its pictures on the next connection of its session, and no other', async () => {
    const url = await listening();
    const client = await ready(url, { model: NEWER, sessionResumption: {} });
    await showPicture(client);
    expect(await seenIn(() => typed(client))).toBe(1);
    const { sessionResumptionUpdate } = await client.got('sessionResumptionUpdate');
    const { newHandle } = sessionResumptionUpdate as { newHandle: string };
    const sessionResumption = { handle: newHandle };
    const resumed = await ready(url, { model: NEWER, sessionResumption });
    expect(await seenIn(() => typed(resumed))).toBe(1);
    const other = await ready(url, { model: NEWER });
    expect(await seenIn(() => typed(other))).toBe(0);
  });
});

describe('the length of a session', () => {
  const SHORT = { sessionMs: 60_000, videoSessionMs: 60, goAwayMs: 30 };

  test('a session of FakeGeminiLive with video ends without compression, after a goAway, and cannot be resumed', async () => {
    const url = await listening(SHORT);
    const client = await ready(url, { sessionResumption: {} });
    const { sessionResumptionUpdate } = await client.got('sessionResumptionUpdate');
    const { newHandle } = sessionResumptionUpdate as { newHandle: string };
    await showPicture(client);
    expect(await client.closed).toMatchObject({
      code: 1011,
      reason: expect.stringContaining('Deadline expired'),
    });
    expect(client.received.at(-1)).toEqual({ goAway: { timeLeft: '0.03s' } });
    const late = await RawClient.connect(url);
    late.send({ setup: { model: OLDER, sessionResumption: { handle: newHandle } } });
    expect(await late.closed).toMatchObject({ code: 1008 });
  });

  test('a session of FakeGeminiLive keeps its limit on its next connection, and announces its end once', () => {
    vi.useFakeTimers();
    try {
      const setup = { model: OLDER };
      const session = new GeminiSession(setup, { ...SHORT, videoSessionMs: 120, goAwayMs: 60 });
      const first = { send: vi.fn(), close: vi.fn() };
      const second = { send: vi.fn(), close: vi.fn() };
      session.open(first, setup);
      session.add({ via: 'realtimeInput' } as ReceivedFrame, true);
      vi.advanceTimersByTime(60);
      expect(first.send.mock.calls).toEqual([[{ goAway: { timeLeft: '0.06s' } }]]);
      session.open(second, setup);
      session.leave(first);
      vi.advanceTimersByTime(59);
      expect(second.close).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(second.close.mock.calls).toEqual([[1011, expect.any(String)]]);
      expect(second.send).not.toHaveBeenCalled();
      expect(first.close).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });

  test('a session of FakeGeminiLive without video, or with compression, outlasts one with video', async () => {
    const url = await listening(SHORT);
    const compressed = await ready(url, COMPRESSED);
    await showPicture(compressed);
    const silent = await ready(url, {});
    const client = await ready(url, {});
    await showPicture(client);
    await client.closed;
    expect([compressed, silent].map(({ socket }) => socket.readyState)).toEqual([1, 1]);
  });

  test('a connection of FakeGeminiLive ends after ten minutes and a goAway, and its session continues on another one', async () => {
    const url = await listening();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const client = await ready(url, { ...COMPRESSED, sessionResumption: {} });
      const { sessionResumptionUpdate } = await client.got('sessionResumptionUpdate');
      vi.advanceTimersByTime(540_000);
      expect(await client.got('goAway')).toEqual({ goAway: { timeLeft: '60s' } });
      vi.advanceTimersByTime(60_000);
      expect(await client.closed).toEqual({ code: 1008, reason: 'The operation was aborted.' });
      const { newHandle } = sessionResumptionUpdate as { newHandle: string };
      await ready(url, { ...COMPRESSED, sessionResumption: { handle: newHandle } });
      expect(service.connection.resumedFrom).toBe(newHandle);
    } finally {
      vi.useRealTimers();
    }
  });
});
