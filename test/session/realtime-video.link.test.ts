import { log } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, type MockInstance, test, vi } from 'vitest';
import { within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  geminiStage,
  live,
  never,
  openAIStage,
  PROVIDERS,
  type RealtimeStage,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

/** A model counts as blind after 10 s; three attempts to restore it take 5 s each. */
const SLOW = 90_000;
/**
 * OpenAI's plugin gives up after 10 s without a connection, at the moment the model counts as
 * blind.
 */
const PATIENT = { maxRetry: 3, retryIntervalMs: 2_000, timeoutMs: SLOW };

const camera = fileCamera();
let warn: MockInstance;
beforeAll(() => {
  warn = vi.spyOn(log(), 'warn');
});
// The tests run at the same time, since they mostly wait.
afterAll(() => stagesEnded());

const untilBlind = ({ video }: RealtimeStage) =>
  within(
    'moment of blindness',
    new Promise<string>((resolve) => {
      video.on('model.blind', ({ reason }) => resolve(reason));
    }),
    SLOW,
  );

/** Reported once as an event of the link, as an error event, and in the counters. */
function expectSaidOnce(stage: RealtimeStage, reason: string): void {
  expect(stage.link.filter((event) => event === 'blind')).toEqual(['blind']);
  expect(stage.events).toContainEqual({ type: 'error', cause: 'model', message: reason });
  expect(stage.video.metrics().errors).toEqual({ model: 1 });
}

describe('a model without a connection', () => {
  test.concurrent.each(PROVIDERS)(
    'a model without a connection is blind after 10 s, reported once, and sighted when it connects: %s',
    async (provider) => {
      const stage = await setStage(provider, {
        video: { input: { sampler: never } },
        openai: { connOptions: PATIENT },
      });
      const release = stage.fake.setup.hold();
      await stage.start();
      await stage.watch(camera);
      camera.show(2);
      const reason = await untilBlind(stage);
      expect(reason).toBe("the model's session has not been connected for 10000 ms");
      expectSaidOnce(stage, reason);
      const sighted = stage.next('model.sighted');
      release();
      await sighted;
      await stage.fake.until(() => stage.fake.frames.length > 0, 'a picture');
      expect(stage.link).toEqual(['waiting', 'blind', 'sighted']);
    },
    SLOW,
  );

  test.concurrent(
    'a Gemini connection that closes silently and stays away is blind after three attempts, with reconnect: false',
    async () => {
      const stage = await geminiStage({
        video: { input: { sampler: never }, realtime: { reconnect: false } },
      });
      await live(stage);
      stage.fake.setup.hold();
      stage.fake.closeConnection(1000);
      const reason = await untilBlind(stage);
      expect(reason).toMatch(/closed and could not be reopened \(3 attempts\)/);
      expectSaidOnce(stage, reason);
    },
    SLOW,
  );

  test.concurrent(
    'an OpenAI model that is refused at the start is blind after 10 s, and sighted when it connects',
    async () => {
      const stage = await openAIStage({ video: { input: { sampler: never } } });
      stage.fake.refuseConnections({ status: 503 });
      await stage.start();
      await stage.watch(camera);
      camera.show(3);
      const reason = await untilBlind(stage);
      expectSaidOnce(stage, reason);
      expect(reason).toMatch(/not been connected/);
      await stage.fake.acceptConnections();
      await stage.fake.nextFrame(undefined, SLOW);
      expect(stage.link).toEqual(['waiting', 'blind', 'sighted']);
    },
    SLOW,
  );
});

test('each blind model is one line of the log', () => {
  const said = warn.mock.calls.map(([, line]) => String(line));
  expect(said.filter((line) => /video: .* has not been connected for/.test(line))).toHaveLength(3);
  expect(said.filter((line) => /video: .* could not be reopened/.test(line))).toHaveLength(1);
});
