import { VideoStream } from '@livekit/rtc-node';
import { levelOfLuma } from '../camera/levels.ts';
import { TestCamera } from '../camera/test-camera.ts';
import type { Shared } from './steps.ts';

/** As a slow camera: a new picture is there soon, and a story costs little. */
const FPS = 40;
/** A picture is taken as arrived with this many frames of it. */
const FRAMES_TO_ARRIVE = 2;

/** A camera or a screen of a story, and a reader of its track that sees what a subscriber sees. */
export class StoryCamera {
  readonly camera: TestCamera;
  #level: number;
  #frames = 0;
  readonly #onSeen: (level: number, at: number) => void;
  readonly #reading: Promise<void>;

  /** @param onSeen - Called when a reader of the track has got a picture. */
  constructor(what: Shared, level: number, onSeen: (level: number, at: number) => void) {
    this.camera = new TestCamera({ source: what, fps: FPS, name: what });
    this.#level = level;
    this.#onSeen = onSeen;
    this.camera.show(level);
    this.#reading = this.#read();
  }

  /** Shows another picture; what was on its way before still arrives. */
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
    // Ends with the track: a stream that is cancelled leaks native frames.
    for await (const { frame } of new VideoStream(this.camera.track)) {
      if (levelOfLuma(frame.data[0] ?? 0) !== this.#level) continue;
      this.#frames += 1;
      if (this.#frames === FRAMES_TO_ARRIVE) this.#onSeen(this.#level, Date.now());
    }
  }
}
