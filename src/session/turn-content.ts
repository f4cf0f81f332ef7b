import type { llm } from '@livekit/agents';
import type { Speeches } from '../actors/speeches.ts';
import type { TurnPictures } from '../actors/turn-pictures.ts';
import type { FrameRef } from '../frame.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { GatePicture } from '../frames/gate.types.ts';
import type { LumaPicture } from '../frames/luma.ts';
import type { OfSource } from '../machines/frame-sampling.types.ts';
import { nameOf, showContent, utcTime, withdrawTurnPicture } from '../models/chat-pictures.ts';
import type { PictureDescriber } from '../models/describe-pictures.ts';
import { isLike, likenessSizeOf } from '../scene/likeness.ts';
import { isSameColor, type MeanColor, meanColor } from '../scene/mean-color.ts';
import type { SourceId } from '../source.ts';
import { limitSignal } from '../time-limit.ts';

export interface TurnContentDeps {
  gate: Pick<FrameGate, 'keepRevocable'>;
  /** Those that requests are made for. */
  speeches: Pick<Speeches, 'interrupted'>;
  detail: 'auto' | 'high' | 'low';
  /** There are several sources: each picture has its name. */
  isLabelled: boolean;
  describer: PictureDescriber | undefined;
  onError(error: unknown): void;
}

/** Words about one scene, which hold while it stays as it is. */
interface Description {
  readonly words: string;
  readonly ref: FrameRef;
  /** In ms since the epoch. */
  readonly at: number;
  readonly scene: LumaPicture | undefined;
  readonly color: MeanColor;
}

/** A line about one picture. */
export interface PictureWords {
  readonly picture: GatePicture;
  readonly line: string;
}

/** What a turn adds to its message: pictures, or words about them for a model that takes text only. */
export class TurnContent {
  readonly #deps: TurnContentDeps;
  readonly #over = new AbortController();
  readonly #newest = new Map<SourceId, Description>();

  constructor(deps: TurnContentDeps) {
    this.#deps = deps;
  }

  /** Whether there are words for a model that takes text only. */
  get hasWords(): boolean {
    return this.#deps.describer !== undefined;
  }

  /** Ends the descriptions under way. */
  close(): void {
    this.#over.abort();
  }

  /** The pictures as they may be shown in this tick: the caller passes them on at once. */
  pictures({ earlier, newest }: TurnPictures): llm.ChatContent[] {
    const shown = (one: GatePicture) => {
      const image = one.handOver();
      return image ? [{ ref: one.ref, image }] : [];
    };
    const { gate, detail, isLabelled } = this.#deps;
    return showContent(
      { earlier: earlier.flatMap(shown), newest: newest.flatMap(shown) },
      { detail, isLabelled },
      (ref, picture) => gate.keepRevocable(ref, picture, withdrawTurnPicture),
    );
  }

  /**
   * A line for the newest picture of each source; none for one that could not be described in time,
   * or that was taken away.
   * @param ended - The turn does not need them any more, as if its speech is interrupted.
   * @throws the first error if each description failed.
   */
  async words(
    { newest }: TurnPictures,
    question: string,
    ended: AbortSignal,
  ): Promise<PictureWords[]> {
    const { describer, speeches } = this.#deps;
    if (!describer) return [];
    const over = new AbortController();
    const unneeded = AbortSignal.any([speeches.interrupted(over.signal), ended]);
    const errors: unknown[] = [];
    const words = await Promise.all(
      newest.map(async (picture): Promise<PictureWords[]> => {
        try {
          const line = await this.#line(describer, picture, question, unneeded);
          return line === undefined ? [] : [{ picture, line }];
        } catch (error) {
          errors.push(error);
          this.#deps.onError(error);
          return [];
        }
      }),
    );
    over.abort();
    if (errors.length === newest.length) throw errors[0];
    return words.flat().filter(({ picture }) => picture.handOver());
  }

  /** The lines as they may be shown in this tick: a picture can be off by now. */
  shownWords(words: readonly PictureWords[]): string[] {
    return words.flatMap(({ picture, line }) => (picture.handOver() ? [line] : []));
  }

  async #line(
    describer: PictureDescriber,
    picture: GatePicture,
    question: string,
    unneeded: AbortSignal,
  ): Promise<string | undefined> {
    const { sourceId, ref } = picture;
    const { width, height } = likenessSizeOf(ref.source);
    const scene = picture.luma(width, height);
    const image = picture.handOver();
    if (!image) return undefined;
    const color = await meanColor(image);
    let words = this.#known(describer, { sourceId, ref, scene, color });
    if (words === undefined) {
      words = await this.#describe(describer, picture, question, unneeded);
      // Taken away while the other model looked at it.
      if (words === undefined || !picture.handOver()) return undefined;
      this.#remember(sourceId, { words, ref, at: Date.now(), scene, color });
    }
    return `[What the ${nameOf(ref)} shows at ${utcTime(ref.receivedAt)}: ${words}]`;
  }

  /** Words about what was taken away are not used again. */
  #remember(sourceId: SourceId, description: Description): void {
    this.#newest.set(sourceId, description);
    this.#deps.gate.keepRevocable(description.ref, description, (gone) => {
      if (this.#newest.get(sourceId) === gone) this.#newest.delete(sourceId);
    });
  }

  /**
   * The last words, if the scene is still the same, in shape, light and color: a question may be
   * about each of them.
   */
  #known(
    { cacheMs }: PictureDescriber,
    { sourceId, ref, scene, color }: Pick<Description, 'ref' | 'scene' | 'color'> & OfSource,
  ): string | undefined {
    const last = this.#newest.get(sourceId);
    if (last?.ref.trackSid !== ref.trackSid) return undefined;
    if (Date.now() - last.at >= cacheMs || !isSameColor(last.color, color)) return undefined;
    return scene && last.scene && isLike(last.scene, scene, ref.source) ? last.words : undefined;
  }

  async #describe(
    describer: PictureDescriber,
    picture: GatePicture,
    question: string,
    discarded: AbortSignal,
  ): Promise<string | undefined> {
    const { gate } = this.#deps;
    const image = picture.handOver();
    if (!image) return undefined;
    const { ref } = picture;
    const withdrawn = new AbortController();
    const content = showContent(
      { earlier: [], newest: [{ ref, image }] },
      { detail: 'auto', isLabelled: false },
      (_, part) =>
        gate.keepRevocable(ref, part, (one) => {
          withdrawTurnPicture(one);
          withdrawn.abort();
        }),
    );
    const unneeded = AbortSignal.any([withdrawn.signal, discarded, this.#over.signal]);
    const late = limitSignal(describer.timeoutMs);
    try {
      return await describer.describe(content, question, AbortSignal.any([unneeded, late.signal]));
    } catch (error) {
      if (unneeded.aborted) return undefined;
      throw late.signal.aborted
        ? new Error(`no description within ${describer.timeoutMs} ms`)
        : error;
    } finally {
      late.clear();
    }
  }
}
