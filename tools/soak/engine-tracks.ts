import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { USER } from '../../src/testing/identities.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { sleep } from '../../src/testing/measure/stats.ts';
import { User } from '../../src/testing/processes/user.ts';
import { ticket } from '../../src/testing/rooms.ts';
import { untilEvent } from '../../src/testing/waits.ts';

/** Tracks of an agent's room, one after the other. */
export interface EngineTracks {
  /** Resolves when the next track has come and gone. */
  next(): Promise<void>;
  end(): Promise<void>;
}

/** Tracks of a user, to which the agent is subscribed. */
export class SubscribedTracks implements EngineTracks {
  readonly #user = new User();
  readonly #room: Room;

  private constructor(room: Room) {
    this.#room = room;
  }

  static async open(server: LiveKitServer, name: string, room: Room): Promise<SubscribedTracks> {
    const tracks = new SubscribedTracks(room);
    await tracks.#user.request({ do: 'connect', ticket: await ticket(server, name, USER) });
    return tracks;
  }

  async next(): Promise<void> {
    await this.#user.request({ do: 'share', what: 'camera', text: 'CONTROL' });
    const isThere = () => this.#cameras().some(({ track }) => track !== undefined);
    await untilEvent('the track', this.#room, [RoomEvent.TrackSubscribed], isThere);
    await this.#user.request({ do: 'stop', what: 'camera' });
    const isGone = () => this.#cameras().length === 0;
    await untilEvent('its end', this.#room, [RoomEvent.TrackUnpublished], isGone);
  }

  end(): Promise<void> {
    return this.#user.child.kill();
  }

  #cameras() {
    const { trackPublications } = this.#room.remoteParticipants.get(USER) ?? {};
    return [...(trackPublications?.values() ?? [])].filter(
      ({ source }) => source === TrackSource.SOURCE_CAMERA,
    );
  }
}

const SAMPLE_RATE = 24_000;
/** The sound of a track, in samples. */
const SOUND = SAMPLE_RATE / 10;
/** Pause after each track, in ms: the control must not slow down the soak. */
const PAUSE_MS = 1000;

/** Tracks of the agent's own voice. */
export class PublishedTracks implements EngineTracks {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  async next(): Promise<void> {
    const { localParticipant } = this.#room;
    const source = new AudioSource(SAMPLE_RATE, 1);
    const track = LocalAudioTrack.createAudioTrack('control', source);
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    const publication = await localParticipant?.publishTrack(track, options);
    await source.captureFrame(new AudioFrame(new Int16Array(SOUND), SAMPLE_RATE, 1, SOUND));
    if (publication?.sid) await localParticipant?.unpublishTrack(publication.sid);
    await source.close();
    await sleep(PAUSE_MS);
  }

  async end(): Promise<void> {}
}
