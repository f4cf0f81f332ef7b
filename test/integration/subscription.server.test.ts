import { RoomEvent } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { untilEvent } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, RealRoom, type Share } from '../support/real-room.ts';

const SLOW = 200_000;

afterEach(closeRooms, SLOW);

describeWithServer('a room without autoSubscribe', (server) => {
  test(
    'an agent without autoSubscribe subscribes to the watched track, and unsubscribes from others',
    async () => {
      const room = await RealRoom.withAgent(server(), { autoSubscribe: false });
      const taken: string[] = [];
      room.agentRoom.on(RoomEvent.TrackSubscribed, (_, { sid = '' }) => taken.push(sid));
      const user = await room.join('user');
      const camera = await user.share('camera');
      const eyes = await room.openEyes();
      await eyes.see(camera);
      const colleague = await room.join('colleague');
      const other = await colleague.share('camera');
      await room.untilPublished(other);

      const screen = await user.share('screen');
      await eyes.see(screen);
      await untilSubscribed(room, [screen]);
      expect(taken, 'nothing else').toEqual([camera.sid, screen.sid]);

      eyes.video.pinSource({ identity: 'colleague' });
      await eyes.see(other);
      await untilSubscribed(room, [other]);

      eyes.video.pinSource(null);
      await eyes.see(screen);
      await untilSubscribed(room, [screen]);
      await screen.stop();
      await eyes.see(camera);
      await untilSubscribed(room, [camera]);
    },
    SLOW,
  );

  test(
    'an agent without autoSubscribe keeps a muted screen, and watches the camera meanwhile',
    async () => {
      const room = await RealRoom.withAgent(server(), { autoSubscribe: false });
      const user = await room.join('user');
      const camera = await user.share('camera');
      const eyes = await room.openEyes();
      await eyes.see(camera);
      const screen = await user.share('screen');
      await eyes.see(screen);
      screen.mute();
      await eyes.see(camera);
      // A muted track costs nothing, and is there at once when it is unmuted.
      await untilSubscribed(room, [camera, screen]);
      screen.unmute();
      await eyes.see(screen);
      await untilSubscribed(room, [screen]);
    },
    SLOW,
  );
});

/** Sids of the subscribed tracks of the agent's room, in order. */
function subscribed({ agentRoom }: RealRoom): string[] {
  return [...agentRoom.remoteParticipants.values()]
    .flatMap(({ trackPublications }) => [...trackPublications.values()])
    .flatMap(({ sid, track }) => (sid && track ? [sid] : []))
    .sort();
}

async function untilSubscribed(room: RealRoom, shares: readonly Share[]): Promise<void> {
  const sids = shares.map(({ sid }) => sid).sort();
  await untilEvent(
    `subscription of ${sids}`,
    room.agentRoom,
    [RoomEvent.TrackSubscribed, RoomEvent.TrackUnsubscribed, RoomEvent.TrackUnpublished],
    () => subscribed(room).join() === sids.join(),
  );
}
