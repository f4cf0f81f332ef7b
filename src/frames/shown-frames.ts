import type { FrameRef } from '../frame.ts';
import { type LookKind, lookKindOf } from '../source.ts';
import { isOf, type TakenAway } from './consent.ts';
import type { ToFrame } from './picture-place.ts';

/** A frame of which the model got a picture. */
export interface ShownToModel {
  readonly ref: FrameRef;
  /** From the picture to the track's frame: it reverses crops and resizes. */
  readonly toFrame: ToFrame;
  /** From the picture to the upright frame behind the processors, of which regions are parts. */
  readonly toProcessed: ToFrame;
}

/** More than a model remembers. Each takes a few bytes, because it has no pixels. */
const MOST = 64;

/** The frames that the model was shown, without their pixels, until they are taken away. */
export class ShownFrames {
  #frames: ShownToModel[] = [];

  add(shown: ShownToModel): void {
    this.#frames = [...this.#frames.filter(({ ref }) => ref.id !== shown.ref.id), shown].slice(
      -MOST,
    );
  }

  /** The frame with this id, or else the newest one of this source. */
  find(wanted: {
    frameId?: number | undefined;
    source?: LookKind | undefined;
  }): ShownToModel | undefined {
    const { frameId, source } = wanted;
    const found = this.#frames.filter(
      ({ ref }) =>
        (frameId === undefined || ref.id === frameId) &&
        (source === undefined || source === lookKindOf(ref.source)),
    );
    const newest = Math.max(...found.map(({ ref }) => ref.id));
    return found.find(({ ref }) => ref.id === newest);
  }

  revoke(what: TakenAway): void {
    this.#frames = this.#frames.filter(({ ref }) => !isOf(ref, what));
  }
}
