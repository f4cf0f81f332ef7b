import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { Playback, type PlaybackFault, type PlaybackLimits, type Unconfirmed } from './playback.ts';
import type { SpeechOutput } from './speech-output.ts';
import { SpeechSegment } from './speech-segment.ts';

export interface StableAudioOutputOptions extends PlaybackLimits {
  /** Of the audio that the session makes, in Hz. */
  sampleRate: number;
  onUnconfirmed(what: Unconfirmed): void;
  /** The output that plays cannot go on: another one is to be swapped in. */
  onFault(fault: PlaybackFault): void;
}

/**
 * The audio output that the agent session sees from its start to its end. What plays below it is
 * swapped without its knowledge: no frame is played twice, none is lost, and each segment ends
 * once, with what was heard of it.
 */
export class StableAudioOutput extends voice.AudioOutput {
  readonly #options: StableAudioOutputOptions;
  /** Segments that were not played to their end, the oldest first. */
  readonly #segments: SpeechSegment[] = [];
  /** The one that is still spoken into. */
  #open: SpeechSegment | undefined;
  #current: SpeechOutput | undefined;
  #following: { output: SpeechOutput; onSwapped: () => void } | undefined;
  #playback: Playback | undefined;
  #isPlaying = false;
  #onOutput = () => {};
  readonly #onPlayed = new Set<() => void>();

  constructor(options: StableAudioOutputOptions) {
    super(options.sampleRate, undefined, { pause: true });
    this.#options = options;
  }

  /** As that of the output below: an avatar cannot pause. */
  override get canPause(): boolean {
    return this.#current?.output.canPause ?? false;
  }

  /** What plays now. */
  get kind(): SpeechOutput['kind'] | undefined {
    return this.#current?.kind;
  }

  /** The segment that is played now. */
  get playback(): Playback | undefined {
    return this.#playback;
  }

  /**
   * From now on this plays, also the rest of what is under way.
   * @param heardUntil - Time of day until which the one before was heard.
   */
  swapNow(output: SpeechOutput, heardUntil = Date.now()): void {
    this.#following = undefined;
    if (this.#current?.output === output.output) return;
    this.#current = output;
    this.#playback?.replace(heardUntil);
    this.#onOutput();
  }

  /** From the next segment on this plays; at once where nothing is under way. */
  swapAtNextSegment(output: SpeechOutput, onSwapped: () => void): void {
    this.#following = { output, onSwapped };
    if (!this.#playback) this.#followUp();
  }

  /** Whether an output of this kind played; done when it does not. */
  async untilPlayed(kind: SpeechOutput['kind']): Promise<boolean> {
    let didPlay = false;
    for (; this.#playback?.kind === kind; didPlay = true)
      await new Promise<void>((resolve) => this.#onPlayed.add(resolve));
    return didPlay;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    await super.captureFrame(frame);
    if (!this.#open) {
      this.#open = new SpeechSegment();
      this.#segments.push(this.#open);
      void this.#playAll();
    }
    await this.#open.push(frame);
  }

  override flush(): void {
    super.flush();
    this.#open?.complete();
    this.#open = undefined;
  }

  override clearBuffer(): void {
    for (const segment of this.#segments) segment.clear();
    this.flush();
    this.#onOutput();
  }

  override pause(): void {
    if (this.canPause) this.#current?.output.pause();
  }

  override resume(): void {
    if (this.canPause) this.#current?.output.resume();
  }

  async #playAll(): Promise<void> {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    for (let segment = this.#segments[0]; segment; segment = this.#segments[0]) {
      const event = await this.#play(segment);
      segment.end();
      this.#segments.shift();
      this.onPlaybackFinished(event);
    }
    this.#isPlaying = false;
  }

  /** On one output after the other, where they go away. */
  async #play(segment: SpeechSegment): Promise<voice.PlaybackFinishedEvent> {
    let hasStarted = false;
    this.#followUp();
    for (;;) {
      if (segment.isCleared) return { playbackPosition: segment.heardMs / 1000, interrupted: true };
      if (!this.#current) {
        await new Promise<void>((resolve) => {
          this.#onOutput = resolve;
        });
        continue;
      }
      this.#playback = new Playback(segment, this.#current, this.#options, {
        onStarted: (createdAt) => {
          if (!hasStarted) this.onPlaybackStarted(createdAt);
          hasStarted = true;
        },
        onProgressed: (event) => this.onPlaybackProgressed(event),
        onUnconfirmed: (what) => this.#options.onUnconfirmed(what),
        onFault: (fault) => this.#options.onFault(fault),
      });
      const event = await this.#playback.run();
      this.#playback = undefined;
      for (const onPlayed of this.#onPlayed) onPlayed();
      this.#onPlayed.clear();
      if (event !== 'replaced') return event;
    }
  }

  #followUp(): void {
    const following = this.#following;
    if (!following) return;
    this.#following = undefined;
    this.#current = following.output;
    following.onSwapped();
    this.#onOutput();
  }
}
