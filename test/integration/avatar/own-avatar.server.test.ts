import { afterEach, expect, test, vi } from 'vitest';
import { LampAvatar } from '../../../examples/own-avatar.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { until } from '../../../src/testing/waits.ts';
import { endStages } from '../../support/avatar/stage.ts';
import { GREETING_MS, greetingStage } from '../../support/providers/greeting-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 60_000;
const SPOKEN_MS = 8000;
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
      const before = stage.ears.sounds.length;
      const speech = stage.say(SPOKEN_MS);
      await until('it is heard', () => stage.ears.sounds.length > before + 20);
      const from = Date.now();
      speech.interrupt();
      await speech.waitForPlayout();
      expect(Date.now() - from).toBeLessThan(SPOKEN_MS / 4);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
      await stage.video.close();
      await until('it is gone', () => !stage.agentRoom.remoteParticipants.has('lamp'));
    },
    SLOW,
  );
});
