import type { AudioFrame, AudioSource, VideoFrame, VideoSource } from '@livekit/rtc-node';
import { AudioClock } from './audio-clock.ts';

/** Behind by more than this, the pictures begin a new rhythm instead of catching up, in ms. */
const LATE_LIMIT_MS = 300;

/**
 * By how much a picture is later than its sound where they leave, in ms: the way of sound is
 * longer. Opus gathers 20 ms before it sends, and receivers hold sound back for some 30 ms more
 * than pictures.
 */
const PICTURE_DELAY_MS = 70;

interface Shown {
  frame: VideoFrame;
  /** When it is to be shown, in ms as `performance.now()` tells it. */
  dueAt: number;
}

export interface SynchronizerOptions {
  audio: AudioSource;
  video: VideoSource;
  fps: number;
  /** Length of the source's queue, and of that of the pictures, in ms. */
  queueMs: number;
}

/**
 * Plays pictures and audio so that they belong together. Both queues are short, and who pushes
 * waits for room: so the generator runs at the speed of the audio.
 *
 * Back-pressure alone leaves an offset of up to a queue's length, depending on which queue happens
 * to be full. So a picture is shown when the audio behind it is heard, by the audio's clock; and
 * in the pauses of speech at the rate of the pictures.
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

  /** When all audio is heard, in ms as `performance.now()` tells it. */
  get audioEndsAt(): number {
    return Math.max(this.#clock.endsAt, performance.now());
  }

  /** Queues a picture; done when it has its place. For one caller at a time. */
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

  /** Queues audio that is heard while the newest picture is shown; done when it has its place. */
  async pushAudio(frame: AudioFrame): Promise<void> {
    if (this.#closed || frame.samplesPerChannel === 0) return;
    const now = performance.now();
    if (!this.#clock.isPlaying(now)) this.#showNewest(now);
    this.#clock.add((frame.samplesPerChannel / frame.sampleRate) * 1000, now);
    await this.#audio.captureFrame(frame);
    const taken = performance.now();
    this.#clock.onTaken(taken - now, taken);
  }

  /** Drops what was neither shown nor heard. */
  clear(): void {
    this.#audio.clearQueue();
    this.#clock.clear();
    this.#queue = [];
    this.#lastDueAt = performance.now();
    this.#freeRoom();
  }

  /** Ends the timer and all waits. The sources belong to who made them. */
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

  /** Speech begins: it is not to wait for the silent pictures before it. */
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
      // Of several that are late only the last is worth an encoder's time.
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
