import { TrackKind, TrackSource } from '@livekit/rtc-node';
import { fromCallback } from 'xstate';
import type { TakenAway } from '../frames/consent.ts';
import type { RoomRequest } from '../machines/source.types.ts';
import type { TrackDiscoveryEvent } from '../machines/track-discovery.types.ts';
import type { SourceKind, TrackInfo } from '../source.ts';
import type { PublicationSwitches } from './publication-switches.ts';
import {
  changesOnBehalf,
  findPublication,
  onBehalfOf,
  type VideoParticipant,
  type VideoPublication,
  type VideoRoom,
} from './video-room.ts';

/** Interval of the check for a changed link, which the room does not report, in ms. */
export const LINK_POLL_MS = 250;

export interface RoomEventsDeps {
  room: VideoRoom;
  switches: PublicationSwitches;
  /** The participant that the agent serves now; `null` if there is none. */
  linkedIdentity(): string | null;
  /** Gets a function that checks now whether the agent serves another participant. */
  linkChecks: Set<() => void>;
  /** A track was muted, unshared or left. */
  onTakenAway(what: TakenAway): void;
  /** A video track names no source: it is neither a camera's nor a screen's. */
  onUnnamed(track: TrackInfo): void;
}

/**
 * Turns the room's events into `room.*`, `participant.*` and `track.*`, and handles
 * `subscription.*` and `video.*`.
 */
export function roomEvents(deps: RoomEventsDeps) {
  const { room, switches, linkedIdentity, linkChecks, onTakenAway, onUnnamed } = deps;
  return fromCallback<RoomRequest>(({ sendBack, receive }) => {
    const send = (event: TrackDiscoveryEvent) => sendBack(event);
    /** Participants whose video is off, including what they share later. */
    const unseen = new Set<string>();
    /** Distinguishes this source's requests about publications from those of others. */
    const source = Symbol('source');
    const switchOff = (participant: VideoParticipant) => {
      if (!unseen.has(participant.identity)) return;
      for (const publication of participant.trackPublications.values())
        if (isVideo(publication) && publication.track) switches.off(publication, source);
    };

    let linked: string | null = null;
    let reconnecting = false;
    // The publishing order is remembered, because a rejoined room lists its tracks in any order.
    const known = new Map<string, number>();
    const meet = (track: TrackInfo) => {
      if (known.has(track.sid)) return;
      known.set(track.sid, known.size);
      if (track.source === 'unknown' && track.onBehalfOf === null) onUnnamed(track);
    };

    const checkLink = () => {
      const identity = linkedIdentity();
      if (identity === linked) return;
      linked = identity;
      send({ type: 'participant.linked', identity });
    };
    /** What was muted or unshared during a reconnect is reported by no event. */
    const takeAwayMissing = (tracks: readonly TrackInfo[]) => {
      const shown = new Set(tracks.flatMap(({ sid, muted }) => (muted ? [] : [sid])));
      for (const sid of known.keys()) if (!shown.has(sid)) onTakenAway({ trackSid: sid });
    };
    const sync = () => {
      const tracks = inOrder(videoTracks(room), known);
      takeAwayMissing(tracks);
      for (const track of tracks) meet(track);
      send({ type: 'room.synced', tracks });
      // A disconnected room forgets the link, so it is reported again.
      linked = null;
      checkLink();
    };
    let isJoined = room.isConnected;
    const onConnection = () => {
      if (room.isConnected && !isJoined) sync();
      isJoined = room.isConnected;
    };
    const about = (type: TrackNews, publication: VideoPublication) => {
      if (isVideo(publication) && publication.sid) send({ type, sid: publication.sid });
    };

    const takenAway = ({ sid }: VideoPublication) => {
      if (sid) onTakenAway({ trackSid: sid });
    };

    const listeners: Record<string, (...args: never[]) => void> = {
      // rtc-node declares an event `connected` too, but never emits it.
      connectionStateChanged: onConnection,
      reconnecting: () => {
        reconnecting = true;
        send({ type: 'room.reconnecting' });
      },
      reconnected: () => {
        reconnecting = false;
        sync();
      },
      disconnected: () => {
        reconnecting = false;
        linked = null;
        send({ type: 'room.disconnected' });
      },
      participantConnected: checkLink,
      participantDisconnected: (participant: VideoParticipant) => {
        onTakenAway({ identity: participant.identity });
        send({ type: 'participant.left', identity: participant.identity });
        checkLink();
      },
      participantAttributesChanged: (
        changed: Readonly<Record<string, string>>,
        participant: VideoParticipant,
      ) => {
        if (!changesOnBehalf(changed)) return;
        const represented = onBehalfOf(participant);
        if (represented === null) return sync();
        send({
          type: 'participant.represents',
          identity: participant.identity,
          onBehalfOf: represented,
        });
      },
      trackPublished: (publication: VideoPublication, participant?: VideoParticipant) => {
        const track = participant && trackInfo(publication, participant);
        // During a reconnect, tracks arrive in any order; `sync` corrects that afterwards.
        if (!track || reconnecting) return;
        meet(track);
        checkLink();
        send({ type: 'track.published', track });
      },
      trackUnpublished: (publication: VideoPublication) => {
        // During a reconnect, tracks disappear and return.
        if (!reconnecting) takenAway(publication);
        about('track.unpublished', publication);
      },
      trackSubscribed: (
        _track: never,
        publication: VideoPublication,
        participant?: VideoParticipant,
      ) => {
        about('track.subscribed', publication);
        if (participant) switchOff(participant);
      },
      trackUnsubscribed: (
        _track: never,
        publication: VideoPublication,
        participant?: VideoParticipant,
      ) => {
        const track = participant && trackInfo(publication, participant);
        // The subscription is not lost: another source no longer needs it.
        if (track && switches.wasGivenBackByOther(publication, source))
          send({ type: 'track.published', track });
        else about('track.unsubscribed', publication);
      },
      trackSubscriptionFailed: (sid: string) => send({ type: 'track.subscriptionFailed', sid }),
      trackMuted: (publication: VideoPublication) => {
        takenAway(publication);
        about('track.muted', publication);
      },
      trackUnmuted: (publication: VideoPublication) => about('track.unmuted', publication),
    };

    for (const [event, listener] of Object.entries(listeners)) room.on(event, listener);
    const poll = setInterval(checkLink, LINK_POLL_MS);
    linkChecks.add(checkLink);
    if (room.isConnected) sync();

    receive((request) => {
      if (request.type === 'video.on') {
        unseen.clear();
        switches.allOn(source);
      } else if (request.type === 'video.off') {
        unseen.add(request.identity);
        const participant = room.remoteParticipants.get(request.identity);
        if (participant) switchOff(participant);
      } else {
        const publication = findPublication(room, request.sid);
        if (!publication) return;
        if (request.type === 'subscription.wanted') switches.subscribe(publication, source);
        else switches.unsubscribe(publication, source);
      }
    });

    return () => {
      clearInterval(poll);
      linkChecks.delete(checkLink);
      for (const [event, listener] of Object.entries(listeners)) room.off(event, listener);
      switches.leave(source);
    };
  });
}

type TrackNews =
  | 'track.unpublished'
  | 'track.subscribed'
  | 'track.unsubscribed'
  | 'track.muted'
  | 'track.unmuted';

const isVideo = (publication: VideoPublication) => publication.kind === TrackKind.KIND_VIDEO;

function videoTracks(room: VideoRoom): TrackInfo[] {
  return [...room.remoteParticipants.values()].flatMap((participant) =>
    [...participant.trackPublications.values()].flatMap(
      (publication) => trackInfo(publication, participant) ?? [],
    ),
  );
}

/**
 * Oldest first: known tracks in their known order, then new ones. A new screen counts as newer than
 * a new camera, which is almost always true.
 */
function inOrder(tracks: readonly TrackInfo[], known: ReadonlyMap<string, number>): TrackInfo[] {
  const age = ({ sid, source }: TrackInfo) =>
    known.get(sid) ?? known.size + (source === 'screen' ? 1 : 0);
  return [...tracks].sort((a, b) => age(a) - age(b));
}

function trackInfo(
  publication: VideoPublication,
  participant: VideoParticipant,
): TrackInfo | undefined {
  if (!isVideo(publication) || !publication.sid) return undefined;
  return {
    sid: publication.sid,
    identity: participant.identity,
    source: sourceKind(publication.source),
    muted: publication.muted ?? false,
    subscribed: publication.track !== undefined,
    onBehalfOf: onBehalfOf(participant),
  };
}

function sourceKind(source: TrackSource | undefined): SourceKind {
  if (source === TrackSource.SOURCE_CAMERA) return 'camera';
  if (source === TrackSource.SOURCE_SCREENSHARE) return 'screen';
  return 'unknown';
}
