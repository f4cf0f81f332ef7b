import { voice } from '@livekit/agents';
import { AudioFrame, type VideoFrame } from '@livekit/rtc-node';
import type { SpeechItem } from './audio-receiver.ts';
import { Blink } from './blink.ts';
import type { FacePictures } from './face-pictures.ts';
import { Mouth, mouthOpening } from './mouth.ts';
import type { AvatarFormat } from './runner-options.ts';
import { SpeechBuffer } from './speech-buffer.ts';
import type { VideoGenerator } from './video-generator.ts';

/** Speech that may wait for its pictures, in seconds; agents send faster than real time. */
const BUFFER_SECONDS = 1;

/** Draws a face whose mouth follows the speech, and which blinks from time to time. */
export class FaceGenerator implements VideoGenerator {
  readonly #pictures: FacePictures;
  readonly #format: AvatarFormat;
  readonly #speech: SpeechBuffer;
  readonly #mouth = new Mouth();
  readonly #blink = new Blink();
  /** Number of clears. Speech from before the newest one must not be played. */
  #clears = 0;
  #closed = false;

  constructor(pictures: FacePictures, format: AvatarFormat) {
    this.#pictures = pictures;
    this.#format = format;
    this.#speech = new SpeechBuffer(format.sampleRate * format.channels * BUFFER_SECONDS);
  }

  pushAudio(item: SpeechItem): Promise<void> {
    return this.#speech.push(item);
  }

  clearBuffer(): void {
    this.#clears += 1;
    this.#speech.clear();
  }

  aclose(): void {
    this.#closed = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<VideoFrame | AudioFrame | voice.AudioSegmentEnd> {
    const { fps, sampleRate, channels } = this.#format;
    const pictureMs = 1000 / fps;
    // One picture may need a fraction of a sample; the remainder is carried over.
    let owed = 0;
    while (!this.#closed) {
      const clears = this.#clears;
      owed += sampleRate / fps;
      const count = Math.floor(owed);
      owed -= count;
      const { samples, isEnd } = this.#speech.take(count * channels);
      const mouth = this.#mouth.move(mouthOpening(samples), pictureMs);
      yield this.#pictures.at(mouth, this.#blink.move(pictureMs));
      if (samples.length > 0 && clears === this.#clears)
        yield new AudioFrame(samples, sampleRate, channels, samples.length / channels);
      if (isEnd && clears === this.#clears) yield new voice.AudioSegmentEnd();
    }
  }
}
