import { type Room, RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { untilEvent } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;

afterEach(closeRooms, SLOW);

const { SIMULATE_SIGNAL_RECONNECT, SIMULATE_FULL_RECONNECT } = SimulateScenarioKind;

describeWithServer('an agent with video in a room that reconnects', (server) => {
  test.each([
    ['resumes', SIMULATE_SIGNAL_RECONNECT],
    ['joins anew', SIMULATE_FULL_RECONNECT],
  ])(
    "an agent watches the newest track again after the agent's %s",
    async (_, scenario) => {
      const room = await RealRoom.withAgent(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      const screen = await user.share('screen');
      const eyes = await room.openEyes();
      const before = await eyes.see(screen);

      await reconnect(room.agentRoom, scenario);

      const after = await eyes.see(screen);
      expect(after.id).toBeGreaterThan(before.id);
      expect(await user.ask('What can you see?')).toContain(screen.text);
      expect(eyes.reader.requests.at(-1)).toMatchObject({ images: 1 });
      await screen.stop();
      await eyes.see(camera);
      expect(await user.ask('And now?')).toContain(camera.text);
    },
    SLOW,
  );

  // After a user's full reconnect, a track is published again, which `room.server.test.ts` covers. It is
  // not repeated here: about once in a hundred times, rtc-node's own publication is lost.
  test(
    'an agent sees the video again when the user resumes',
    async () => {
      const room = await RealRoom.withAgent(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      const eyes = await room.openEyes();
      const before = await eyes.see(camera);

      await reconnect(user.room, SIMULATE_SIGNAL_RECONNECT);

      const after = await eyes.see(camera);
      expect(after.id).toBeGreaterThan(before.id);
      expect(await user.ask('What can you see?')).toContain(camera.text);
    },
    SLOW,
  );
});

async function reconnect(room: Room, scenario: SimulateScenarioKind): Promise<void> {
  let back = false;
  room.once(RoomEvent.Reconnected, () => {
    back = true;
  });
  const reconnected = untilEvent('reconnect', room, [RoomEvent.Reconnected], () => back);
  await room.simulateScenario(scenario);
  await reconnected;
}
