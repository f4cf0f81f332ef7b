import { installed, type LargePackage } from '../installed.ts';
import { ScreenReader } from '../screen-reader.ts';
import type { ReadWord } from '../text-reader.ts';
import { Thread } from '../thread.ts';
import { type Light, lightOf } from './light.ts';

/** A place in shares of the picture, from 0 to 1. */
type Box = ReadWord['box'];

export interface SeenObject {
  /** One of the 80 kinds of the COCO data set, such as `cup`. */
  readonly name: string;
  /** How sure the model is, from 0 to 1. */
  readonly score: number;
  readonly box: Box;
}

/** What the eyes found in a picture. */
export interface Sight extends Light {
  readonly objects: readonly SeenObject[];
  readonly faces: readonly Box[];
  readonly words: readonly ReadWord[];
}

type EyesThread = Thread<Pick<Sight, 'objects' | 'faces'>>;

/** Only its model of objects is used, which has 4 MB. */
const HUMAN: LargePackage = {
  name: '@vladmandic/human',
  version: '3.3.6',
  purpose: 'the model that recognises objects',
  downloadMb: 29,
  diskMb: 50,
};

/** A word below this confidence is often an edge or a shadow. */
const MIN_CONFIDENCE = 0.75;

/**
 * Eyes for the offline stand-in, on this machine: objects, faces, text, colours and brightness. The
 * models are small: they miss objects, and take one kind for another.
 */
export class OfflineEyes {
  readonly #thread: EyesThread;
  readonly #reader: ScreenReader;

  private constructor(thread: EyesThread, reader: ScreenReader) {
    this.#thread = thread;
    this.#reader = reader;
  }

  /**
   * Installs their package, once.
   *
   * @param say - Gets the size and the progress of the installation.
   * @returns the folder of the package
   * @throws InstallError
   */
  static install(say: (text: string) => void = () => {}): Promise<string> {
    return installed(HUMAN, say);
  }

  /**
   * Starts them, which takes some 2 s. The first use installs a package.
   *
   * @param say - As of `install`.
   * @throws InstallError, ThreadError
   */
  static async open(say?: (text: string) => void): Promise<OfflineEyes> {
    const folder = await OfflineEyes.install(say);
    const file = new URL('./eyes-worker.mjs', import.meta.url);
    const thread: EyesThread = await Thread.start('the eyes', file, { folder });
    return new OfflineEyes(thread, await ScreenReader.start());
  }

  async look(picture: Buffer): Promise<Sight> {
    const [light, { objects, faces }, words] = await Promise.all([
      lightOf(picture),
      this.#thread.ask({ picture }),
      this.#words(picture),
    ]);
    return { ...light, objects, faces, words };
  }

  async close(): Promise<void> {
    await Promise.all([this.#thread.close(), this.#reader.close()]);
  }

  async #words(picture: Buffer): Promise<ReadWord[]> {
    const words = await this.#reader.words(picture);
    return words
      .filter(({ text, confidence }) => confidence >= MIN_CONFIDENCE && /[A-Za-z0-9]{2}/.test(text))
      .map(({ text, x, y, width, height }) => ({ text, box: { x, y, width, height } }));
  }
}
