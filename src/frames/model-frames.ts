import type { FrameRef } from '../frame.ts';
import type { Region } from '../processors/region.ts';
import { lookKindOf } from '../source.ts';
import type { TakenAway } from './consent.ts';
import type { EncodeOptions } from './encode-options.ts';
import { type KeptFrame, KeptFrames, type WhichFrame } from './kept-frames.ts';
import { toEncodedFrame, within } from './picture-place.ts';
import { ShownFrames, type ShownToModel } from './shown-frames.ts';

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
   * @param image - How the picture was encoded. `undefined` if it shows a region of the frame: the
   * model then still gives places in the whole picture that it saw before.
   */
  add(frame: KeptFrame, image: EncodeOptions | undefined): void {
    this.#kept.add(frame);
    const { ref, area } = frame.shown;
    const toProcessed = image
      ? toEncodedFrame(frame.shown, image)
      : (this.#wholeBefore(ref)?.toProcessed ?? ((place: Region) => place));
    this.shown.add({ ref, toProcessed, toFrame: (part) => within(area, toProcessed(part)) });
  }

  #wholeBefore({ id, source }: FrameRef): ShownToModel | undefined {
    return this.shown.find({ frameId: id }) ?? this.shown.find({ source: lookKindOf(source) });
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
