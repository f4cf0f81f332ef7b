import type { AudioFrame, AudioSource, VideoFrame, VideoSource } from '@livekit/rtc-node';
import { AudioClock } from './audio-clock.ts';

/**
 * If pictures are late by more than this, they restart at the current time instead of catching up,
 * in ms.
 */
const LATE_LIMIT_MS = 300;

/**
 * How much later than its sound a picture leaves, in ms, because sound takes longer to arrive: Opus
 * collects 20 ms before it sends, and receivers buffer sound some 30 ms longer than pictures.
 */
const PICTURE_DELAY_MS = 70;

interface Shown {
  frame: VideoFrame;
  /** When it is due, in ms of `performance.now()`. */
  dueAt: number;
}

export interface SynchronizerOptions {
  audio: AudioSource;
  video: VideoSource;
  fps: number;
  /** Length of the audio source's queue and of the picture queue, in ms. */
  queueMs: number;
}

/**
 * Plays pictures and audio in sync. Both queues are short, and a push waits for space, so the
 * generator runs at the speed of the audio.
 *
 * Back-pressure alone would leave an offset of up to a queue's length, depending on which queue is
 * full. So a picture is shown when the audio that follows it is heard, by the audio clock; in
 * pauses of the speech, pictures follow their frame rate.
 */
export class AvSynchronizer {
  readonly #audio: AudioSource;
  readonly #video: VideoSource;
  readonly #clock: AudioClock;
  readonly #intervalMs: number;
  readonly #queueLimit: number;
  #queue: Shown[] = [];
  #lastDueAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #onRoom: (() => void) | undefined;
  #closed = false;

  constructor({ audio, video, fps, queueMs }: SynchronizerOptions) {
    this.#audio = audio;
    this.#video = video;
    this.#clock = new AudioClock(queueMs);
    this.#intervalMs = 1000 / fps;
    const pictureQueueMs = queueMs + PICTURE_DELAY_MS;
    this.#queueLimit = Math.max(1, Math.floor((fps * pictureQueueMs) / 1000));
  }

  /** When all audio will have been played, in ms of `performance.now()`. */
  get audioEndsAt(): number {
    return Math.max(this.#clock.endsAt, performance.now());
  }

  /** Queues a picture. Resolves when it is queued. For one caller at a time. */
  async pushVideo(frame: VideoFrame): Promise<void> {
    while (this.#queue.length >= this.#queueLimit && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    if (this.#closed) return;
    this.#lastDueAt = this.#nextDueAt(performance.now());
    this.#queue.push({ frame, dueAt: this.#lastDueAt });
    this.#show();
  }

  /** Queues audio that belongs to the newest picture. Resolves when it is queued. */
  async pushAudio(frame: AudioFrame): Promise<void> {
    if (this.#closed || frame.samplesPerChannel === 0) return;
    const now = performance.now();
    if (!this.#clock.isPlaying(now)) this.#showNewest(now);
    this.#clock.add((frame.samplesPerChannel / frame.sampleRate) * 1000, now);
    await this.#audio.captureFrame(frame);
    const taken = performance.now();
    this.#clock.onTaken(taken - now, taken);
  }

  /** Drops all queued pictures and audio. */
  clear(): void {
    this.#audio.clearQueue();
    this.#clock.clear();
    this.#queue = [];
    this.#lastDueAt = performance.now();
    this.#freeRoom();
  }

  /** Ends the timer and all waits. The caller closes the sources. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#freeRoom();
  }

  #nextDueAt(now: number): number {
    if (this.#clock.isPlaying(now)) return this.#clock.endsAt + PICTURE_DELAY_MS;
    const next = this.#lastDueAt + this.#intervalMs;
    return next < now - LATE_LIMIT_MS ? now : next;
  }

  /** Speech begins: it does not wait for the queued silent pictures. */
  #showNewest(now: number): void {
    const newest = this.#queue.at(-1);
    if (!newest) return;
    newest.dueAt = now + PICTURE_DELAY_MS;
    this.#lastDueAt = newest.dueAt;
    this.#queue = [newest];
    this.#show();
  }

  readonly #show = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let due: Shown | undefined;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0.5) {
        this.#timer = setTimeout(this.#show, waitMs);
        break;
      }
      // Of several late pictures, only the last one is worth encoding.
      due = next;
      this.#queue.shift();
    }
    if (!due) return;
    this.#video.captureFrame(due.frame);
    this.#freeRoom();
  };

  #freeRoom(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }
}
