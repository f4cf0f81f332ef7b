import {
  LocalVideoTrack,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { Ball } from './ball.ts';
import { renderScene, type SceneStyle } from './scene.ts';

export interface SyntheticCameraOptions {
  /** Name of the track. */
  readonly name: string;
  readonly source: 'camera' | 'screen';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Letters A-Z, digits, spaces and `- . :`. */
  readonly text: string;
  /** By default, a camera shows a person with a sheet, and a screen shows a slide. */
  readonly style?: SceneStyle;
}

/** The picture being sent: the scene's pixels with the ball on them. */
interface Shown {
  readonly frame: VideoFrame;
  readonly ball: Ball;
}

/**
 * A camera or a screen that exists only in this process: a real rtc-node video track of a scene
 * with a text that can be read, and a ball that moves, so that no two frames are the same.
 *
 * It owns its timer, its source and its track; `stop()` ends all three.
 */
export class SyntheticCamera {
  readonly name: string;
  readonly source: 'camera' | 'screen';
  readonly #options: SyntheticCameraOptions;
  readonly #style: SceneStyle;
  readonly #interval: number;
  #video: VideoSource | undefined;
  #track: LocalVideoTrack | undefined;
  #timer: NodeJS.Timeout | undefined;
  #shown: Shown | undefined;
  /** Number of the newest text: a drawing that is overtaken by another is not shown. */
  #edition = 0;
  #drawing: Promise<void> = Promise.resolve();
  #startedAt: number | undefined;
  #paused = false;
  #stopped: Promise<void> | undefined;
  #text: string;
  #frames = 0;

  constructor(options: SyntheticCameraOptions) {
    this.name = options.name;
    this.source = options.source;
    this.#options = options;
    this.#style = options.style ?? (options.source === 'camera' ? 'person' : 'slide');
    this.#interval = 1000 / options.fps;
    this.#text = options.text;
  }

  /** Available once `start()` has resolved. */
  get track(): LocalVideoTrack {
    if (!this.#track) throw new Error('a camera has no track before start() has resolved');
    return this.#track;
  }

  /** The source to publish the track as. */
  get trackSource(): TrackSource {
    return this.source === 'camera' ? TrackSource.SOURCE_CAMERA : TrackSource.SOURCE_SCREENSHARE;
  }

  /** The text of the newest frames. */
  get text(): string {
    return this.#text;
  }

  /** Number of frames that the track got so far. */
  get frames(): number {
    return this.#frames;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Draws the scene and begins to send frames. Resolves after the first one. */
  async start(): Promise<void> {
    if (this.#stopped || this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    await this.setText(this.#text);
    if (this.#stopped) return;
    const { name, width, height } = this.#options;
    this.#video = new VideoSource(width, height);
    // Made after the first frame, because rtc-node's source sends blank ones until then.
    this.#tick();
    this.#track = LocalVideoTrack.createVideoTrack(name, this.#video);
  }

  /** Shows another text. Resolves when the frames show it. */
  async setText(text: string): Promise<void> {
    if (this.#stopped) return;
    this.#edition += 1;
    const edition = this.#edition;
    const { width, height } = this.#options;
    const drawing = renderScene({ width, height, text, style: this.#style }).then((scene) => {
      if (edition !== this.#edition || this.#stopped) return;
      const pixels = Uint8Array.from(scene.picture.data);
      this.#shown = {
        frame: new VideoFrame(pixels, width, height, VideoBufferType.I420),
        ball: new Ball(scene, pixels),
      };
      this.#text = text;
      if (this.#timer) this.#send();
    });
    this.#drawing = drawing.catch(() => undefined);
    await drawing;
  }

  /** Sends no frames until `resume()`, like a muted track. The room is not notified of a mute. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Ends the timer, the track and its source. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#release();
    return this.#stopped;
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#drawing;
    await this.#track?.close();
  }

  /**
   * Sends one frame and sets the timer to the next whole interval since the start. A late timer
   * therefore skips frames instead of sending them in a burst, and small delays never add up.
   * The interval is rounded, because a timer may fire a fraction of a millisecond early.
   */
  #tick(): void {
    this.#send();
    const since = this.#elapsed();
    const next = (Math.round(since / this.#interval) + 1) * this.#interval;
    this.#timer = setTimeout(() => this.#tick(), next - since);
  }

  #send(): void {
    if (this.#paused || !this.#shown || !this.#video) return;
    const { frame, ball } = this.#shown;
    ball.moveTo(this.#elapsed() / 1000);
    this.#video.captureFrame(frame);
    this.#frames += 1;
  }

  #elapsed(): number {
    return performance.now() - (this.#startedAt ?? 0);
  }
}
