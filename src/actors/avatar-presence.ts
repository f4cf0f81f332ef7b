import {
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  type Room,
  TrackKind,
} from '@livekit/rtc-node';
import { fromCallback } from 'xstate';
import { watchForSilence } from '../avatar/silence-watch.ts';
import type { Speaker } from '../avatar/speaker.ts';
import type { AvatarEvent } from '../machines/avatar.types.ts';
import { firstServed, onBehalfOf } from './video-room.ts';

const EVENTS = [
  'connectionStateChanged',
  'reconnected',
  'participantConnected',
  'participantDisconnected',
  'participantAttributesChanged',
  'trackPublished',
  'trackUnpublished',
] as const;

/**
 * Tells of the avatar and of the user: who is there, who went, who fell silent.
 *
 * @param silentAfterMs - See `avatarLimits.silentAfterMs`.
 */
export function avatarPresence(speaker: Speaker, room: Room, silentAfterMs: number) {
  return fromCallback<{ type: 'presence.asked' }>(({ sendBack, receive }) => {
    const send = (event: AvatarEvent) => sendBack(event);
    /** Participants that fell silent: the server shows them for a while yet. */
    const dead = new Set<string>();
    let isThere = false;
    let isServing = firstServed(room) !== null;

    const find = () =>
      [...room.remoteParticipants.values()].find(
        (participant) =>
          !dead.has(participant.sid ?? '') && isAvatar(participant, speaker.identity, room),
      );
    const look = () => {
      const avatar = find();
      const isThereNow = avatar !== undefined && hasVideo(avatar);
      if (isThereNow !== isThere) {
        isThere = isThereNow;
        send({ type: isThere ? 'avatar.joined' : 'avatar.left' });
      }
      const isServingNow = firstServed(room) !== null;
      if (isServingNow !== isServing) {
        isServing = isServingNow;
        send({ type: isServing ? 'user.returned' : 'user.left' });
      }
    };

    for (const event of EVENTS) room.on(event as 'connectionStateChanged', look);
    const stopWatch = watchForSilence({
      playback: () => speaker.playback,
      silentAfterMs,
      track: () => voiceOf(find()),
      onSilent: (heardUntil) => {
        dead.add(find()?.sid ?? '');
        isThere = false;
        send({ type: 'avatar.silent', heardUntil });
      },
    });
    receive(() => {
      look();
      if (isThere) send({ type: 'avatar.joined' });
    });

    return () => {
      stopWatch();
      for (const event of EVENTS) room.off(event as 'connectionStateChanged', look);
    };
  });
}

function isAvatar(participant: RemoteParticipant, identity: string | undefined, room: Room) {
  if (identity !== undefined) return participant.identity === identity;
  // The attribute is nothing that a person could not set on itself.
  if (participant.kind !== ParticipantKind.AGENT) return false;
  const speaksFor = onBehalfOf(participant);
  return speaksFor !== null && speaksFor === room.localParticipant?.identity;
}

const hasVideo = ({ trackPublications }: RemoteParticipant) =>
  [...trackPublications.values()].some(({ kind }) => kind === TrackKind.KIND_VIDEO);

function voiceOf(participant: RemoteParticipant | undefined): RemoteTrack | undefined {
  for (const { kind, track } of participant?.trackPublications.values() ?? [])
    if (kind === TrackKind.KIND_AUDIO && track) return track as RemoteTrack;
  return undefined;
}
