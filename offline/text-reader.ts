import sharp from 'sharp';
import { PSM, type RecognizeResult, type Worker } from 'tesseract.js';
import { startWorker, wordsIn } from './ocr-worker.ts';
import { findPaper, inPicture } from './paper.ts';

/** Words below this confidence, in percent, are noise: edges, shadows, lines. */
const MIN_CONFIDENCE = 40;

/** A word, in capitals, and its place in shares of the picture. */
export interface ReadWord {
  readonly text: string;
  readonly box: ReturnType<typeof inPicture>;
}

/**
 * Reads the text in pictures, one at a time, with an OCR engine from the installed packages;
 * nothing is downloaded. It owns one worker thread, which starts with the first picture.
 */
export class TextReader {
  #worker: Promise<Worker> | undefined;
  /** The current picture; the next one waits until it settles. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Cancels the current picture: a terminated worker never answers. */
  #giveUp: (() => void) | undefined;

  /** Starts the worker if it is not running. */
  async open(): Promise<void> {
    await this.#open();
  }

  /** The text in a picture, in capitals, left to right and top to bottom; may be empty. */
  async read(picture: Buffer, signal?: AbortSignal): Promise<string> {
    return textOf(await this.words(picture, signal));
  }

  /** The words in a picture, in the same order. */
  words(picture: Buffer, signal?: AbortSignal): Promise<ReadWord[]> {
    const result = this.#last.then(() => (signal?.aborted ? [] : this.#read(picture)));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Stops the worker, and cancels its current picture. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#giveUp?.();
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  #open(): Promise<Worker> {
    if (this.#closed) return Promise.reject(new Error('the reader is closed'));
    this.#worker ??= startWorker(PSM.SINGLE_BLOCK);
    return this.#worker;
  }

  #recognize(worker: Worker, picture: Buffer): Promise<RecognizeResult> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error('the reader is closed'));
      if (this.#closed) return giveUp();
      this.#giveUp = giveUp;
      worker.recognize(picture, {}, { text: false, blocks: true }).then(resolve, reject);
    });
  }

  async #read(picture: Buffer): Promise<ReadWord[]> {
    const worker = await this.#open();
    const [prepared, size] = await Promise.all([findPaper(picture), sharp(picture).metadata()]);
    const { data } = await this.#recognize(worker, prepared);
    return wordsIn(data)
      .filter((word) => word.confidence >= MIN_CONFIDENCE)
      .map(({ text, bbox }) => ({ text: cleaned(text), box: inPicture(bbox, size) }))
      .filter(({ text }) => text !== '');
  }
}

/** The words as one line. */
export const textOf = (words: readonly ReadWord[]): string =>
  words.map(({ text }) => text).join(' ');

/** The word without punctuation at its ends; empty unless the rest is letters, digits and `.:-`. */
function cleaned(word: string): string {
  const bare = word.toUpperCase().replace(/^[^A-Z0-9]+|[^A-Z0-9]+$/g, '');
  return /^[A-Z0-9]+([.:-][A-Z0-9]+)*$/.test(bare) ? bare : '';
}
