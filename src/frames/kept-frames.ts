import { type LookKind, lookKindOf, type SourceId } from '../source.ts';
import { isOf, type TakenAway } from './consent.ts';
import type { ShownFrame } from './processed-frames.ts';

/** Frames of each source that are kept. One of 2560x1440 pixels takes 5.5 MB. */
const KEPT = 2;

/** A frame that a model was shown, with all its pixels. */
export interface KeptFrame {
  readonly sourceId: SourceId;
  readonly shown: Omit<ShownFrame, 'luma'>;
  /** Whether its video has not been switched off since. */
  isValid(): boolean;
}

/** Which frame: the newest that matches. */
export interface WhichFrame {
  readonly frameId?: number | undefined;
  readonly kind?: LookKind | undefined;
  readonly sourceId?: SourceId | undefined;
}

/**
 * The newest frames that a model was shown, so that it can look closer at one of them. Nothing is
 * kept until `open`, because the frames are large.
 */
export class KeptFrames {
  #isOpen = false;
  #kept: KeptFrame[] = [];

  /** Keeps the frames that are shown from now on. */
  open(): void {
    this.#isOpen = true;
  }

  /** A model was shown this frame. */
  add({ sourceId, shown, isValid }: KeptFrame): void {
    const { ref, frame, rotation, area } = shown;
    if (!this.#isOpen || this.#kept.some((one) => one.shown.ref.id === ref.id)) return;
    // Without the rest of the frame, which would keep its native memory.
    const kept = { sourceId, shown: { ref, frame, rotation, area }, isValid };
    const ofSource = [...this.#kept.filter((one) => one.sourceId === sourceId), kept];
    const surplus = ofSource.sort(newestFirst).slice(KEPT);
    this.#kept = [...this.#kept, kept].filter((one) => !surplus.includes(one));
  }

  /** The newest frame that matches; `undefined` if it is not kept, or may not be shown any more. */
  find({ frameId, kind, sourceId }: WhichFrame): KeptFrame | undefined {
    return this.#kept
      .filter(({ shown: { ref } }) => frameId === undefined || ref.id === frameId)
      .filter(({ shown: { ref } }) => kind === undefined || lookKindOf(ref.source) === kind)
      .filter((one) => sourceId === undefined || one.sourceId === sourceId)
      .sort(newestFirst)
      .find((one) => one.isValid());
  }

  /** Forgets the frames that were taken away. */
  revoke(what: TakenAway): void {
    this.#kept = this.#kept.filter(({ shown }) => !isOf(shown.ref, what));
  }

  /** Forgets all frames, and keeps none from now on. */
  close(): void {
    this.#isOpen = false;
    this.#kept = [];
  }
}

const newestFirst = (a: KeptFrame, b: KeptFrame) => b.shown.ref.id - a.shown.ref.id;
