import type { TakenAway } from './consent.ts';
import type { EncodeOptions } from './encode-options.ts';
import { type KeptFrame, KeptFrames, type WhichFrame } from './kept-frames.ts';
import { toEncodedFrame, within } from './picture-place.ts';
import { ShownFrames } from './shown-frames.ts';

/** The frames that the model was shown: many without their pixels, and the newest with them. */
export class ModelFrames {
  /** Without their pixels. */
  readonly shown = new ShownFrames();
  readonly #kept = new KeptFrames();

  /** Keeps the pixels of the newest frames from now on. */
  keepPixels(): void {
    this.#kept.open();
  }

  /**
   * The model got a picture of this frame.
   * @param image - How the picture was encoded.
   */
  add(frame: KeptFrame, image: EncodeOptions): void {
    this.#kept.add(frame);
    const toShown = toEncodedFrame(frame.shown, image);
    const { ref, area } = frame.shown;
    this.shown.add({ ref, toFrame: (part) => within(area, toShown(part)) });
  }

  /** A frame with its pixels; `undefined` if they are not kept, or may not be shown any more. */
  find(which: WhichFrame): KeptFrame | undefined {
    return this.#kept.find(which);
  }

  revoke(what: TakenAway): void {
    this.shown.revoke(what);
    this.#kept.revoke(what);
  }

  /** Forgets all pixels, and keeps none from now on. */
  close(): void {
    this.#kept.close();
  }
}
