import { VideoStream } from '@livekit/rtc-node';
import { levelOfLuma } from '../camera/levels.ts';
import { TestCamera } from '../camera/test-camera.ts';
import type { Shared } from './steps.ts';

/** High enough to show a new picture soon, low enough to keep a story cheap. */
const FPS = 40;
/** Number of frames after which a picture counts as arrived. */
const FRAMES_TO_ARRIVE = 2;

/** A camera or a screen of a story, and a reader of its track that sees what a subscriber sees. */
export class StoryCamera {
  readonly camera: TestCamera;
  #level: number;
  #frames = 0;
  readonly #onSeen: (level: number, at: number) => void;
  readonly #reading: Promise<void>;

  /** @param onSeen - Called when a reader of the track has a picture. */
  constructor(what: Shared, level: number, onSeen: (level: number, at: number) => void) {
    this.camera = new TestCamera({ source: what, fps: FPS, name: what });
    this.#level = level;
    this.#onSeen = onSeen;
    this.camera.show(level);
    this.#reading = this.#read();
  }

  /** Shows another picture. Frames that were sent before still arrive. */
  show(level: number): void {
    this.#level = level;
    this.#frames = 0;
    this.camera.show(level);
  }

  mute(): void {
    this.#frames = 0;
    this.camera.mute();
  }

  async close(): Promise<void> {
    await this.camera.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    // Not cancelled, because that leaks native frames. The stream ends with the track.
    for await (const { frame } of new VideoStream(this.camera.track)) {
      if (levelOfLuma(frame.data[0] ?? 0) !== this.#level) continue;
      this.#frames += 1;
      if (this.#frames === FRAMES_TO_ARRIVE) this.#onSeen(this.#level, Date.now());
    }
  }
}
