import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createWorker, OEM, type Page, type PSM, type Word, type Worker } from 'tesseract.js';

/**
 * An OCR engine from the installed packages, in a thread of its own. What it has not read when it is
 * closed is refused: tesseract.js itself never answers then, and throws into the event loop.
 */
export class OcrWorker {
  readonly #worker: Worker;
  readonly #open = new Set<(problem: Error) => void>();
  #closed = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** For pages that are divided in this way. */
  static async start(mode: PSM): Promise<OcrWorker> {
    const require = createRequire(import.meta.url);
    const model = require.resolve('@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz');
    const worker = await createWorker('eng', OEM.LSTM_ONLY, {
      langPath: dirname(model),
      cacheMethod: 'none',
      // Without a handler, tesseract.js also throws into the event loop.
      errorHandler: () => undefined,
    });
    await worker.setParameters({
      tessedit_pageseg_mode: mode,
      // Set explicitly: a guessed value is printed to standard error.
      user_defined_dpi: '150',
      debug_file: '/dev/null',
    });
    return new OcrWorker(worker);
  }

  /** All words of a page, with their places in pixels and their confidence in percent. */
  words(picture: Buffer): Promise<Word[]> {
    return new Promise<Word[]>((resolve, reject) => {
      if (this.#closed) return reject(readerClosed());
      this.#open.add(reject);
      this.#worker
        .recognize(picture, {}, { text: false, blocks: true })
        .then(({ data }) => resolve(wordsIn(data)), reject)
        .finally(() => this.#open.delete(reject));
    });
  }

  /** Stops the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const refuse of this.#open) refuse(readerClosed());
    // tesseract.js reads a picture before it posts it to the thread, which must still be there.
    await setImmediate();
    await this.#worker.terminate();
  }
}

export const readerClosed = () => new Error('the reader is closed');

const wordsIn = ({ blocks }: Page): Word[] =>
  (blocks ?? []).flatMap((block) =>
    block.paragraphs.flatMap((paragraph) => paragraph.lines.flatMap((line) => line.words)),
  );
