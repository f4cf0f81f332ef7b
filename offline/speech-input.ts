import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { resampled } from './resample.ts';
import type { Speech } from './speech.ts';

const SAMPLE_RATE = 16_000;
const FRAME_MS = 20;
const FRAME_SAMPLES = (SAMPLE_RATE * FRAME_MS) / 1000;

/** Most frames made at once after the event loop was blocked; the rest is skipped. */
const MAX_CATCH_UP = 25;

/** Most unread frames. If the queue is full, speech waits instead of being cut. */
const MAX_QUEUED = 50;

/** Speech to play, and its progress. */
interface Utterance {
  readonly samples: Int16Array;
  said: number;
  readonly done: () => void;
  readonly failed: (reason: Error) => void;
}

/**
 * A microphone that plays scripted speech and otherwise silence, in real time. `close()` stops its
 * timer.
 */
export class ScriptedSpeechInput extends voice.AudioInput {
  readonly #utterances: Utterance[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #frames: ReadableStreamDefaultController<AudioFrame> | undefined;
  /** Due frames are counted, so that timer delays do not add up. */
  #made = 0;
  #closed: Promise<void> | undefined;

  constructor() {
    super();
    const frames = new ReadableStream<AudioFrame>(
      {
        start: (controller) => {
          this.#frames = controller;
        },
      },
      { highWaterMark: MAX_QUEUED },
    );
    this.multiStream.addInputStream(frames);
    this.#timer = setInterval(() => this.#play(), FRAME_MS);
  }

  /** Plays speech after the current one. Resolves when the last of it was played. */
  say(speech: Speech): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((done, failed) => {
      this.#utterances.push({
        samples: resampled(speech.samples, speech.sampleRate, SAMPLE_RATE),
        said: 0,
        done,
        failed,
      });
    });
  }

  /** Ends the audio; unplayed speech is rejected. Idempotent. */
  override close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer);
    for (const { failed } of this.#utterances.splice(0)) failed(closedError());
    this.#frames?.close();
    await super.close();
  }

  #play(): void {
    const due = Math.floor((performance.now() - this.#startedAt) / FRAME_MS);
    this.#made = Math.max(this.#made, due - MAX_CATCH_UP);
    for (; this.#made < due; this.#made += 1) {
      if ((this.#frames?.desiredSize ?? 0) > 0) this.#frames?.enqueue(this.#nextFrame());
    }
  }

  #nextFrame(): AudioFrame {
    const frame = new Int16Array(FRAME_SAMPLES);
    const [now] = this.#utterances;
    if (now) {
      frame.set(now.samples.subarray(now.said, now.said + FRAME_SAMPLES));
      now.said += FRAME_SAMPLES;
      if (now.said >= now.samples.length) {
        this.#utterances.shift();
        now.done();
      }
    }
    return new AudioFrame(frame, SAMPLE_RATE, 1, FRAME_SAMPLES);
  }
}

function closedError(): Error {
  return new Error('the speech input is closed');
}
