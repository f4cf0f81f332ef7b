import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createWorker, OEM, PSM, type RecognizeResult, type Worker } from 'tesseract.js';
import { findPaper } from './paper.ts';

/** Words that the recognizer is less sure of are noise: edges, shadows, lines. In percent. */
const MIN_CONFIDENCE = 40;

/**
 * Reads the text in pictures, one picture at a time, with a recognizer from the installed packages:
 * nothing is fetched. It owns one worker thread, started at the first picture.
 */
export class TextReader {
  #worker: Promise<Worker> | undefined;
  /** The picture being read; the next waits for it, well ended or not. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Gives up the picture being read: an ended worker never answers. */
  #giveUp: (() => void) | undefined;

  /** Starts the worker, if it was not. */
  async open(): Promise<void> {
    await this.#open();
  }

  /** The words in a picture, in capitals, left to right and top to bottom; may be empty. */
  read(picture: Buffer, signal?: AbortSignal): Promise<string> {
    const result = this.#last.then(() => (signal?.aborted ? '' : this.#read(picture)));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Ends the worker and gives up what it reads. Safe to call again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#giveUp?.();
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  #open(): Promise<Worker> {
    if (this.#closed) return Promise.reject(new Error('the reader is closed'));
    this.#worker ??= startWorker();
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

  async #read(picture: Buffer): Promise<string> {
    const worker = await this.#open();
    const prepared = await findPaper(picture);
    const { data } = await this.#recognize(worker, prepared);
    const words = (data.blocks ?? []).flatMap((block) =>
      block.paragraphs.flatMap((paragraph) => paragraph.lines.flatMap((line) => line.words)),
    );
    return words
      .filter((word) => word.confidence >= MIN_CONFIDENCE)
      .map((word) => cleaned(word.text))
      .filter((text) => text !== '')
      .join(' ');
  }
}

/** Without marks at its ends; nothing at all unless what remains is letters, digits and `.:-`. */
function cleaned(word: string): string {
  const bare = word.toUpperCase().replace(/^[^A-Z0-9]+|[^A-Z0-9]+$/g, '');
  return /^[A-Z0-9]+([.:-][A-Z0-9]+)*$/.test(bare) ? bare : '';
}

async function startWorker(): Promise<Worker> {
  const require = createRequire(import.meta.url);
  const model = require.resolve('@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz');
  const worker = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: dirname(model),
    cacheMethod: 'none',
    // Without a handler tesseract.js throws into the event loop beside rejecting.
    errorHandler: () => undefined,
  });
  await worker.setParameters({
    tessedit_pageseg_mode: PSM.SINGLE_BLOCK,
    // Told, not guessed: a guess is printed to the standard error output.
    user_defined_dpi: '150',
  });
  return worker;
}
