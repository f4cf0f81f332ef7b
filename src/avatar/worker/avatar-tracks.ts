import {
  AudioSource,
  LocalAudioTrack,
  type LocalTrack,
  type LocalTrackPublication,
  LocalVideoTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
  VideoSource,
} from '@livekit/rtc-node';
import { AvatarError } from '../../errors.ts';
import { doneWithin } from '../../time-limit.ts';
import type { AvatarFormat } from './runner-options.ts';

/** Largest bit rate of the video; a drawn face uses a tenth of it once it is sharp. */
const VIDEO_BITS_PER_SECOND = 700_000n;

/** The two tracks of an avatar and their sources. */
export class AvatarTracks {
  readonly audio: AudioSource;
  readonly video: VideoSource;
  readonly #room: Room;
  readonly #fps: number;
  readonly #tracks: (LocalAudioTrack | LocalVideoTrack)[] = [];
  readonly #publications: LocalTrackPublication[] = [];
  #closed = false;

  /** @param queueMs - Audio that may be queued, in ms. */
  constructor(room: Room, format: AvatarFormat, queueMs: number) {
    const { width, height, fps, sampleRate, channels } = format;
    this.#room = room;
    this.#fps = fps;
    this.audio = new AudioSource(sampleRate, channels, queueMs);
    this.video = new VideoSource(width, height);
  }

  /**
   * Publishes the audio and then the video. The video source should have its first picture by then,
   * because rtc-node sends blank pictures before it.
   *
   * @param subscriptionTimeoutMs - How long the video waits for a subscriber of the audio, in ms.
   */
  async publish(subscriptionTimeoutMs: number): Promise<void> {
    const audio = () => LocalAudioTrack.createAudioTrack('avatar_audio', this.audio);
    const heard = await this.#publish(audio, TrackSource.SOURCE_MICROPHONE);
    await doneWithin(subscriptionTimeoutMs, heard.waitForSubscription());
    const video = () => LocalVideoTrack.createVideoTrack('avatar_video', this.video);
    await this.#publish(video, TrackSource.SOURCE_CAMERA);
  }

  /** Unpublishes both tracks, and closes their sources. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { localParticipant, isConnected } = this.#room;
    // A room that is being left also ends its tracks.
    for (const { sid } of this.#publications)
      if (sid && isConnected) await localParticipant?.unpublishTrack(sid).catch(() => {});
    for (const track of this.#tracks) await track.close(false);
    await this.audio.close();
    await this.video.close();
  }

  async #publish(
    make: () => LocalTrack & (LocalAudioTrack | LocalVideoTrack),
    source: TrackSource,
  ): Promise<LocalTrackPublication> {
    const { localParticipant } = this.#room;
    // A closed source makes no track.
    if (this.#closed || !localParticipant)
      throw new AvatarError('closed', 'the avatar was closed before its tracks were published');
    const track = make();
    this.#tracks.push(track);
    // DTX is off: after silent pauses, receivers would buffer more sound.
    const options = new TrackPublishOptions({
      source,
      simulcast: false,
      dtx: false,
      // With a lower limit, rtc-node sends a small picture for the first 20 s.
      videoEncoding: { maxBitrate: VIDEO_BITS_PER_SECOND, maxFramerate: this.#fps },
    });
    const publication = await localParticipant.publishTrack(track, options);
    this.#publications.push(publication);
    return publication;
  }
}
