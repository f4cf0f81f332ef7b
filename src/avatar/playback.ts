import type { voice } from '@livekit/agents';
import { PlaybackFrames } from './playback-frames.ts';
import type { SpeechOutput } from './speech-output.ts';
import { durationOf, type SpeechSegment } from './speech-segment.ts';

/** Times in ms. */
export interface PlaybackLimits {
  /** How long after the end of the audio a missing report counts as the end. */
  finishSlackMs: number;
  /** How long a missing confirmation of an interruption is awaited. */
  clearTimeoutMs: number;
  /** How long an avatar may take to begin a segment. */
  playbackStartTimeoutMs: number;
}

/** Why an output cannot continue. */
export interface PlaybackFault {
  reason: string;
  /** Wall-clock time until which it was heard; `null` for now. */
  heardUntil: number | null;
}

/** A playback report that was missing or early. */
export type Unconfirmed = 'finish' | 'early-finish' | 'clear';

export interface PlaybackHandlers {
  onStarted(createdAt: number): void;
  onProgressed(event: voice.PlaybackProgressedEvent): void;
  onUnconfirmed(what: Unconfirmed): void;
  /** Another output has to continue. If none does, the segment ends anyway after a while. */
  onFault(fault: PlaybackFault): void;
}

/** How much earlier than the audio's length an avatar may report the end, in ms. */
const EARLY_TOLERANCE_MS = 300;

/** Plays a segment on one output, from the position that was heard so far. */
export class Playback {
  readonly #segment: SpeechSegment;
  readonly #to: SpeechOutput;
  readonly #limits: PlaybackLimits;
  readonly #handlers: PlaybackHandlers;
  readonly #offsetMs: number;
  readonly #stopped = new AbortController();
  readonly #stop = aborted(this.#stopped.signal);
  readonly #finished: Promise<voice.PlaybackFinishedEvent | 'replaced'>;
  #finish: (event: voice.PlaybackFinishedEvent | 'replaced') => void = () => {};
  #sentAt: number | undefined;
  #startedAt: number | undefined;
  #hasFault = false;
  #timer: NodeJS.Timeout | undefined;
  #startTimer: NodeJS.Timeout | undefined;

  constructor(
    segment: SpeechSegment,
    to: SpeechOutput,
    limits: PlaybackLimits,
    handlers: PlaybackHandlers,
  ) {
    this.#segment = segment;
    this.#to = to;
    this.#limits = limits;
    this.#handlers = handlers;
    this.#offsetMs = segment.heardMs;
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get segment(): SpeechSegment {
    return this.#segment;
  }

  get kind(): SpeechOutput['kind'] {
    return this.#to.kind;
  }

  /** Wall-clock time of the first frame; `undefined` before. */
  get sentAt(): number | undefined {
    return this.#sentAt;
  }

  /** Whether the output reported that it has begun. */
  get startIsReported(): boolean {
    return this.#to.reportsStart && this.#startedAt !== undefined;
  }

  /** Resolves when the segment was played or interrupted, or another output has to continue. */
  async run(): Promise<voice.PlaybackFinishedEvent | 'replaced'> {
    const { output } = this.#to;
    output.on('playbackStarted', this.#onStarted);
    output.on('playbackProgressed', this.#onProgressed);
    output.on('playbackFinished', this.#onFinished);
    try {
      this.#forward().catch((error) => this.#failed(error));
      void this.#watchForClear();
      return await this.#finished;
    } finally {
      this.#stopped.abort();
      clearTimeout(this.#timer);
      clearTimeout(this.#startTimer);
      output.off('playbackStarted', this.#onStarted);
      output.off('playbackProgressed', this.#onProgressed);
      output.off('playbackFinished', this.#onFinished);
    }
  }

  /** Another output continues from this point. @param heardUntil - Wall-clock time. */
  replace(heardUntil: number): void {
    this.#segment.heardMs = this.positionMs(heardUntil);
    this.#finish('replaced');
    void this.#to.clear();
  }

  /** The position in the segment that is heard at this wall-clock time, in ms. */
  positionMs(at: number): number {
    if (this.#startedAt === undefined) return this.#offsetMs;
    const played = Math.max(0, at - this.#startedAt);
    return Math.min(this.#segment.durationMs, this.#offsetMs + played);
  }

  /** Whether speech should have been audible continuously for this time, in ms. */
  shouldBeHeard(forMs: number): boolean {
    if (this.#startedAt === undefined) return false;
    const position = this.positionMs(Date.now());
    if (position - this.#offsetMs < forMs) return false;
    return this.#segment.isLoud(position - forMs, position);
  }

  readonly #onStarted = ({ createdAt }: voice.PlaybackStartedEvent) => {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = createdAt;
    clearTimeout(this.#startTimer);
    this.#handlers.onStarted(createdAt);
  };

  readonly #onProgressed = (event: voice.PlaybackProgressedEvent) =>
    this.#handlers.onProgressed({ ...event, offset: event.offset + this.#offsetMs });

  readonly #onFinished = ({ playbackPosition, interrupted }: voice.PlaybackFinishedEvent) => {
    const soonerMs = this.#endsAt() - Date.now();
    const isEarly = soonerMs > EARLY_TOLERANCE_MS || !this.#segment.isComplete;
    // This also covers an unrequested interruption, which may be the late end of the previous
    // segment.
    if (this.#to.kind === 'avatar' && !this.#segment.isCleared && isEarly) {
      this.#handlers.onUnconfirmed('early-finish');
      if (this.#segment.isComplete) this.#endIn(soonerMs);
      return;
    }
    this.#to.reportsEnd = true;
    // An avatar may report any position, but no more can have been heard than was sent.
    const playedMs = Math.max(0, playbackPosition * 1000) || 0;
    const positionMs = Math.min(this.#segment.durationMs, this.#offsetMs + playedMs);
    this.#finish({ playbackPosition: positionMs / 1000, interrupted });
  };

  async #forward(): Promise<void> {
    const { output } = this.#to;
    const { signal } = this.#stopped;
    const frames = new PlaybackFrames(this.#to);
    try {
      let sentMs = 0;
      for await (const frame of this.#segment.framesFrom(this.#offsetMs, signal)) {
        this.#begin();
        for (const ready of frames.of(frame)) {
          // An output that does not respond is replaced, and this wait ends.
          await Promise.race([output.captureFrame(ready), this.#stop]);
          if (signal.aborted || this.#segment.isCleared) return;
        }
        sentMs += durationOf(frame);
      }
      if (signal.aborted || this.#segment.isCleared) return;
      // Without audio, there is nothing to finish.
      if (sentMs === 0) return this.#endIn(0);
      for (const ready of frames.rest())
        await Promise.race([output.captureFrame(ready), this.#stop]);
      if (signal.aborted || this.#segment.isCleared) return;
      output.flush();
      if (this.#to.kind === 'avatar') this.#awaitEnd();
    } finally {
      frames.close();
    }
  }

  /** Starts the time limit for the avatar's first sound, with the first frame. */
  #begin(): void {
    if (this.#sentAt !== undefined) return;
    this.#sentAt = Date.now();
    if (this.#to.kind !== 'avatar') return;
    const limitMs = this.#limits.playbackStartTimeoutMs;
    this.#startTimer = setTimeout(() => this.#fault('it did not begin to speak'), limitMs);
  }

  #failed(error: unknown): void {
    // An interruption has its own end and limit.
    if (this.#stopped.signal.aborted || this.#segment.isCleared) return;
    this.#fault(`its audio output failed: ${error instanceof Error ? error.message : error}`);
    const playbackPosition = this.positionMs(Date.now()) / 1000;
    if (this.#to.kind === 'avatar') this.#awaitEnd();
    else this.#finish({ playbackPosition, interrupted: true });
  }

  #fault(reason: string): void {
    if (this.#hasFault) return;
    this.#hasFault = true;
    this.#handlers.onFault({ reason, heardUntil: null });
  }

  /** Starts the time limit for the avatar's report of the end, with the last frame. */
  #awaitEnd(): void {
    this.#endIn(this.#endsAt() - Date.now() + this.#limits.finishSlackMs, 'finish');
  }

  #endIn(ms: number, unconfirmed?: 'finish'): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        // An avatar that never began played nothing: another output has to, with its own limit.
        if (unconfirmed === 'finish' && this.#startedAt === undefined && !this.#hasFault) {
          this.#fault('it did not begin to speak');
          this.#awaitEnd();
          return;
        }
        if (unconfirmed) this.#missed(unconfirmed);
        const playbackPosition = this.#segment.durationMs / 1000;
        this.#finish({ playbackPosition, interrupted: false });
      },
      Math.max(0, ms),
    );
  }

  async #watchForClear(): Promise<void> {
    const { signal } = this.#stopped;
    while (!this.#segment.isCleared && !signal.aborted)
      await Promise.race([this.#segment.changed(), this.#stop]);
    if (signal.aborted) return;
    const playbackPosition = this.positionMs(Date.now()) / 1000;
    clearTimeout(this.#timer);
    clearTimeout(this.#startTimer);
    // An output without pending segments reports nothing.
    if (this.#to.output.pendingPlayoutSegments === 0)
      this.#finish({ playbackPosition, interrupted: true });
    const end = () => {
      this.#missed('clear');
      this.#finish({ playbackPosition, interrupted: true });
    };
    this.#timer = setTimeout(end, this.#limits.clearTimeoutMs);
    const { reportsEnd } = this.#to;
    const isAcknowledged = await this.#to.clear();
    // The next answer does not wait for a report that never comes.
    if (isAcknowledged && !reportsEnd && !signal.aborted) end();
  }

  #missed(what: 'finish' | 'clear'): void {
    this.#to.reportsEnd = false;
    this.#handlers.onUnconfirmed(what);
  }

  /** When all audio so far will have been played, if it plays from the requested start. */
  #endsAt(): number {
    return (this.#startedAt ?? Date.now()) + this.#segment.durationMs - this.#offsetMs;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
