import {
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  type Room,
  TrackKind,
} from '@livekit/rtc-node';
import { fromCallback } from 'xstate';
import type { PlaybackFault } from '../avatar/playback.ts';
import { watchForSilence } from '../avatar/silence-watch.ts';
import type { Speaker } from '../avatar/speaker.ts';
import { lastPacketAt } from '../internals/rtc-statistics.ts';
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

/** Reports when the avatar joins, leaves or falls silent, and when the user leaves or returns. */
export function avatarPresence(speaker: Speaker, room: Room) {
  return fromCallback<{ type: 'presence.asked' }>(({ sendBack, receive }) => {
    const send = (event: AvatarEvent) => sendBack(event);
    /** Participants that fell silent or were stopped: the server lists them for a while longer. */
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

    const giveUp = () => {
      const { sid } = find() ?? {};
      if (sid) dead.add(sid);
      isThere = false;
    };
    const onFault = async ({ reason, heardUntil }: PlaybackFault) => {
      const voice = trackOf(find(), TrackKind.KIND_AUDIO);
      giveUp();
      // Audio that was in transit when the avatar broke is not heard.
      const lastSound = voice && (await lastPacketAt(voice).catch(() => undefined));
      send({ type: 'avatar.broke', reason, heardUntil: heardUntil ?? lastSound ?? null });
    };

    for (const event of EVENTS) room.on(event as 'connectionStateChanged', look);
    speaker.onStop = giveUp;
    speaker.onFault = (fault) => void onFault(fault);
    const stopWatch = watchForSilence({
      ...speaker.limits,
      playback: () => speaker.playback,
      tracks: () => {
        const avatar = find();
        return {
          voice: trackOf(avatar, TrackKind.KIND_AUDIO),
          picture: trackOf(avatar, TrackKind.KIND_VIDEO),
        };
      },
      onSilent: (heardUntil) => {
        giveUp();
        send({ type: 'avatar.broke', reason: 'it is silent', heardUntil });
      },
    });
    receive(() => {
      look();
      if (isThere) send({ type: 'avatar.joined' });
    });

    return () => {
      stopWatch();
      speaker.onStop = () => {};
      speaker.onFault = () => {};
      for (const event of EVENTS) room.off(event as 'connectionStateChanged', look);
    };
  });
}

function isAvatar(participant: RemoteParticipant, identity: string | undefined, room: Room) {
  if (identity !== undefined) return participant.identity === identity;
  // A person could set the attribute on itself, so the kind is checked too.
  if (participant.kind !== ParticipantKind.AGENT) return false;
  const speaksFor = onBehalfOf(participant);
  return speaksFor !== null && speaksFor === room.localParticipant?.identity;
}

const hasVideo = ({ trackPublications }: RemoteParticipant) =>
  [...trackPublications.values()].some(({ kind }) => kind === TrackKind.KIND_VIDEO);

function trackOf(
  participant: RemoteParticipant | undefined,
  wanted: TrackKind,
): RemoteTrack | undefined {
  for (const { kind, track } of participant?.trackPublications.values() ?? [])
    if (kind === wanted && track) return track as RemoteTrack;
  return undefined;
}
