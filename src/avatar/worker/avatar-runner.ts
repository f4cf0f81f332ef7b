import { EventEmitter } from 'node:events';
import { voice } from '@livekit/agents';
import { AudioFrame, type Room, type VideoFrame } from '@livekit/rtc-node';
import { object } from '../../checks.ts';
import { AVATAR_FORMAT, AVATAR_RUNNER } from '../../defaults.ts';
import { AvatarError } from '../../errors.ts';
import { filled } from '../../option-table.ts';
import { textOf } from '../../thrown.ts';
import { doneWithin } from '../../time-limit.ts';
import type { AudioReceiver, ClearBufferEvent } from './audio-receiver.ts';
import { AudioShape } from './audio-shape.ts';
import { AvSynchronizer } from './av-synchronizer.ts';
import { AvatarTracks } from './avatar-tracks.ts';
import { PlayoutTimeline } from './playout-timeline.ts';
import type { AvatarFormat, AvatarRunnerOptions } from './runner-options.ts';
import { SegmentLedger } from './segment-ledger.ts';
import type { VideoGenerator } from './video-generator.ts';
import '../../internals/rtc-native-logs.ts';

/** Audio that may be queued, in ms; the same as in Python's runner. */
const QUEUE_MS = 100;

/** The engine takes a track's audio in pieces of this length, in ms. */
const PIECE_MS = 10;

/** How long a generator may take to close, and its iteration to end, in ms. */
const GENERATOR_END_LIMIT_MS = 2000;

export interface AvatarRunnerEvents {
  /** The generator or a track failed; the avatar may stand still. */
  error: [AvatarError];
}

/**
 * The avatar's side of the protocol: takes speech from `audio`, lets `video` generate pictures for
 * it, and plays both into the room in sync. It reports to the agent when each segment starts and
 * ends, and how far an interrupted one was played.
 */
export class AvatarRunner extends EventEmitter<AvatarRunnerEvents> {
  readonly #audio: AudioReceiver;
  readonly #generator: VideoGenerator;
  readonly #format: AvatarFormat;
  readonly #room: Room;
  readonly #subscriptionTimeoutMs: number;
  readonly #shape: AudioShape;
  readonly #ledger = new SegmentLedger();
  readonly #timeline = new PlayoutTimeline();
  #tracks: AvatarTracks | undefined;
  #sync: AvSynchronizer | undefined;
  #running: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;
  /** Clears that the generator has not finished. */
  #clearing = 0;
  /** Number of clears so far. */
  #clears = 0;

  /** @throws OptionError that names the option, its value and the remedy. */
  constructor(options: AvatarRunnerOptions) {
    super();
    object('options', options, 'pass { room, audio, video, options }');
    const { room, audio, video } = options;
    const { subscriptionTimeoutMs } = filled('', options, AVATAR_RUNNER);
    this.#room = room;
    this.#audio = audio;
    this.#generator = video;
    this.#format = filled('options', options.options, AVATAR_FORMAT);
    this.#shape = new AudioShape(this.#format);
    this.#subscriptionTimeoutMs = subscriptionTimeoutMs;
  }

  /**
   * Starts to play. Resolves when both tracks are published, the video with its first frame.
   *
   * @throws AvatarError if the runner was started or closed before, or cannot publish.
   */
  async start(): Promise<void> {
    if (this.#closing) throw new AvatarError('closed', 'this runner is closed: make a new one');
    if (this.#running) throw new AvatarError('start-failed', 'this runner was already started');
    const { fps } = this.#format;
    const tracks = new AvatarTracks(this.#room, this.#format, QUEUE_MS);
    this.#tracks = tracks;
    this.#sync = new AvSynchronizer({ ...tracks, fps, queueMs: QUEUE_MS });
    this.#audio.on('clearBuffer', this.#onClear);
    let onFirst = (_problem?: unknown) => {};
    const first = new Promise<void>((resolve, reject) => {
      onFirst = (problem) => (problem === undefined ? resolve() : reject(problem));
    });
    try {
      await this.#audio.start();
      this.#running = Promise.all([this.#takeSpeech(), this.#play(onFirst)]);
      await first;
      await tracks.publish(this.#subscriptionTimeoutMs);
    } catch (error) {
      await this.aclose();
      if (error instanceof AvatarError) throw error;
      const message = `the avatar cannot play: ${textOf(error)}`;
      throw new AvatarError('start-failed', message, { cause: error });
    }
  }

  /** Unpublishes the tracks, and ends everything that was started. Idempotent. */
  aclose(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#audio.off('clearBuffer', this.#onClear);
    this.#timeline.clear();
    this.#sync?.close();
    await this.#audio.aclose();
    await doneWithin(GENERATOR_END_LIMIT_MS, this.#endGenerator());
    await doneWithin(GENERATOR_END_LIMIT_MS, this.#running);
    this.#shape.close();
    await this.#tracks?.close();
  }

  /** Never throws: an error of foreign code must not stop the rest of the cleanup. */
  async #endGenerator(): Promise<void> {
    const generator = this.#generator;
    for (const end of [() => generator.clearBuffer(), () => generator.aclose?.()])
      await Promise.resolve()
        .then(end)
        .catch(() => {});
  }

  async #takeSpeech(): Promise<void> {
    try {
      for await (const item of this.#audio) {
        // No clear can occur in between, because it runs in a separate turn of the event loop.
        const isEnd = item instanceof voice.AudioSegmentEnd;
        this.#ledger.onTaken(isEnd);
        const clears = this.#clears;
        // A clear during a wait also applies to the rest.
        for (const part of this.#shape.of(item))
          if (clears === this.#clears) await this.#generator.pushAudio(part);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #play(onFirst: (problem?: unknown) => void): Promise<void> {
    try {
      for await (const item of this.#generator) {
        if (this.#closing) break;
        if (item instanceof AudioFrame) await this.#playAudio(item);
        else if (item instanceof voice.AudioSegmentEnd) await this.#onSpoken();
        else await this.#playVideo(item);
        onFirst();
      }
      onFirst(new AvatarError('generator', 'the generator ended without a frame'));
    } catch (error) {
      onFirst(error);
      this.#fail(error);
    }
  }

  #playVideo(frame: VideoFrame): Promise<void> | undefined {
    return this.#sync?.pushVideo(frame);
  }

  #playAudio(frame: AudioFrame): Promise<void> | undefined {
    // Output during a clear belongs to the cleared speech.
    if (this.#clearing > 0 || !this.#sync) return;
    const segment = this.#ledger.speaking;
    const startsAt = this.#sync.audioEndsAt;
    if (segment && segment.pushedMs === 0 && frame.samplesPerChannel > 0)
      this.#timeline.add(startsAt, () => this.#audio.notifyPlaybackStarted());
    const done = this.#sync.pushAudio(frame);
    if (segment) {
      segment.pushedMs += (frame.samplesPerChannel / frame.sampleRate) * 1000;
      segment.endsAt = this.#sync.audioEndsAt;
    }
    return done;
  }

  #onSpoken(): Promise<void> | undefined {
    if (this.#clearing > 0 || !this.#sync) return;
    const segment = this.#ledger.onSpoken();
    if (!segment) return;
    this.#timeline.add(this.#sync.audioEndsAt, () => {
      this.#ledger.onHeard();
      this.#finished(segment.pushedMs, false);
    });
    return this.#fillPiece(segment.pushedMs);
  }

  /** An incomplete piece would stay in the source, and be heard before the next segment. */
  #fillPiece(spokenMs: number): Promise<void> | undefined {
    const { sampleRate, channels } = this.#format;
    const missingMs = Math.ceil(spokenMs / PIECE_MS) * PIECE_MS - spokenMs;
    const samples = Math.round((missingMs * sampleRate) / 1000);
    if (samples === 0) return;
    return this.#sync?.pushAudio(
      new AudioFrame(new Int16Array(samples * channels), sampleRate, channels, samples),
    );
  }

  readonly #onClear = ({ unheardSegments }: ClearBufferEvent): void => {
    this.#timeline.clear();
    const heard = this.#ledger.cut(performance.now());
    this.#sync?.clear();
    this.#shape.reset();
    // Each one is reported, or the agent would wait for it.
    for (const playedMs of heard) this.#finished(playedMs, true);
    for (let segment = 0; segment < unheardSegments; segment += 1) this.#finished(0, true);
    this.#clears += 1;
    this.#clearing += 1;
    Promise.resolve()
      .then(() => this.#generator.clearBuffer())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#clearing -= 1;
      });
  };

  #finished(playedMs: number, interrupted: boolean): void {
    // Whole microseconds: the sum of frame lengths has floating-point noise.
    const playbackPosition = Math.round(playedMs * 1000) / 1e6;
    this.#audio.notifyPlaybackFinished({ playbackPosition, interrupted });
  }

  #fail(error: unknown): void {
    if (this.#closing || this.listenerCount('error') === 0) return;
    const message = `the avatar stopped playing: ${textOf(error)}`;
    this.emit('error', new AvatarError('generator', message, { cause: error }));
  }
}
