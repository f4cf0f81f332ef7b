import {
  type LocalVideoTrack,
  type RemoteParticipant,
  Room,
  RoomEvent,
  TrackPublishOptions,
  type TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import type { VideoRoom } from '../../src/index.ts';
import { setLocalTrackMuted } from '../../src/internals/rtc-publication-control.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';

/** A camera or a screen. */
export interface Shown {
  readonly track: LocalVideoTrack;
  readonly trackSource: TrackSource;
}

/** A track that the user shares. */
export interface Share {
  mute(): void;
  unmute(): void;
}

/** The place of the demo: the agent's room, and a user who shares tracks in it. */
export interface Stage {
  /** The agent's room. */
  readonly room: VideoRoom;
  share(camera: Shown): Promise<Share>;
  /** The user types. `undefined` without a chat: then the session is asked directly. */
  readonly type: ((text: string) => Promise<void>) | undefined;
  /** A user's own connection, and the server that an avatar can join, if there is one. */
  readonly real?: { readonly user: Room; readonly server: LiveKitServer };
  close(): Promise<void>;
}

const USER = 'user';

/** Everything in this process: real tracks, no server. */
export function loopbackStage(): Stage {
  const room = new LoopbackRoom();
  room.join(USER);
  return {
    room,
    type: undefined,
    async share(camera) {
      const publication = room.publish(USER, camera.track, camera.trackSource);
      return { mute: () => room.mute(publication), unmute: () => room.unmute(publication) };
    },
    close: () => room.disconnect(),
  };
}

/** A real server between the user and the agent. */
export async function livekitStage(server: LiveKitServer): Promise<Stage> {
  const name = `sightline-demo-${Date.now().toString(36)}`;
  const join = async (identity: string, kind?: 'agent') => {
    const room = new Room();
    await room.connect(server.url, await token(server, name, identity, kind), {
      autoSubscribe: true,
      dynacast: false,
    });
    return room;
  };
  const agent = await join('agent', 'agent');
  const user = await join(USER);
  await present(agent, USER);
  return {
    room: agent,
    real: { user, server },
    type: async (text) => {
      await user.localParticipant?.sendText(text, { topic: 'lk.chat' });
    },
    async share(camera) {
      await user.localParticipant?.publishTrack(
        camera.track,
        // In one size: a busy server would send a small one, with unreadable letters.
        new TrackPublishOptions({ source: camera.trackSource, simulcast: false }),
      );
      return {
        mute: () => setLocalTrackMuted(camera.track, true),
        unmute: () => setLocalTrackMuted(camera.track, false),
      };
    },
    async close() {
      await user.disconnect();
      await agent.disconnect();
    },
  };
}

async function token(
  { apiKey, apiSecret }: LiveKitServer,
  room: string,
  identity: string,
  kind?: 'agent',
): Promise<string> {
  const access = new AccessToken(apiKey, apiSecret, { identity, ttl: '10m' });
  access.addGrant({
    roomJoin: true,
    room,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: true,
  });
  if (kind) access.kind = kind;
  return access.toJwt();
}

function present(room: Room, identity: string): Promise<void> {
  if (room.remoteParticipants.has(identity)) return Promise.resolve();
  return new Promise((resolve) => {
    const onJoin = (participant: RemoteParticipant) => {
      if (participant.identity !== identity) return;
      room.off(RoomEvent.ParticipantConnected, onJoin);
      resolve();
    };
    room.on(RoomEvent.ParticipantConnected, onJoin);
  });
}
