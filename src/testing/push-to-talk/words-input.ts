import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { soundOf } from './words.ts';

/** The sample rate of recognizers and of Gemini Live. OpenAI Realtime has its own. */
export const SAMPLE_RATE = 16_000;

/** A microphone whose sound is the words themselves. */
export class WordsInput extends voice.AudioInput {
  #frames: ReadableStreamDefaultController<AudioFrame> | undefined;
  #isAttached = true;

  constructor() {
    super();
    const frames = new ReadableStream<AudioFrame>({
      start: (controller) => {
        this.#frames = controller;
      },
    });
    this.multiStream.addInputStream(frames);
  }

  /** As the framework's own input from a room: it drops the sound while it is detached. */
  override setAttached(attached: boolean): void {
    this.#isAttached = attached;
  }

  /** @param sampleRate - The one that the model takes: a resampled sound has no words. */
  say(words: string, sampleRate = SAMPLE_RATE): void {
    this.#play(soundOf(words, sampleRate));
  }

  /** One second of sound without words. */
  hum(): void {
    this.#play(new AudioFrame(new Int16Array(SAMPLE_RATE), SAMPLE_RATE, 1, SAMPLE_RATE));
  }

  #play(sound: AudioFrame): void {
    if (this.#isAttached) this.#frames?.enqueue(sound);
  }

  override async close(): Promise<void> {
    this.#frames?.close();
    await super.close();
  }
}
