import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { Playback, type PlaybackFault, type PlaybackLimits, type Unconfirmed } from './playback.ts';
import { LINGER_MS, type SpeechOutput } from './speech-output.ts';
import { SpeechSegment } from './speech-segment.ts';

export interface StableAudioOutputOptions extends PlaybackLimits {
  /** Sample rate of the session's audio, in Hz. */
  sampleRate: number;
  onUnconfirmed(what: Unconfirmed): void;
  /** The current output cannot continue, and has to be swapped. */
  onFault(fault: PlaybackFault): void;
}

/**
 * The audio output that the agent session uses from its start to its end. The output below it can
 * be swapped without the session noticing: no frame is played twice or lost, and each segment ends
 * exactly once, with the position that was heard.
 */
export class StableAudioOutput extends voice.AudioOutput {
  readonly #options: StableAudioOutputOptions;
  /** Segments that are not finished, oldest first. */
  readonly #segments: SpeechSegment[] = [];
  /** The segment that still receives audio. */
  #open: SpeechSegment | undefined;
  #current: SpeechOutput | undefined;
  #following: { output: SpeechOutput; onSwapped: () => void } | undefined;
  #playback: Playback | undefined;
  #isPlaying = false;
  /** Wall-clock time at which the last segment of an avatar ended. */
  #avatarEndedAt = Number.NEGATIVE_INFINITY;
  #onOutput = () => {};
  readonly #onPlayed = new Set<() => void>();

  constructor(options: StableAudioOutputOptions) {
    super(options.sampleRate, undefined, { pause: true });
    this.#options = options;
  }

  /** The value of the current output: an avatar cannot pause. */
  override get canPause(): boolean {
    return this.#current?.output.canPause ?? false;
  }

  /** Kind of the current output. */
  get kind(): SpeechOutput['kind'] | undefined {
    return this.#current?.kind;
  }

  /** The playback of the current segment. */
  get playback(): Playback | undefined {
    return this.#playback;
  }

  /**
   * Switches to this output at once, in the middle of a segment if necessary.
   * @param heardUntil - Wall-clock time until which the previous output was heard.
   */
  swapNow(output: SpeechOutput, heardUntil = Date.now()): void {
    this.#following = undefined;
    if (this.#current?.output === output.output) return;
    this.#current = output;
    this.#playback?.replace(heardUntil);
    this.#onOutput();
  }

  /** Switches to this output at the next segment, or at once if none is playing. */
  swapAtNextSegment(output: SpeechOutput, onSwapped: () => void): void {
    this.#following = { output, onSwapped };
    if (!this.#playback) this.#followUp();
  }

  /** Resolves when no output of this kind is playing, to whether one was. */
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

  /** Plays a segment, on several outputs if they are swapped meanwhile. */
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
      if (this.#current.kind === 'voice' && (await this.#avatarIsStillHeard(segment))) continue;
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
      if (this.#playback.kind === 'avatar' && event !== 'replaced')
        this.#avatarEndedAt = Date.now();
      this.#playback = undefined;
      for (const onPlayed of this.#onPlayed) onPlayed();
      this.#onPlayed.clear();
      if (event !== 'replaced') return event;
    }
  }

  /**
   * Waits a little if an avatar has just ended a segment: the agent's voice takes less time to reach
   * the listeners, who would hear both at once. @returns whether it waited
   */
  async #avatarIsStillHeard(segment: SpeechSegment): Promise<boolean> {
    const restMs = this.#avatarEndedAt + LINGER_MS - Date.now();
    if (restMs <= 0) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs);
      // An interruption ends the wait.
      void segment.changed().then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return true;
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
