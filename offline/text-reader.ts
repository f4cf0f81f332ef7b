import sharp from 'sharp';
import { PSM } from 'tesseract.js';
import { OcrWorker, readerClosed } from './ocr-worker.ts';
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
  #worker: Promise<OcrWorker> | undefined;
  /** The current picture; the next one waits until it settles. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

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
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.close();
  }

  #open(): Promise<OcrWorker> {
    if (this.#closed) return Promise.reject(readerClosed());
    this.#worker ??= OcrWorker.start(PSM.SINGLE_BLOCK);
    return this.#worker;
  }

  async #read(picture: Buffer): Promise<ReadWord[]> {
    const worker = await this.#open();
    const [prepared, size] = await Promise.all([findPaper(picture), sharp(picture).metadata()]);
    const words = await worker.words(prepared);
    return words
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
