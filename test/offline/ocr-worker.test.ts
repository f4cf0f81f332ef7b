import { readFile } from 'node:fs/promises';
import { PSM } from 'tesseract.js';
import { expect, test } from 'vitest';
import { OcrWorker } from '../../offline/ocr-worker.ts';

const PHOTO = new URL('../../examples/testing/coffee.jpg', import.meta.url);

test('an OCR engine that is closed refuses the picture that it reads, and the next one', async () => {
  const engine = await OcrWorker.start(PSM.SPARSE_TEXT);
  const photo = await readFile(PHOTO);
  const reading = expect(engine.words(photo)).rejects.toThrow('the reader is closed');
  await engine.close();
  await reading;
  await expect(engine.words(photo)).rejects.toThrow('the reader is closed');
});
