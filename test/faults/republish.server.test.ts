import { afterAll, afterEach, expect, test } from 'vitest';
import { trendOf } from '../../src/testing/measure/trend.ts';
import { until } from '../../src/testing/waits.ts';
import { Agent, endAgents, endReading, textIn } from '../support/faults/agent.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { RealRoom } from '../support/real-room.ts';

const SLOW = 300_000;
const TIMES = 100;
/** How often the test waits for the agent; the other publications overtake it. */
const SEEN_EACH = 10;
/** A publisher's own connection gets slower with each track that it ever had. */
const REJOIN_EACH = 25;

afterEach(endAgents, SLOW);
afterAll(() => endReading());

describeWithServer('a publisher that republishes 100 times', (server) => {
  test(
    'a track that is republished 100 times is watched each time, with one open stream at the end',
    async () => {
      const room = await RealRoom.withAgent(server());
      const agent = await Agent.start(room, { inputOptions: { closeOnDisconnect: false } });
      let user = await room.join('user');
      let camera = await user.share('camera');
      await agent.see(camera);
      const before = agent.held;
      const memory = [{ minutes: 0, value: before.native }];
      const startedAt = performance.now();
      for (let time = 1; time <= TIMES; time++) {
        await camera.stop();
        if (time % REJOIN_EACH === 0) {
          // rtc-node keeps a listener of a track whose participant leaves before it is unpublished.
          await agent.untilWatching();
          await user.leave();
          user = await room.join('user');
        }
        camera = await user.share('camera');
        if (time % SEEN_EACH !== 0) continue;
        expect((await agent.see(camera)).trackSid).toBe(camera.sid);
        const minutes = (performance.now() - startedAt) / 60_000;
        memory.push({ minutes, value: agent.held.native });
      }
      expect(await textIn(await agent.see(camera))).toContain(camera.text);

      const { slope, rise } = trendOf(memory.slice(1));
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.info({ seconds, mbAMinute: slope.toFixed(1), mb: rise.toFixed(1) });
      await agent.untilHoldsNoMoreThan(before);
      // One socket more or less belongs to the library.
      const { descriptors } = before;
      await until('descriptors closed', () => agent.held.descriptors <= descriptors + 8);
      expect(agent.errors).toEqual([]);
    },
    SLOW,
  );
});
