import {
  ParticipantKind,
  type Room,
  type Track,
  type TrackKind,
  type TrackSource,
} from '@livekit/rtc-node';
import { PUBLISH_ON_BEHALF } from '../avatar/worker/avatar-protocol.ts';

/** The part of a remote publication that Sightline uses. */
export interface VideoPublication {
  readonly sid?: string | undefined;
  readonly kind?: TrackKind | undefined;
  readonly source?: TrackSource | undefined;
  readonly muted?: boolean | undefined;
  readonly track?: Track | undefined;
  setSubscribed?(subscribed: boolean): void;
}

/** The part of a remote participant that Sightline uses. */
export interface VideoParticipant {
  readonly identity: string;
  readonly kind?: ParticipantKind | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly trackPublications: ReadonlyMap<string, VideoPublication>;
}

/**
 * The part of rtc-node's `Room` that Sightline uses: a `Room`, or any object that emits its events.
 * A real `Room` is also passed to `AgentSession.start`.
 */
export interface VideoRoom {
  readonly isConnected: boolean;
  readonly remoteParticipants: ReadonlyMap<string, VideoParticipant>;
  /** `point` sends its message with it. */
  readonly localParticipant?:
    | {
        publishData(
          data: Uint8Array,
          options: { reliable?: boolean; destination_identities?: string[]; topic?: string },
        ): Promise<void>;
      }
    | undefined;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** A real rtc-node room, which the agent session can also use for audio and text. */
export function isRoom(room: VideoRoom): room is VideoRoom & Room {
  return 'registerTextStreamHandler' in room;
}

/** Identity that the participant acts for; `null` for a person. */
export const onBehalfOf = (participant: VideoParticipant): string | null =>
  participant.attributes?.[PUBLISH_ON_BEHALF] || null;

/** Whether a change of attributes affects {@link onBehalfOf}. */
export const changesOnBehalf = (changed: Readonly<Record<string, string>>): boolean =>
  PUBLISH_ON_BEHALF in changed;

/** The publication with this sid, and its participant. */
export function findPublication(room: VideoRoom, sid: string): VideoPublication | undefined {
  for (const participant of room.remoteParticipants.values()) {
    const publication = participant.trackPublications.get(sid);
    if (publication) return publication;
  }
  return undefined;
}

/** Kinds of participants that a session can serve, as in the framework. */
const SERVED_KINDS: readonly ParticipantKind[] = [
  ParticipantKind.STANDARD,
  ParticipantKind.SIP,
  ParticipantKind.CONNECTOR,
];

/**
 * The participant that the framework will link at its start: the configured one, or the first
 * person in the room.
 */
export function firstServed(room: VideoRoom, wanted?: string): string | null {
  for (const participant of room.remoteParticipants.values()) {
    if (wanted !== undefined) {
      if (participant.identity === wanted) return wanted;
    } else if (
      onBehalfOf(participant) === null &&
      (participant.kind === undefined || SERVED_KINDS.includes(participant.kind))
    ) {
      return participant.identity;
    }
  }
  return null;
}
