import { trackDiscoveryMachine } from '../../../src/machines/track-discovery.machine.ts';
import type { TrackDiscoveryInput } from '../../../src/machines/track-discovery.types.ts';
import type { SourceSelector, TrackInfo } from '../../../src/source.ts';
import { discoveryInput } from './inputs.ts';
import { ofType, record } from './recorded.ts';

/** A track of the user, subscribed and unmuted unless a test sets something else. */
export const track = (sid: string, change: Partial<TrackInfo> = {}): TrackInfo => ({
  sid,
  identity: 'user',
  source: sid.startsWith('screen') ? 'screen' : 'camera',
  muted: false,
  subscribed: true,
  onBehalfOf: null,
  ...change,
});

export const camera = track('camera');
export const screenA = track('screenA');
export const screenB = track('screenB');

/** Discovery in a room that a test controls, with `user` linked. */
export function simulatedRoom(change: Partial<TrackDiscoveryInput> = {}) {
  const recorded = record(trackDiscoveryMachine, { ...discoveryInput, ...change });
  const { actor, reports } = recorded;
  const room = {
    ...recorded,
    link: (identity: string | null) => actor.send({ type: 'participant.linked', identity }),
    leave: (identity: string) => actor.send({ type: 'participant.left', identity }),
    synced: (...tracks: TrackInfo[]) => actor.send({ type: 'room.synced', tracks }),
    reconnecting: () => actor.send({ type: 'room.reconnecting' }),
    disconnected: () => actor.send({ type: 'room.disconnected' }),
    publish: (...tracks: TrackInfo[]) => {
      for (const published of tracks) actor.send({ type: 'track.published', track: published });
    },
    unpublish: (sid: string) => actor.send({ type: 'track.unpublished', sid }),
    subscribed: (sid: string) => actor.send({ type: 'track.subscribed', sid }),
    unsubscribed: (sid: string) => actor.send({ type: 'track.unsubscribed', sid }),
    refused: (sid: string) => actor.send({ type: 'track.subscriptionFailed', sid }),
    mute: (sid: string) => actor.send({ type: 'track.muted', sid }),
    unmute: (sid: string) => actor.send({ type: 'track.unmuted', sid }),
    pin: (selector: SourceSelector | null) => actor.send({ type: 'source.pinned', selector }),
    represents: (identity: string, onBehalfOf: string) =>
      actor.send({ type: 'participant.represents', identity, onBehalfOf }),
    /** Sid of the watched track. */
    watched: () => actor.getSnapshot().context.pick?.sid ?? null,
    /** Sids of all watched tracks so far, `null` for none, in order. */
    history: () => ofType(reports, 'pick.changed').map(({ pick }) => pick?.sid ?? null),
    reasons: () => ofType(reports, 'pick.changed').map(({ reason }) => reason),
    asked: () => ofType(reports, 'subscription.wanted').map(({ sid }) => sid),
    released: () => ofType(reports, 'subscription.released').map(({ sid }) => sid),
  };
  room.link('user');
  return room;
}
