import {
  LocalVideoTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
  type VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { VIDEO_OUTPUT } from '../defaults.ts';
import { OutputError } from '../errors.ts';
import { rgbFrame } from '../frames/frame-edit.ts';
import { keepRevocable, mayStillShow } from '../frames/handed-frames.ts';
import { filled } from '../option-table.ts';
import { messageOf } from '../thrown.ts';
import { doneWithin, within } from '../time-limit.ts';
import { fitted, isSeenFrame, type OutputPicture } from './output-picture.ts';

export interface VideoOutputOptions {
  /**
   * Width of the track in pixels. Pictures are scaled to fit, and keep their aspect ratio.
   * @defaultValue 1280
   */
  width?: number;
  /**
   * Height of the track in pixels.
   * @defaultValue 720
   */
  height?: number;
  /**
   * Pictures a second, at most. Of pictures that come faster, the newest is shown.
   * @defaultValue 15
   */
  maxFps?: number;
  /**
   * Name of the track, by which a frontend finds it.
   * @defaultValue 'sightline-output'
   */
  name?: string;
  /**
   * Whether frontends show it like a camera or like a shared screen.
   * @defaultValue 'screen'
   */
  source?: 'camera' | 'screen';
}

/** How often the last picture is sent again, in ms, for a viewer who joins later. */
const REPEAT_MS = 1000;
/** How long publishing and unpublishing may take, in ms. */
const PUBLISH_LIMIT_MS = 10_000;

interface Waiting {
  picture: OutputPicture;
  settle(isShown: boolean): void;
  fail(error: unknown): void;
}

/**
 * A video track of the agent that shows pictures of the application: an annotated camera, a
 * drawing, a slide. It shows the last picture until the next one.
 *
 * @example
 * ```ts
 * const output = new VideoOutput(ctx.room, { width: 640, height: 360 });
 * await output.start();
 * await output.show(await video.look());
 * ```
 */
export class VideoOutput {
  readonly #room: Room;
  readonly #options: Required<VideoOutputOptions>;
  #source: VideoSource | undefined;
  #track: LocalVideoTrack | undefined;
  #waiting: Waiting | undefined;
  #isWorking = false;
  #lastAt = Number.NEGATIVE_INFINITY;
  #shown: VideoFrame;
  /** Identifies the picture that is shown; its video may be switched off. */
  #token = {};
  #repeat: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws OptionError that names the option. */
  constructor(room: Room, options: VideoOutputOptions = {}) {
    this.#room = room;
    this.#options = filled('options', options, VIDEO_OUTPUT);
    this.#shown = this.#black();
  }

  /**
   * Publishes the track, black at first.
   * @throws OutputError if it is closed, or the track cannot be published.
   */
  start(): Promise<void> {
    if (this.#closing)
      throw new OutputError('closed', 'this VideoOutput is closed: make a new one');
    this.#starting ??= this.#publish();
    return this.#starting;
  }

  /**
   * Shows the picture until the next call. Resolves with `true` when viewers get it, and with
   * `false` if a newer one took its place, or if its video was switched off.
   *
   * @param picture - A frame of `look()` or `latestFrame()`, a `VideoFrame`, or the result of
   * `encodeFrame`. A frame of a participant becomes black when its video is switched off.
   * @throws OptionError if it is no picture; OutputError if the output is not open.
   */
  async show(picture: OutputPicture): Promise<boolean> {
    if (!this.#source || this.#closing)
      throw new OutputError('closed', 'this VideoOutput is not open: call start() first');
    this.#waiting?.settle(false);
    const shown = new Promise<boolean>((settle, fail) => {
      this.#waiting = { picture, settle, fail };
    });
    if (!this.#isWorking) void this.#work();
    return shown;
  }

  /** Shows black. */
  clear(): void {
    this.#waiting?.settle(false);
    this.#waiting = undefined;
    this.#put(this.#black());
  }

  /** Unpublishes the track. Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #publish(): Promise<void> {
    const { width, height, name, source } = this.#options;
    const { localParticipant } = this.#room;
    if (!localParticipant)
      throw new OutputError('not-connected', 'the room is not connected: connect it first');
    const output = new VideoSource(width, height);
    this.#source = output;
    const track = LocalVideoTrack.createVideoTrack(name, output);
    this.#track = track;
    this.#put(this.#shown);
    const options = new TrackPublishOptions({
      source: source === 'screen' ? TrackSource.SOURCE_SCREENSHARE : TrackSource.SOURCE_CAMERA,
    });
    try {
      await within(
        PUBLISH_LIMIT_MS,
        localParticipant.publishTrack(track, options),
        () => new Error(`it took longer than ${PUBLISH_LIMIT_MS} ms`),
      );
    } catch (error) {
      await this.close();
      const reason = messageOf(error);
      throw new OutputError('publish', `the track cannot be published: ${reason}`, {
        cause: error,
      });
    }
    if (!this.#closing) this.#repeat = setInterval(() => this.#put(this.#shown), REPEAT_MS);
  }

  /** Shows the waiting pictures, the newest first, not faster than `maxFps`. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting) {
      await this.#pause();
      // It may have been dropped meanwhile, by `clear` or by the close.
      const next: Waiting | undefined = this.#waiting;
      this.#waiting = undefined;
      if (next) await this.#showOne(next).then(next.settle, next.fail);
    }
    this.#isWorking = false;
  }

  async #showOne({ picture }: Waiting): Promise<boolean> {
    const frame = await fitted(picture, this.#options);
    if (this.#closing) return false;
    if (isSeenFrame(picture)) {
      if (!mayStillShow(picture)) return false;
      const token = {};
      keepRevocable(picture, token, (one) => {
        if (this.#token === one) this.clear();
      });
      this.#put(frame, token);
    } else this.#put(frame);
    return true;
  }

  #put(frame: VideoFrame, token: object = {}): void {
    if (frame !== this.#shown) this.#token = token;
    this.#shown = frame;
    this.#lastAt = performance.now();
    if (this.#source && !this.#closing) this.#source.captureFrame(frame);
  }

  async #pause(): Promise<void> {
    const waitMs = this.#lastAt + 1000 / this.#options.maxFps - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  #black(): VideoFrame {
    const { width, height } = this.#options;
    return rgbFrame({ rgb: Buffer.alloc(3 * width * height), width, height });
  }

  async #end(): Promise<void> {
    clearInterval(this.#repeat);
    this.#waiting?.settle(false);
    this.#waiting = undefined;
    const { sid } = this.#track ?? {};
    // A room that is gone has no tracks any more.
    const unpublished = sid && this.#room.localParticipant?.unpublishTrack(sid).catch(() => {});
    await doneWithin(PUBLISH_LIMIT_MS, unpublished);
    await this.#track?.close();
  }
}
