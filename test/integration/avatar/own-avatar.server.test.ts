import { afterEach, expect, test, vi } from 'vitest';
import { LampAvatar } from '../../../examples/own-avatar.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { until } from '../../../src/testing/waits.ts';
import { endStages } from '../../support/avatar/stage.ts';
import { GREETING_MS, greetingStage } from '../../support/providers/greeting-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
afterEach(async () => {
  await endStages();
  vi.unstubAllEnvs();
}, SLOW);

describeWithServer('the avatar of examples/own-avatar.ts', (server) => {
  test(
    'the avatar of examples/own-avatar.ts speaks the greeting, is interrupted at once, and ends with its session',
    async () => {
      const stage = await greetingStage(server(), { avatar: () => new LampAvatar() });
      expect(await stage.greet()).toEqual(['lamp']);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      expect(await stage.interrupted()).toBeLessThan(0.5);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
      await stage.video.close();
      await until('it is gone', () => !stage.agentRoom.remoteParticipants.has('lamp'));
    },
    SLOW,
  );
});
