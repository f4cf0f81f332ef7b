import { type Room, RoomEvent } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { untilEvent, within } from '../../src/testing/waits.ts';
import { Agent, endAgents, endReading, textIn, textShownTo } from '../support/faults/agent.ts';
import { Cable } from '../support/faults/cable.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;

afterAll(() => endReading());

describeWithServer('a participant whose signal socket is cut', (server) => {
  let cable: Cable;
  beforeEach(async () => {
    cable = await Cable.to(server());
  });
  afterEach(async () => {
    await endAgents();
    await cable.close();
  }, SLOW);

  /**
   * Waits for `RoomEvent.Reconnected` after the fault. Nothing may be published while a room
   * resumes: rtc-node could then lose the track, and all later news of the room.
   */
  async function reconnectsAfter(room: Room, fault: () => Promise<void>): Promise<void> {
    const reconnected = happens(room, RoomEvent.Reconnected);
    await fault();
    await reconnected;
  }
  /** The socket is closed, and another one can be opened at once. */
  const briefly = async () => cable.break();
  /** The server is unreachable while `meanwhile` runs. */
  const cutWhile = (meanwhile: () => Promise<void>) => async () => {
    await within('try to reconnect', cable.cut());
    await meanwhile();
    cable.mend();
  };

  test(
    'an agent whose signal socket is cut finds what was shared and stopped meanwhile',
    async () => {
      const room = await RealRoom.withAgent(server(), { url: cable.url });
      const agent = await Agent.start(room);
      const user = await room.join('user');
      const camera = await user.share('camera');
      const before = await agent.see(camera);
      const held = agent.held;

      await reconnectsAfter(room.agentRoom, briefly);
      expect((await agent.see(camera)).id).toBeGreaterThan(before.id);

      let screen = camera;
      const shares = cutWhile(async () => {
        screen = await user.share('screen');
      });
      await reconnectsAfter(room.agentRoom, shares);
      expect(await textIn(await agent.see(screen))).toContain(screen.text);

      await reconnectsAfter(
        room.agentRoom,
        cutWhile(() => screen.stop()),
      );
      expect(await textIn(await agent.see(camera))).toContain(camera.text);
      expect(await user.ask('What can you see?')).toBe('Yes.');
      expect(await textShownTo(agent.model.last)).toContain(camera.text);
      expect(agent.errors).toEqual([]);
      await agent.untilHoldsNoMoreThan(held);
    },
    SLOW,
  );

  test(
    'an agent keeps the video of a user whose signal socket is cut, and answers when they are back',
    async () => {
      const room = await RealRoom.withAgent(server());
      const agent = await Agent.start(room);
      const user = await room.join('user', { url: cable.url });
      const camera = await user.share('camera');
      const before = await agent.see(camera);
      await reconnectsAfter(user.room, briefly);
      expect((await agent.see(camera)).id).toBeGreaterThan(before.id);
      expect(await user.ask('What can you see?')).toBe('Yes.');
      expect(await textShownTo(agent.model.last)).toContain(camera.text);
      const screen = await user.share('screen');
      expect(await textIn(await agent.see(screen))).toContain(screen.text);
      expect(agent.errors).toEqual([]);
    },
    SLOW,
  );
});

function happens(room: Room, event: RoomEvent.Reconnected): Promise<void> {
  let happened = false;
  room.once(event, () => {
    happened = true;
  });
  return untilEvent(event, room, [event], () => happened);
}
