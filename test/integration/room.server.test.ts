import { voice } from '@livekit/agents';
import { Room, RoomEvent } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { AGENT } from '../../src/testing/identities.ts';
import { joinRoom } from '../../src/testing/rooms.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, Eyes, RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;

afterEach(closeRooms, SLOW);

describeWithServer('an agent with video in a real room', (server) => {
  test(
    'an agent finds what was shared before it joined, and answers typed questions about it',
    async () => {
      const room = new RealRoom(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      const screen = await user.share('screen');
      await room.joinAgent();
      const eyes = await room.openEyes();
      const frame = await eyes.see(screen);
      expect(frame).toMatchObject({ identity: 'user', source: 'screen', width: 640, height: 360 });

      expect(await user.ask('What can you see?')).toContain(screen.text);
      expect(eyes.reader.requests).toMatchObject([
        { images: 1, userText: 'What can you see?', picture: { width: 640, height: 360 } },
      ]);
      await screen.stop();
      await eyes.see(camera);
      expect(await user.ask('And now?')).toContain(camera.text);
      expect(eyes.reader.requests.map(({ images }) => images)).toEqual([1, 1]);
    },
    SLOW,
  );

  test(
    'a VideoSession that starts before the room is connected finds what was shared before',
    async () => {
      const room = new RealRoom(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      const agentRoom = new Room();
      const eyes = new Eyes(agentRoom, {});
      try {
        const started = eyes.start();
        await joinRoom(server(), room.name, AGENT, { kind: 'agent' }, agentRoom);
        await started;
        expect(await eyes.see(camera)).toMatchObject({ identity: 'user', source: 'camera' });
      } finally {
        await eyes.close();
        await agentRoom.disconnect();
      }
    },
    SLOW,
  );

  test(
    'an agent follows the newest track, and falls back when it is muted or gone',
    async () => {
      const room = await RealRoom.withAgent(server());
      const eyes = await room.openEyes();
      const user = await room.join('user');
      const camera = await user.share('camera');
      expect((await eyes.see(camera)).source).toBe('camera');

      const screen = await user.share('screen');
      expect((await eyes.see(screen)).source).toBe('screen');
      screen.mute();
      await eyes.see(camera);
      screen.unmute();
      await eyes.see(screen);
      await screen.stop();
      await eyes.see(camera);

      camera.mute();
      await eyes.seeNothing();
      expect(await eyes.video.latestFrame()).toBeUndefined();
      camera.unmute();
      await eyes.see(camera);
      await camera.stop();
      await eyes.seeNothing();
    },
    SLOW,
  );

  test(
    'an agent watches a user who left and came back',
    async () => {
      const room = await RealRoom.withAgent(server());
      const eyes = await room.openEyes();
      const user = await room.join('user');
      await eyes.see(await user.share('camera'));
      await user.leave();
      await eyes.seeNothing();

      const again = await room.join('user');
      const camera = await again.share('camera');
      expect((await eyes.see(camera)).identity).toBe('user');
      expect(await again.ask('What can you see?')).toContain(camera.text);
    },
    SLOW,
  );

  test(
    'an agent never watches an avatar, even one that becomes it later',
    async () => {
      const room = await RealRoom.withAgent(server());
      const onBehalf = { 'lk.publish_on_behalf': AGENT };
      const avatar = await room.join('avatar', { attributes: onBehalf });
      await avatar.share('camera');
      const eyes = await room.openEyes();
      const user = await room.join('user');
      const camera = await user.share('camera');
      await eyes.see(camera);

      const screen = await avatar.share('screen');
      await room.untilPublished(screen);
      expect(eyes.watched).toBe(camera.sid);
      eyes.video.pinSource({ identity: 'avatar' });
      await eyes.seeNothing();

      const helper = await room.join('helper');
      eyes.video.pinSource({ identity: 'helper' });
      await eyes.see(await helper.share('camera'));
      await helper.room.localParticipant?.setAttributes(onBehalf);
      await eyes.seeNothing();
      eyes.video.pinSource(null);
      await eyes.see(camera);
    },
    SLOW,
  );

  test(
    'an agent watches another participant while they are pinned',
    async () => {
      const room = await RealRoom.withAgent(server());
      const eyes = await room.openEyes();
      const user = await room.join('user');
      const camera = await user.share('camera');
      await eyes.see(camera);
      const colleague = await room.join('colleague');
      const slides = await colleague.share('screen');
      await room.untilPublished(slides);
      expect(eyes.watched).toBe(camera.sid);

      eyes.video.pinSource({ identity: 'colleague' });
      expect((await eyes.see(slides)).identity).toBe('colleague');
      eyes.video.pinSource({ trackSid: camera.sid });
      await eyes.see(camera);
      eyes.video.pinSource({ identity: 'colleague' });
      await eyes.see(slides);
      await colleague.leave();
      await eyes.seeNothing();
      eyes.video.pinSource(null);
      await eyes.see(camera);
    },
    SLOW,
  );

  test(
    'a closed VideoSession leaves nothing in its room, which others can use',
    async () => {
      const room = await RealRoom.withAgent(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      // The framework's own session leaves some listeners, the first one of a room one more.
      room.agentRoom.setMaxListeners(50);
      await useWithoutVideo(room.agentRoom);
      const before = listeners(room.agentRoom);
      await useWithoutVideo(room.agentRoom);
      const left = added(before, listeners(room.agentRoom));

      const then = listeners(room.agentRoom);
      const first = await room.openEyes();
      await first.see(camera);
      await first.close();
      expect(added(then, listeners(room.agentRoom))).toEqual(left);

      const second = await room.openEyes();
      await second.see(camera);
      expect(await user.ask('What can you see?')).toContain(camera.text);
      expect(first.reader.requests).toEqual([]);
    },
    SLOW,
  );
});

type Listeners = ReadonlyMap<string, number>;

const listeners = (room: Room): Listeners =>
  new Map(Object.values(RoomEvent).map((event) => [event, room.listenerCount(event)]));

/** The growth of the number of listeners, by event. */
function added(before: Listeners, after: Listeners): Record<string, number> {
  const growth = [...after].map(([event, count]) => [event, count - (before.get(event) ?? 0)]);
  return Object.fromEntries(growth.filter(([, count]) => count !== 0));
}

/** An agent session like that of `openEyes`, from its start to its end. */
async function useWithoutVideo(room: Room): Promise<void> {
  const session = new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });
  await session.start({
    agent: new voice.Agent({ instructions: 'Say nothing.' }),
    room,
    inputOptions: { audioEnabled: false, closeOnDisconnect: false },
    outputOptions: { audioEnabled: false },
  });
  await session.close();
}
