import {
  DEFAULT_API_CONNECT_OPTIONS,
  type JobContext,
  runWithJobContextAsync,
} from '@livekit/agents';
import * as lemonslice from '@livekit/agents-plugin-lemonslice';
import { afterEach, expect, test, vi } from 'vitest';
import type { AvatarLimits } from '../../../src/session/options.ts';
import type { ApiFault } from '../../../src/testing/avatar/fake-provider.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { endStages } from '../../support/avatar/stage.ts';
import { GREETING_MS, greetingStage } from '../../support/providers/greeting-stage.ts';
import { API_KEY, LemonSliceApi } from '../../support/providers/lemonslice-api.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const IDENTITY = 'lemonslice-avatar-agent';
/** Limits of the plugin's own attempts. Times in ms. */
const AT_ONCE = { maxRetry: 0, retryIntervalMs: 100, timeoutMs: 5000 };

const apis: LemonSliceApi[] = [];
afterEach(async () => {
  await endStages();
  await Promise.all(apis.splice(0).map((api) => api.close()));
  vi.unstubAllEnvs();
}, SLOW);

describeWithServer("LemonSlice's own plugin", (server) => {
  async function stageWith(connOptions = AT_ONCE, avatarLimits: AvatarLimits = {}) {
    const api = new LemonSliceApi(server());
    apis.push(api);
    await api.open();
    const avatar = new lemonslice.AvatarSession({
      agentId: 'agent-1',
      apiKey: API_KEY,
      apiUrl: api.apiUrl,
      connOptions,
    });
    const onGreet = () => api.events.push('greeted');
    return Object.assign(await greetingStage(server(), { avatar, avatarLimits, onGreet }), { api });
  }

  test(
    'an avatar of LemonSlice joins before the first word and speaks it',
    async () => {
      const stage = await stageWith();
      expect(await stage.greet()).toEqual([IDENTITY]);
      expect(stage.api.refusals).toEqual([]);
      expect(stage.api.events).toEqual(['asked', 'joined', 'greeted']);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      expect(stage.told).toEqual(['shown']);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
    },
    SLOW,
  );

  const noAnswer = 'failed: Failed to start LemonSlice Avatar Session after all retries';
  test.each<[string, ApiFault, typeof AT_ONCE, AvatarLimits, string]>([
    ['says HTTP 500', { status: 500 }, AT_ONCE, {}, noAnswer],
    ['says HTTP 429', { status: 429 }, AT_ONCE, {}, noAnswer],
    ['says HTTP 401', { status: 401 }, AT_ONCE, {}, 'failed: Server returned an error'],
    ["exceeds the plugin's limit", 'silent', { ...AT_ONCE, timeoutMs: 300 }, {}, noAnswer],
    [
      "exceeds Sightline's limit",
      'silent',
      AT_ONCE,
      { startTimeoutMs: 300 },
      'failed: it did not start in time',
    ],
  ])(
    "an avatar of LemonSlice whose API %s leaves the greeting to the agent's voice",
    async (_, fault, connOptions, avatarLimits, told) => {
      const stage = await stageWith(connOptions, { maxAttempts: 1, ...avatarLimits });
      stage.api.fault = fault;
      expect(await stage.greet()).toEqual([AGENT]);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      expect(stage.told[0]).toContain(told);
      await stage.untilTold('givenUp');
      expect(stage.api.avatars).toEqual([]);
    },
    SLOW,
  );

  test(
    "an avatar of LemonSlice with a wrong key leaves the greeting to the agent's voice",
    async () => {
      const api = new LemonSliceApi(server());
      apis.push(api);
      await api.open();
      const { apiUrl } = api;
      const avatar = () => new lemonslice.AvatarSession({ agentId: 'a', apiKey: 'no', apiUrl });
      const stage = await greetingStage(server(), { avatar, avatarLimits: { maxAttempts: 1 } });
      expect(await stage.greet()).toEqual([AGENT]);
      expect(api.refusals).toEqual(['401 Error: no key, or not ours']);
    },
    SLOW,
  );

  test(
    'an avatar of LemonSlice that is accepted at the second attempt is shown then',
    async () => {
      const stage = await stageWith(AT_ONCE, { retryBaseMs: 100 });
      stage.api.fault = { status: 503 };
      stage.video.on('avatar.failed', () => {
        stage.api.fault = undefined;
      });
      await stage.greet();
      await stage.untilTold('shown');
      expect(await stage.voices(600)).toEqual([IDENTITY]);
    },
    SLOW,
  );

  test(
    "LemonSlice's plugin makes four requests by default before it fails",
    async () => {
      const stage = await stageWith(DEFAULT_API_CONNECT_OPTIONS, { maxAttempts: 1 });
      stage.api.fault = { status: 500 };
      expect(await stage.greet()).toEqual([AGENT]);
      expect(stage.api.events).toEqual(['asked', 'asked', 'asked', 'asked', 'greeted']);
      expect(stage.told[0]).toBe(noAnswer);
    },
    SLOW,
  );

  // LemonSlice's API has no call that ends a session: in a job, the plugin removes its participant
  // from the room. It finds its job in the async context. Events of the native library arrive in
  // the context of the library's first use: here, as after a `prewarm` that used it, that is
  // outside the job.
  test.each<[string, (stage: Awaited<ReturnType<typeof stageWith>>) => Promise<void>]>([
    ['the session ends', async (stage) => stage.video.close()],
    ['the user is gone', async (stage) => stage.userLeaves()],
  ])(
    'an avatar of LemonSlice in a job is removed from the room when %s',
    async (_, end) => {
      const job = jobOf(server());
      const stage = await runWithJobContextAsync(job, async () => {
        const stage = await stageWith(AT_ONCE, { graceMs: 300 });
        Object.assign(job, { room: stage.agentRoom, agent: stage.agentRoom.localParticipant });
        expect(await stage.greet()).toEqual([IDENTITY]);
        return stage;
      });
      await runWithJobContextAsync(job, () => end(stage));
      await until('the avatar is out', () => !stage.api.avatars[0]?.isInRoom);
    },
    SLOW,
  );
});

/** The part of a job that the framework's avatars and its session use. */
function jobOf({ url, apiKey, apiSecret }: { url: string; apiKey: string; apiSecret: string }) {
  const part = {
    info: { url, apiKey, apiSecret },
    job: { id: 'AJ_1', enableRecording: false },
    inferenceHeaders: {},
    sessionDirectory: '',
    addShutdownCallback: () => {},
    simulationContext: () => undefined,
    initRecording: async () => {},
  };
  return part as unknown as JobContext;
}
