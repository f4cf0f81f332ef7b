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

/** Clockwise rotation by which a receiver gets upright frames, in degrees. */
export type CameraRotation = 0 | 90 | 180 | 270;

/** Options of a {@link TestCamera}. */
export interface TestCameraOptions {
  /**
   * Width of its frames, in pixels. Pictures are scaled to fit and keep their aspect ratio. rtc-node
   * delivers frames whose sides are multiples of 4.
   *
   * @defaultValue the width of the picture; 96 for a grey level
   */
  readonly width?: number;
  /**
   * Height of its frames, in pixels.
   *
   * @defaultValue the height of the picture; 64 for a grey level
   */
  readonly height?: number;
  /**
   * Frames a second. With 0, each `show()` sends one frame.
   *
   * @defaultValue 0; 10 for `fromImage()`
   */
  readonly fps?: number;
  /** @defaultValue 'camera' */
  readonly source?: 'camera' | 'screen';
  /** Name of the track. @defaultValue 'test' */
  readonly name?: string;
}

/** Overrides the camera's size and rotation for one picture. */
export interface ShowOptions {
  /** In pixels. */
  readonly width?: number;
  /** In pixels. */
  readonly height?: number;
  readonly rotation?: CameraRotation;
}

const PHOTO_FPS = 10;

/**
 * A camera or a screen of this process: a real rtc-node video track, for a `LoopbackRoom` or a
 * room of a LiveKit server. It shows a grey level, a picture, or a video at its own speed.
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
  /** The source to publish the track as. */
  readonly source: TrackSource;
  /** Rotation of the next frames, as if the user turned the phone. The pixels stay as they are. */
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
    // rtc-node's source sends blank frames until it gets its first one.
    this.#shown = { frame: greyFrame(1, size) };
    this.#send();
    this.track = LocalVideoTrack.createVideoTrack(name, this.#video);
    if (fps > 0) this.#timer = setInterval(() => this.#send(), 1000 / fps);
  }

  /**
   * A camera that shows a photo: a file, its URL, or its bytes. It sends 10 frames a second.
   *
   * @throws TestingError if the photo cannot be read; OptionError if `picture` is of another type.
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
   * A camera that plays a video file at its own speed, in a loop by default. Resolves when the first
   * frame is sent.
   *
   * @throws TestingError if ffmpeg is missing or cannot play the file; OptionError if `file` is not a
   * path.
   */
  static async fromVideo(
    file: string | URL,
    options: TestCameraOptions & VideoFileOptions = {},
  ): Promise<TestCamera> {
    filled('', options, VIDEO_FILE);
    const { loop: _loop, startMs, ffmpeg: _ffmpeg, ...own } = options;
    const player = new VideoPlayer(file, options, (frame) => camera.#present(frame));
    const camera = new TestCamera(own);
    camera.#player = player;
    try {
      await player.play(startMs ?? 0);
      return camera;
    } catch (error) {
      await camera.close();
      throw error;
    }
  }

  /** Number of frames that the track got so far, including repeated ones. */
  get frames(): number {
    return this.#frames;
  }

  get muted(): boolean {
    return this.#isMuted;
  }

  /** Resolves at the end of a video that does not loop. Never resolves for another camera. */
  get ended(): Promise<void> {
    return this.#player?.ended ?? new Promise(() => {});
  }

  /**
   * Shows a picture: a file, its URL, its bytes, or a frame. Resolves when the picture is sent. A
   * frame is sent before this returns.
   *
   * @throws TestingError if the picture cannot be read; OptionError if it is of another type.
   */
  show(picture: PictureLike, options?: ShowOptions): Promise<void>;
  /**
   * Shows a grey level, from 0 (black) to 9. It is sent before this returns.
   *
   * @throws TestingError for another level.
   */
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
    if (isFrame(picture)) {
      this.#present(picture, rotation);
      return Promise.resolve();
    }
    return pictureFrame(picture, size).then((frame) => this.#present(frame, rotation));
  }

  /**
   * Seeks to a time of the video. Resolves when the frame of that time is sent.
   *
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

  /** The user switches the camera off: no frames are sent, and the publication is muted. */
  mute(): void {
    this.#setMuted(true);
  }

  /** Switches the camera on again, and sends the current picture. */
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

  /** Ends {@link stall}: sends the current picture, and the next ones. */
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

/** The sides that are set. */
function sizeOf({ width, height }: { readonly width?: number; readonly height?: number }) {
  return {
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}
