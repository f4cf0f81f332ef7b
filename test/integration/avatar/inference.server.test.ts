import { inference } from '@livekit/agents';
import { afterEach, expect, test, vi } from 'vitest';
import type { AvatarLimits } from '../../../src/session/options.ts';
import type { ApiFault } from '../../../src/testing/avatar/fake-provider.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { endStages } from '../../support/avatar/stage.ts';
import { GREETING_MS, greetingStage } from '../../support/providers/greeting-stage.ts';
import { InferenceGateway } from '../../support/providers/inference-gateway.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const IDENTITY = 'lemonslice-inference-avatar';
/** Limits of the framework's own attempts. Times in ms. */
const AT_ONCE = { maxRetry: 0, retryIntervalMs: 100, timeoutMs: 5000 };

const gateways: InferenceGateway[] = [];
afterEach(async () => {
  await endStages();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  vi.unstubAllEnvs();
}, SLOW);

describeWithServer("the framework's inference.AvatarSession", (server) => {
  /** @param kind - The option as one avatar, or as a function that creates a new one. */
  async function stageWith(
    kind: 'object' | 'function',
    {
      connOptions = AT_ONCE,
      ...avatarLimits
    }: AvatarLimits & { connOptions?: typeof AT_ONCE } = {},
  ) {
    const gateway = new InferenceGateway(server());
    gateways.push(gateway);
    await gateway.open();
    const { apiKey, apiSecret } = server();
    const make = () =>
      new inference.AvatarSession({
        model: 'lemonslice/agent-1',
        baseURL: gateway.url,
        apiKey,
        apiSecret,
        connOptions,
      });
    const stage = await greetingStage(server(), {
      avatar: kind === 'object' ? make() : make,
      avatarLimits,
      onGreet: () => gateway.events.push('greeted'),
    });
    return Object.assign(stage, { gateway });
  }

  test(
    'an avatar of the inference gateway joins before the first word, speaks it, and is terminated at the end',
    async () => {
      const stage = await stageWith('object');
      expect(await stage.greet()).toEqual([IDENTITY]);
      expect(stage.gateway.refusals).toEqual([]);
      expect(stage.gateway.events).toEqual(['asked', 'joined', 'greeted']);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      expect(stage.told).toEqual(['shown']);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
      await stage.video.close();
      expect(stage.gateway.running.size).toBe(0);
      expect(stage.gateway.events.at(-1)).toBe('terminated');
    },
    SLOW,
  );

  test.each<[string, ApiFault, AvatarLimits & { connOptions?: typeof AT_ONCE }, string]>([
    ['says HTTP 500', { status: 500 }, {}, 'failed: avatar gateway returned an error'],
    ['says HTTP 429', { status: 429 }, {}, 'failed: avatar gateway returned an error'],
    [
      "exceeds the framework's limit",
      'silent',
      { connOptions: { ...AT_ONCE, timeoutMs: 300 } },
      'failed: avatar gateway create timed out',
    ],
    [
      "exceeds Sightline's limit",
      'silent',
      { startTimeoutMs: 300 },
      'failed: it did not start in time',
    ],
  ])(
    "an avatar whose gateway %s leaves the greeting to the agent's voice",
    async (_, fault, avatarLimits, told) => {
      const stage = await stageWith('object', { maxAttempts: 1, ...avatarLimits });
      stage.gateway.fault = fault;
      expect(await stage.greet()).toEqual([AGENT]);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      expect(stage.told[0]).toContain(told);
      await stage.untilTold('givenUp');
      expect(stage.gateway.running.size).toBe(0);
    },
    SLOW,
  );

  test(
    'an avatar that the gateway refused can be retried as the same object',
    async () => {
      const stage = await stageWith('object', { retryBaseMs: 100 });
      stage.gateway.fault = { status: 429 };
      stage.video.on('avatar.failed', () => {
        stage.gateway.fault = undefined;
      });
      await stage.greet();
      await stage.untilTold('shown');
      expect(await stage.voices(600)).toEqual([IDENTITY]);
    },
    SLOW,
  );

  test(
    'an avatar that the gateway accepts after the limit is terminated',
    async () => {
      const stage = await stageWith('object', { startTimeoutMs: 300, maxAttempts: 1 });
      stage.gateway.fault = 'late';
      expect(await stage.greet()).toEqual([AGENT]);
      stage.gateway.answerNow();
      await until('terminated', () => stage.gateway.events.includes('terminated'));
      expect(stage.gateway.running.size).toBe(0);
    },
    SLOW,
  );

  test(
    'an avatar that left comes back if the option is a function',
    async () => {
      const stage = await stageWith('function');
      expect(await stage.greet()).toEqual([IDENTITY]);
      await stage.gateway.avatars[0]?.leave();
      await stage.untilTold('shown', 2);
      expect(stage.told).toEqual(['shown', 'lost: it left', 'shown']);
      expect(await stage.voices(600)).toEqual([IDENTITY]);
      expect(stage.gateway.running.size).toBe(1);
    },
    SLOW,
  );

  test(
    'an avatar that left is replaced by the voice if the option is an object, with the reason',
    async () => {
      const stage = await stageWith('object', { maxAttempts: 2 });
      expect(await stage.greet()).toEqual([IDENTITY]);
      await stage.gateway.avatars[0]?.leave();
      await stage.untilTold('givenUp');
      expect(stage.told.at(-1)).toContain('start() may only be called once per instance');
      expect(await stage.voices(600)).toEqual([AGENT]);
      expect(stage.gateway.running.size).toBe(0);
    },
    SLOW,
  );
});
