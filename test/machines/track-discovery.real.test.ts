import { afterAll } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { trackDiscoveryMachine } from '../../src/machines/track-discovery.machine.ts';
import type { TrackInfo } from '../../src/source.ts';
import { USER } from '../../src/testing/identities.ts';
import { discoveryInput, sourceInput } from '../support/machines/inputs.ts';
import { closeCameras, HeldRoom, type Shared } from '../support/machines/real/held-room.ts';
import type { Operation } from '../support/machines/real/paths.ts';
import { testRealPaths } from '../support/machines/real/play.ts';
import { RealSource } from '../support/machines/real/source.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

type Discovery = typeof trackDiscoveryMachine;
type Snapshot = SnapshotFrom<Discovery>;
type Event = PathEvent<Discovery>;
interface World {
  isJoined: boolean;
  isAvatar: boolean;
  isConnected: boolean;
}
type Doing = Operation<Discovery, World>;

afterAll(closeCameras);

const { elapsed } = eventsOf(trackDiscoveryMachine);
const { subscribeGraceMs, subscribeTimeoutMs } = discoveryInput;
const infoOf = (sid: Shared): TrackInfo => ({
  sid,
  identity: USER,
  source: sid,
  muted: false,
  subscribed: false,
  onBehalfOf: null,
});
const candidate = (snapshot: Snapshot, sid: Shared) =>
  snapshot.context.candidates.find((c) => c.sid === sid);
const isIn = (snapshot: Snapshot, subscription: 'expecting' | 'asking') =>
  snapshot.matches({ subscription });
/** Operations on a published track. */
const ifShared = (
  sid: Shared,
  brings: (c: NonNullable<ReturnType<typeof candidate>>) => Event[] | null,
): Doing => ({
  brings: (snapshot, { isConnected }) => {
    const found = candidate(snapshot, sid);
    return isConnected && found ? brings(found) : null;
  },
});
const share = (sid: Shared): Doing => ({
  brings: (snapshot, { isJoined, isAvatar, isConnected }) =>
    isJoined && !isAvatar && isConnected && !candidate(snapshot, sid)
      ? [{ type: 'track.published', track: infoOf(sid) }]
      : null,
});
const unshare = (sid: Shared): Doing =>
  ifShared(sid, ({ subscription }) => [
    ...(subscription === 'subscribed' ? [{ type: 'track.unsubscribed', sid } as const] : []),
    { type: 'track.unpublished', sid },
  ]);
const grant = (sid: Shared): Doing =>
  ifShared(sid, ({ subscription }) =>
    subscription === 'subscribed' ? null : [{ type: 'track.subscribed', sid }],
  );
const synced = (snapshot: Snapshot): Event[] => [
  {
    type: 'room.synced',
    tracks: snapshot.context.candidates.map((c) => ({
      ...infoOf(c.sid as Shared),
      muted: c.muted,
      subscribed: c.subscription === 'subscribed',
    })),
  },
  // The room forgets the link, so it is set again.
  { type: 'participant.linked', identity: USER },
];

testRealPaths(
  [
    {
      machine: trackDiscoveryMachine,
      input: discoveryInput,
      start: [{ type: 'room.synced', tracks: [] }],
      world: { isJoined: false, isAvatar: false, isConnected: true } as World,
      key: ({ context }: Snapshot) => [
        context.candidates.map((c) => [c.sid, c.muted, c.subscription]),
        context.linkedIdentity,
        context.pinned,
      ],
      operations: {
        'the user joins': {
          brings: (_, { isJoined }) =>
            isJoined ? null : [{ type: 'participant.linked', identity: USER }],
          changes: () => ({ isJoined: true }),
        },
        'a camera': share('camera'),
        'a screen': share('screen'),
        'no camera': unshare('camera'),
        'the camera is subscribed': grant('camera'),
        'the screen is subscribed': grant('screen'),
        'the camera is taken away': ifShared('camera', ({ subscription }) =>
          subscription === 'subscribed' ? [{ type: 'track.unsubscribed', sid: 'camera' }] : null,
        ),
        'the camera is refused': ifShared('camera', ({ subscription }) =>
          subscription === 'asked' ? [{ type: 'track.subscriptionFailed', sid: 'camera' }] : null,
        ),
        'the camera is muted': ifShared('camera', ({ muted }) =>
          muted ? null : [{ type: 'track.muted', sid: 'camera' }],
        ),
        'the camera is unmuted': ifShared('camera', ({ muted }) =>
          muted ? [{ type: 'track.unmuted', sid: 'camera' }] : null,
        ),
        'no subscription comes by itself': {
          brings: (snapshot) =>
            isIn(snapshot, 'expecting')
              ? [elapsed('subscribeGrace', 'subscription.expecting')]
              : null,
        },
        'the server does not answer': {
          brings: (snapshot) =>
            isIn(snapshot, 'asking') ? [elapsed('subscribeTimeout', 'subscription.asking')] : null,
        },
        'the application wants the camera': {
          brings: ({ context }) =>
            context.pinned ? null : [{ type: 'source.pinned', selector: 'camera' } as const],
        },
        'the user turns out to be an avatar': {
          brings: (_, { isJoined, isAvatar, isConnected }) =>
            isJoined && !isAvatar && isConnected
              ? [
                  { type: 'participant.represents', identity: USER, onBehalfOf: 'agent' },
                  { type: 'participant.linked', identity: null },
                ]
              : null,
          changes: () => ({ isAvatar: true }),
        },
        'the user leaves': {
          brings: ({ context }, { isJoined, isAvatar, isConnected }) =>
            isJoined && !isAvatar && isConnected && context.candidates.length === 0
              ? [
                  { type: 'participant.left', identity: USER },
                  { type: 'participant.linked', identity: null },
                ]
              : null,
          changes: () => ({ isJoined: false }),
        },
        'the connection is repaired': {
          brings: (snapshot, { isJoined, isAvatar, isConnected }) =>
            isJoined && !isAvatar && isConnected
              ? [{ type: 'room.reconnecting' }, ...synced(snapshot)]
              : null,
        },
        'the connection cannot be repaired': {
          brings: (_, { isConnected }) =>
            isConnected ? [{ type: 'room.reconnecting' }, { type: 'room.disconnected' }] : null,
          changes: () => ({ isConnected: false }),
        },
      },
      make: () => {
        const room = new HeldRoom();
        return Object.assign(new RealSource(room, sourceInput, 'discovery'), { room });
      },
      does: {
        'the user joins': ({ room }) => room.join(USER),
        'a camera': ({ room }) => room.share('camera'),
        'a screen': ({ room }) => room.share('screen'),
        'no camera': ({ room }) => room.unpublish(room.of('camera')),
        'the camera is subscribed': ({ room }) => room.grant('camera'),
        'the screen is subscribed': ({ room }) => room.grant('screen'),
        'the camera is taken away': ({ room }) => room.of('camera').setSubscribed(false),
        'the camera is refused': ({ room }) =>
          room.emit('trackSubscriptionFailed' as never, ...([room.of('camera').sid] as never)),
        'the camera is muted': ({ room }) => room.mute(room.of('camera')),
        'the camera is unmuted': ({ room }) => room.unmute(room.of('camera')),
        'no subscription comes by itself': ({ clock }) => clock.elapse(subscribeGraceMs),
        'the server does not answer': ({ clock }) => clock.elapse(subscribeTimeoutMs),
        'the application wants the camera': ({ actor }) =>
          actor.send({ type: 'source.pinned', selector: 'camera' }),
        'the user turns out to be an avatar': ({ room }) =>
          room.setAttributes(USER, { 'lk.publish_on_behalf': 'agent' }),
        'the user leaves': ({ room }) => room.leave(USER),
        'the connection is repaired': ({ room }) => room.reconnect(),
        'the connection cannot be repaired': async ({ room }) => {
          const gone = room.disconnect();
          await Promise.all([gone, room.reconnect()]);
        },
      },
    },
  ],
  {},
);
