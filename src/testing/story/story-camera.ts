import { type Track, type TrackPublication, VideoStream } from '@livekit/rtc-node';
import { levelOfLuma } from '../camera/levels.ts';
import { TestCamera } from '../camera/test-camera.ts';
import { markedFrame } from './masks.ts';
import type { Shared } from './steps.ts';

/** High enough to show a new picture soon, low enough to keep a story cheap. */
const FPS = 40;
/** Number of frames after which a picture counts as arrived. */
const FRAMES_TO_ARRIVE = 2;

/** A camera or a screen of a story. Readers of its track see what a subscriber sees. */
export class StoryCamera {
  readonly camera: TestCamera;
  readonly #isMarked: boolean;
  #level: number;
  #frames = 0;
  readonly #onSeen: (level: number, at: number) => void;
  #reading: Promise<void> | undefined;

  /**
   * @param isMarked - Whether its pictures have a part that a mask must hide.
   * @param onSeen - Called when a reader of the track has a picture.
   */
  constructor(
    { what, isMarked, level }: { what: Shared; isMarked: boolean; level: number },
    onSeen: (level: number, at: number) => void,
  ) {
    this.camera = new TestCamera({ source: what, fps: FPS, name: what });
    this.#isMarked = isMarked;
    this.#level = level;
    this.#onSeen = onSeen;
    this.show(level);
  }

  /** Shows another picture. Frames that were sent before still arrive. */
  show(level: number): void {
    this.#level = level;
    this.#frames = 0;
    // A frame, as a level, is sent before this returns.
    if (this.#isMarked) void this.camera.show(markedFrame(level, this.camera.rotation));
    else this.camera.show(level);
  }

  mute(): void {
    this.#frames = 0;
    this.camera.mute();
  }

  unmute(): void {
    this.camera.unmute();
  }

  /** Its publication among those of a person. */
  publicationIn<P extends Pick<TrackPublication, 'source'>>(publications: Iterable<P>) {
    return [...publications].find(({ source }) => source === this.camera.source);
  }

  async close(): Promise<void> {
    await this.camera.close();
    await this.#reading;
  }

  /** Reads the camera's own track until the camera is closed. */
  readOwn(): void {
    this.#reading ??= this.read(this.camera.track);
  }

  /** Reads the camera's track, as a participant has it, to its end. */
  async read(track: Track): Promise<void> {
    // Not cancelled, because that leaks native frames. The stream ends with the track.
    for await (const { frame } of new VideoStream(track)) {
      // The upper right corner, which is never a part of the mark.
      if (levelOfLuma(frame.data[frame.width - 1] ?? 0) !== this.#level) continue;
      this.#frames += 1;
      if (this.#frames === FRAMES_TO_ARRIVE) this.#onSeen(this.#level, Date.now());
    }
  }
}
