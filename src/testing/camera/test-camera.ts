import { LocalVideoTrack, TrackSource, type VideoFrame, VideoSource } from '@livekit/rtc-node';
import { setLocalTrackMuted } from '../../internals/rtc-publication-control.ts';
import { filled } from '../../option-table.ts';
import { TestingError } from '../errors.ts';
import { TEST_CAMERA, VIDEO_FILE } from '../options.ts';
import { isFrame, type PictureLike } from '../pictures/picture.ts';
import { greyFrame, SMALL } from './levels.ts';
import { pictureFrame } from './picture-frame.ts';
import { setTrackMuted } from './track-mute.ts';
import { type VideoFileOptions, VideoPlayer } from './video-player.ts';

/** How far a receiver has to turn the frames clockwise to have them upright, in degrees. */
export type CameraRotation = 0 | 90 | 180 | 270;

/** What a {@link TestCamera} is. */
export interface TestCameraOptions {
  /**
   * Width of its frames, in pixels. Pictures are scaled to fit, their shape is kept. rtc-node hands
   * out sides that are a multiple of 4.
   *
   * @defaultValue that of the picture; 96 for a grey level
   */
  readonly width?: number;
  /**
   * Height of its frames, in pixels.
   *
   * @defaultValue that of the picture; 64 for a grey level
   */
  readonly height?: number;
  /**
   * How often it sends what it shows. With 0 it sends one frame for each `show()`.
   *
   * @defaultValue 0; 10 for `fromImage()`
   */
  readonly fps?: number;
  /** @defaultValue 'camera' */
  readonly source?: 'camera' | 'screen';
  /** Name of the track. @defaultValue 'test' */
  readonly name?: string;
}

/** How one picture is shown. */
export interface ShowOptions {
  /** In pixels, instead of the camera's. */
  readonly width?: number;
  /** In pixels, instead of the camera's. */
  readonly height?: number;
  /** Instead of the camera's. */
  readonly rotation?: CameraRotation;
}

const PHOTO_FPS = 10;

/**
 * A camera or a screen of this process: a real rtc-node video track, for a `LoopbackRoom` or a real
 * one. It shows a grey level, a picture, or a video at its true speed.
 *
 * `close()` ends its track, its timer and its video.
 *
 * @example
 * ```ts
 * const camera = await TestCamera.fromImage('test/mug.jpg');
 * room.join('user');
 * room.publish('user', camera.track, camera.source);
 * ```
 */
export class TestCamera {
  readonly track: LocalVideoTrack;
  /** What a publication of the track says it is. */
  readonly source: TrackSource;
  /** Of the frames from now on: turn the phone. The pixels stay as they are. */
  rotation: CameraRotation = 0;
  readonly #options: TestCameraOptions;
  readonly #video: VideoSource;
  readonly #timer: NodeJS.Timeout | undefined;
  #shown: { frame: VideoFrame; rotation?: CameraRotation | undefined };
  #player: VideoPlayer | undefined;
  #isMuted = false;
  #isStalled = false;
  #isClosed = false;
  #frames = 0;

  constructor(options: TestCameraOptions = {}) {
    const { source, name, fps } = filled('', options, TEST_CAMERA);
    const size = { ...SMALL, ...sizeOf(options) };
    this.#options = options;
    this.source = source === 'camera' ? TrackSource.SOURCE_CAMERA : TrackSource.SOURCE_SCREENSHARE;
    this.#video = new VideoSource(size.width, size.height);
    // Until it has one of its own, rtc-node's source sends blank frames.
    this.#shown = { frame: greyFrame(1, size) };
    this.#send();
    this.track = LocalVideoTrack.createVideoTrack(name, this.#video);
    if (fps > 0) this.#timer = setInterval(() => this.#send(), 1000 / fps);
  }

  /**
   * A camera that looks at a photo: a file, a URL of one, or its bytes. It sends 10 frames a second.
   * @throws TestingError if it is no picture.
   */
  static async fromImage(
    picture: PictureLike,
    options: TestCameraOptions = {},
  ): Promise<TestCamera> {
    const frame = await pictureFrame(picture, options);
    const camera = new TestCamera({ fps: PHOTO_FPS, ...options });
    camera.show(frame);
    return camera;
  }

  /**
   * A camera that films what a video file shows, at its true speed, from the start again at its end.
   * Done when the first frame is sent.
   *
   * @throws TestingError without ffmpeg, or if ffmpeg cannot play the file.
   */
  static async fromVideo(
    file: string | URL,
    options: TestCameraOptions & VideoFileOptions = {},
  ): Promise<TestCamera> {
    filled('', options, VIDEO_FILE);
    const { loop: _loop, startMs, ffmpeg: _ffmpeg, ...own } = options;
    const camera = new TestCamera(own);
    camera.#player = new VideoPlayer(file, options, (frame) => camera.#present(frame));
    try {
      await camera.#player.play(startMs ?? 0);
      return camera;
    } catch (error) {
      await camera.close();
      throw error;
    }
  }

  /** Frames given to the track so far, repeated ones too. */
  get frames(): number {
    return this.#frames;
  }

  get muted(): boolean {
    return this.#isMuted;
  }

  /** Done at the end of a video that does not loop; never for any other camera. */
  get ended(): Promise<void> {
    return this.#player?.ended ?? new Promise(() => {});
  }

  /**
   * Shows a picture: a file, a URL of one, its bytes, a frame. Done when it is sent; a frame is sent
   * at once.
   *
   * @throws TestingError if it is no picture.
   */
  show(picture: PictureLike, options?: ShowOptions): Promise<void>;
  /** Shows a grey level, from 0 (black) to 9: it is sent before this returns. @throws TestingError */
  show(level: number, options?: ShowOptions): void;
  show(picture: PictureLike | number, options: ShowOptions = {}): Promise<void> | undefined {
    const { rotation } = options;
    const size = { ...sizeOf(this.#options), ...sizeOf(options) };
    this.#player?.stop();
    this.#player = undefined;
    if (typeof picture === 'number') {
      this.#present(greyFrame(picture, { ...SMALL, ...size }), rotation);
      return undefined;
    }
    if (typeof picture === 'object' && isFrame(picture)) {
      this.#present(picture, rotation);
      return Promise.resolve();
    }
    return pictureFrame(picture, size).then((frame) => this.#present(frame, rotation));
  }

  /**
   * Goes to a time of the video. Done when its frame is sent.
   * @throws TestingError if the camera plays no video.
   */
  async seek(ms: number): Promise<void> {
    if (!this.#player)
      throw new TestingError(
        'video',
        'the camera plays no video',
        'make it with `await TestCamera.fromVideo(file)`',
      );
    await this.#player.play(ms);
  }

  /** The user switches the camera off: no frame is sent, and the room says that it is muted. */
  mute(): void {
    this.#setMuted(true);
  }

  /** Switches it on again: what it shows is sent. */
  unmute(): void {
    this.#setMuted(false);
    this.#send();
  }

  /**
   * Stops sending frames until {@link resume}, without a mute event: a broken camera, a bad
   * network.
   */
  stall(): void {
    this.#isStalled = true;
  }

  /** Sends what it shows, and what comes. */
  resume(): void {
    this.#isStalled = false;
    this.#send();
  }

  /** Ends the track, its timer and its video. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#player?.stop();
    await this.track.close();
  }

  #setMuted(muted: boolean): void {
    if (this.#isMuted === muted || this.#isClosed) return;
    this.#isMuted = muted;
    setLocalTrackMuted(this.track, muted);
    setTrackMuted(this.track, muted);
  }

  #present(frame: VideoFrame, rotation?: CameraRotation): void {
    this.#shown = { frame, rotation };
    this.#send();
  }

  #send(): void {
    if (this.#isMuted || this.#isStalled || this.#isClosed) return;
    const { frame, rotation = this.rotation } = this.#shown;
    this.#video.captureFrame(frame, 0n, rotation / 90);
    this.#frames += 1;
  }
}

/** What is set of a size. */
function sizeOf({ width, height }: { readonly width?: number; readonly height?: number }) {
  return {
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}
