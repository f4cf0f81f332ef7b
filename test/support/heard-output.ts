import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';

const SAMPLE_RATE = 24_000;

/** A loudspeaker that plays in real time, and reports whether it is audible. */
export class HeardOutput extends voice.AudioOutput {
  #until = 0;
  #startedAt: number | undefined;
  #end: NodeJS.Timeout | undefined;

  constructor() {
    super(SAMPLE_RATE, undefined, { pause: false });
  }

  /** Whether it is audible now. */
  get sounds(): boolean {
    return this.#startedAt !== undefined && performance.now() < this.#until;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    await super.captureFrame(frame);
    const now = performance.now();
    if (this.#startedAt === undefined) {
      this.#startedAt = now;
      this.#until = now;
      this.onPlaybackStarted(Date.now());
    }
    this.#until = Math.max(this.#until, now) + (1000 * frame.samplesPerChannel) / frame.sampleRate;
  }

  override flush(): void {
    super.flush();
    if (this.#startedAt === undefined) return;
    this.#end = setTimeout(() => this.#finish(false), this.#until - performance.now());
  }

  /** Plays speech into it. */
  clearBuffer(): void {
    clearTimeout(this.#end);
    this.#finish(true);
  }

  #finish(interrupted: boolean): void {
    if (this.#startedAt === undefined) return;
    const playedMs = Math.min(this.#until, performance.now()) - this.#startedAt;
    this.#startedAt = undefined;
    this.onPlaybackFinished({ playbackPosition: playedMs / 1000, interrupted });
  }
}
