import type {
  ConnectionState,
  DataPacketKind,
  DisconnectReason,
  LocalTrack,
} from '@livekit/rtc-node';
import type {
  LoopbackLocalPublication,
  LoopbackParticipant,
  LoopbackPublication,
} from './participant.ts';

/** Another participant, or the room's own. */
type Anyone = LoopbackParticipant<unknown>;

/** The events of rtc-node's room that a loopback room emits. */
export interface LoopbackRoomEvents {
  participantConnected: [participant: LoopbackParticipant];
  participantDisconnected: [participant: LoopbackParticipant];
  trackPublished: [publication: LoopbackPublication, participant: LoopbackParticipant];
  trackUnpublished: [publication: LoopbackPublication, participant: LoopbackParticipant];
  trackSubscribed: [
    track: LocalTrack,
    publication: LoopbackPublication,
    participant: LoopbackParticipant,
  ];
  trackUnsubscribed: [
    track: LocalTrack,
    publication: LoopbackPublication,
    participant: LoopbackParticipant,
  ];
  trackMuted: [publication: LoopbackPublication, participant: LoopbackParticipant];
  trackUnmuted: [publication: LoopbackPublication, participant: LoopbackParticipant];
  localTrackPublished: [publication: LoopbackLocalPublication, participant: Anyone];
  localTrackUnpublished: [publication: LoopbackLocalPublication, participant: Anyone];
  localTrackSubscribed: [track: LocalTrack];
  participantAttributesChanged: [changed: Record<string, string>, participant: Anyone];
  activeSpeakersChanged: [speakers: Anyone[]];
  dataReceived: [
    payload: Uint8Array,
    participant: LoopbackParticipant | undefined,
    kind: DataPacketKind,
    topic: string | undefined,
  ];
  connectionStateChanged: [state: ConnectionState];
  reconnecting: [];
  reconnected: [];
  disconnected: [reason: DisconnectReason];
}
