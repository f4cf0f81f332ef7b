import sharp from 'sharp';
import { PSM } from 'tesseract.js';
import { OcrWorker } from './ocr-worker.ts';

/** A word on a screen, and its place in shares of the picture. */
export interface ScreenWord {
  readonly text: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** OCR needs letters of some 25 pixels, so the small text of a screen is enlarged. */
const FACTOR = 2;
/** The same for a picture of at most this width: its text was scaled down. */
const NARROW = { width: 1024, factor: 3 };

/**
 * From this brightness on, of 255, a pixel becomes white. The engine takes the traces of JPEG and the
 * edges of fields for ink if a page is almost empty.
 */
const WHITE_FROM = 210;

/** Below this average brightness, of 255, a picture has light text on a dark background. */
const DARK = 128;

/** Reads small text in pictures of screens, light or dark. It owns one worker thread. */
export class ScreenReader {
  readonly #worker: OcrWorker;

  private constructor(worker: OcrWorker) {
    this.#worker = worker;
  }

  static async start(): Promise<ScreenReader> {
    return new ScreenReader(await OcrWorker.start(PSM.SPARSE_TEXT));
  }

  /** Everything that may be a word, even with little confidence. */
  async words(picture: Buffer): Promise<ScreenWord[]> {
    const page = await enlargedPage(picture);
    const words = await this.#worker.words(page.png);
    return words.map(({ text, confidence, bbox: { x0, y0, x1, y1 } }) => ({
      text,
      confidence: confidence / 100,
      x: x0 / page.width,
      y: y0 / page.height,
      width: (x1 - x0) / page.width,
      height: (y1 - y0) / page.height,
    }));
  }

  /** Stops the thread. What is not read by then is refused. */
  async close(): Promise<void> {
    await this.#worker.close();
  }
}

/** Dark text on a light page. */
async function enlargedPage(picture: Buffer) {
  const grey = sharp(picture).greyscale();
  const [{ width }, { channels }] = await Promise.all([grey.metadata(), grey.clone().stats()]);
  const factor = width <= NARROW.width ? NARROW.factor : FACTOR;
  const isDark = (channels[0]?.mean ?? 0) < DARK;
  const large = grey.resize({ width: Math.round(width * factor), kernel: 'cubic' });
  const { data: png, info } = await (isDark ? large.negate() : large)
    .normalise()
    .linear(255 / WHITE_FROM)
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  return { png, width: info.width, height: info.height };
}
