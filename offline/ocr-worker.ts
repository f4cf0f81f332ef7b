import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createWorker, OEM, type Page, type PSM, type Word, type Worker } from 'tesseract.js';

/** Starts an OCR engine from the installed packages, for pages that are divided in this way. */
export async function startWorker(mode: PSM): Promise<Worker> {
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
  return worker;
}

/** All words of a page, with their places in pixels and their confidence in percent. */
export const wordsIn = ({ blocks }: Page): Word[] =>
  (blocks ?? []).flatMap((block) =>
    block.paragraphs.flatMap((paragraph) => paragraph.lines.flatMap((line) => line.words)),
  );
