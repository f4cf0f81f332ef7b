import { RoomEvent } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type OwnServer, startLiveKitServer } from '../../src/testing/livekit-server.ts';
import { findLiveKitServer } from '../../src/testing/processes/find-server.ts';
import { until, untilEvent } from '../../src/testing/waits.ts';
import { Agent, endAgents, endReading, textIn, textShownTo } from '../support/faults/agent.ts';
import { describeWithServerInstalled } from '../support/real-parts.ts';
import { type Person, RealRoom, type Share } from '../support/real-room.ts';

const SLOW = 200_000;

afterEach(endAgents, SLOW);
afterAll(() => endReading());

describeWithServerInstalled('an agent whose LiveKit server is killed during the session', () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startLiveKitServer(findLiveKitServer() ?? '');
  });
  afterAll(() => server?.stop());

  /**
   * Kills the server, and restarts it after both participants have noticed. Resolves when both are
   * back.
   */
  async function restart(agent: Agent, user: Person): Promise<{ up: number; reconnected: number }> {
    const rooms = [agent.room, user.room];
    const all = (event: RoomEvent) =>
      Promise.all(
        rooms.map((room) => {
          let happened = false;
          room.once(event as RoomEvent.Reconnected, () => {
            happened = true;
          });
          return untilEvent(event, room, [event], () => happened);
        }),
      );
    const [noticed, reconnected] = [all(RoomEvent.Reconnecting), all(RoomEvent.Reconnected)];
    await server.stop();
    await noticed;
    server = await server.startAgain();
    const up = Date.now();
    await reconnected;
    return { up, reconnected: Date.now() };
  }

  /**
   * Resolves when the agent's room has a track of the user. About once in a hundred times, rtc-node
   * loses its own publication when it rejoins: then the user shares again, and the time counts from
   * there.
   */
  async function untilShared(agent: Agent, user: Person, share: Share, since: number) {
    const isThere = () =>
      [...(agent.room.remoteParticipants.get('user')?.trackPublications.values() ?? [])].some(
        ({ track }) => track,
      );
    try {
      await until('the track of the user', isThere);
      return { share, since };
    } catch {
      await share.stop();
      const again = Date.now();
      return { share: await user.share('camera'), since: again };
    }
  }

  test('an agent sees the video again soon after a server restart, also after the second one, and answers', {
    timeout: SLOW,
  }, async () => {
    const room = await RealRoom.withAgent(server);
    const agent = await Agent.start(room);
    const user = await room.join('user');
    const sharedAt = Date.now();
    let share = await user.share('camera');
    await agent.see(share);
    const usual = Date.now() - sharedAt;
    const before = agent.held;

    for (let time = 1; time <= 2; time++) {
      const back = new Promise<number>((resolve) => {
        const stop = agent.video.on('source.switched', () => {
          stop();
          resolve(Date.now());
        });
      });
      const { up, reconnected } = await restart(agent, user);
      const shared = await untilShared(agent, user, share, reconnected);
      share = shared.share;
      const picture = await agent.video.look();
      expect(await textIn(picture)).toContain(share.text);
      expect(picture.identity).toBe('user');
      const afterStart = (await back) - up;
      const afterReconnect = (await back) - shared.since;
      console.info({ time, usual, afterStart, afterReconnect });
      expect(afterReconnect).toBeLessThan(10 * usual);
    }

    expect(await user.ask('What can you see?')).toBe('Yes.');
    expect(await textShownTo(agent.model.last)).toContain(share.text);
    expect(agent.isOpen).toBe(true);
    expect(agent.errors).toEqual([]);
    await agent.untilHoldsNoMoreThan(before);
  });

  test('an agent sees a track that was shared after the server was gone', {
    timeout: SLOW,
  }, async () => {
    const room = await RealRoom.withAgent(server);
    const agent = await Agent.start(room);
    const user = await room.join('user');
    const camera = await user.share('camera');
    await agent.see(camera);
    const { reconnected } = await restart(agent, user);
    await untilShared(agent, user, camera, reconnected);
    const screen = await user.share('screen');
    expect(await textIn(await agent.see(screen))).toContain(screen.text);
    await screen.stop();
    // The agent learns of the end from the server, soon after the user.
    const seesCamera = async () => (await agent.video.look()).source === 'camera';
    await until('a picture of the camera', seesCamera);
  });
});
