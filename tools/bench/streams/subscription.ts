import {
  type RemoteTrackPublication,
  type RemoteVideoTrack,
  Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';

/** A subscribed track, in the room of a separate agent. */
export interface Stream {
  room: Room;
  publication: RemoteTrackPublication;
  track: RemoteVideoTrack;
  identity: string;
}

/** Time limit for the track, in ms. */
const LIMIT_MS = 15_000;

/** Joins a room and subscribes to its video. */
export async function subscribe(url: string, token: string): Promise<Stream> {
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  const { publication, identity } = await whenever(room, RoomEvent.TrackPublished, () => {
    for (const { identity, trackPublications } of room.remoteParticipants.values())
      for (const publication of trackPublications.values())
        if (publication.kind === TrackKind.KIND_VIDEO) return { publication, identity };
    return undefined;
  });
  publication.setSubscribed(true);
  const track = await whenever(room, RoomEvent.TrackSubscribed, () => publication.track);
  return { room, publication, identity, track: track as RemoteVideoTrack };
}

/** Checks now and at each such event, until there is a result. */
function whenever<Found>(
  room: Room,
  event: RoomEvent.TrackPublished | RoomEvent.TrackSubscribed,
  look: () => Found | undefined,
): Promise<Found> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      room.off(event, check);
      finish();
    };
    const check = () => {
      const found = look();
      if (found !== undefined) end(() => resolve(found));
    };
    const timer = setTimeout(
      () => end(() => reject(new Error(`no ${event} in ${LIMIT_MS} ms`))),
      LIMIT_MS,
    );
    room.on(event, check);
    check();
  });
}
