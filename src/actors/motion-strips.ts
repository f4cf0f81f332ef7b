import { fromPromise } from 'xstate';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { GatePicture } from '../frames/gate.types.ts';
import type { SourceId, SourceKind } from '../source.ts';

export interface MotionStripsDeps {
  gate: FrameGate;
  image(source: SourceKind): EncodeOptions;
  /** A picture failed: the turn continues without it. */
  onError(error: unknown): void;
}

/** The pictures taken during a user's turn, by source. The machine decides which are kept. */
export class MotionStrips {
  readonly #deps: MotionStripsDeps;
  readonly #kept = new Map<number, GatePicture>();

  constructor(deps: MotionStripsDeps) {
    this.#deps = deps;
  }

  /** Keeps the newest frame's picture; `null` if it is kept already, or there is no frame. */
  readonly take = () =>
    fromPromise<number | null, { sourceId: SourceId }>(async ({ input: { sourceId }, signal }) => {
      const { gate, image, onError } = this.#deps;
      const newest = gate.newest(sourceId);
      if (!newest || this.#kept.has(newest.id)) return null;
      try {
        const picture = await gate.picture({
          sourceId,
          purpose: 'turn',
          image: image(newest.source),
          signal,
          late: () => ({ skipped: 'turn-over' }),
        });
        if (!picture) return null;
        this.#kept.set(newest.id, picture);
        return newest.id;
      } catch (error) {
        onError(error);
        throw error;
      }
    });

  /** The kept pictures of all sources, oldest first. */
  get pictures(): GatePicture[] {
    return [...this.#kept.values()].sort((a, b) => a.ref.id - b.ref.id);
  }

  /** A turn with these pictures was sent to its model. */
  sent(pictures: readonly GatePicture[]): void {
    for (const { ref } of pictures) this.#end(ref.id, 'sent');
  }

  /** Releases the other pictures of this source. */
  keepOnly(sourceId: SourceId, frameIds: readonly number[]): void {
    for (const picture of [...this.#kept.values()])
      if (picture.sourceId === sourceId && !frameIds.includes(picture.ref.id))
        this.#end(picture.ref.id, { skipped: 'unused' });
  }

  /** Call when the session ends. */
  close(): void {
    for (const id of [...this.#kept.keys()]) this.#end(id, { skipped: 'unused' });
  }

  #end(id: number, fate: Parameters<GatePicture['done']>[0]): void {
    this.#kept.get(id)?.done(fate);
    this.#kept.delete(id);
  }
}
