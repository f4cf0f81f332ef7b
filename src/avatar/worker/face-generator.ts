import { voice } from '@livekit/agents';
import { AudioFrame, type VideoFrame } from '@livekit/rtc-node';
import type { SpeechItem } from './audio-receiver.ts';
import { Blink } from './blink.ts';
import type { FacePictures } from './face-pictures.ts';
import { Mouth, mouthOpening } from './mouth.ts';
import type { AvatarFormat } from './runner-options.ts';
import { SpeechBuffer } from './speech-buffer.ts';
import type { VideoGenerator } from './video-generator.ts';

/** Speech that may wait for its pictures, in seconds: an agent sends faster than it is said. */
const BUFFER_SECONDS = 1;

/** The drawn face: its mouth follows the speech, and now and then it blinks. */
export class FaceGenerator implements VideoGenerator {
  readonly #pictures: FacePictures;
  readonly #format: AvatarFormat;
  readonly #speech: SpeechBuffer;
  readonly #mouth = new Mouth();
  readonly #blink = new Blink();
  /** Number of clears: what was taken before the newest is not to come out. */
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
    // A picture's share of the samples need not be a whole number: what is missing is made up for.
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
