import type { FrameRef } from '../frame.ts';
import type { EncodedImage } from '../frames/encode.ts';
import type { FrameGate } from '../frames/gate.ts';
import { notice } from '../frames/notice.ts';
import { nameOf, utcTime } from '../models/chat-pictures.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';
import type { SourceId } from '../source.ts';

export interface HonestEyesDeps {
  gate: Pick<FrameGate, 'keepRevocable'>;
  /** The sink of the model's session of this moment. */
  sink(): RealtimeVideoSink | undefined;
  onError(error: unknown): void;
}

/**
 * A source that returns within this time has not ended, for example if the user turned the phone,
 * in ms.
 */
const GRACE_MS = 1000;
/** Interval and number of the retries if a model cannot accept the note now. In ms. */
const RETRY_MS = 1000;
const ATTEMPTS = 10;

/** The last picture that the model got of one source. */
interface Shown {
  /** Identifies the consent of the picture. */
  readonly frame: FrameRef;
  /** The timer of the note about its end, once it has ended. */
  timer?: NodeJS.Timeout;
}

/**
 * Keeps a realtime model from describing what it no longer sees: when a source ends, its pictures
 * are removed from the model's conversation if the provider supports it, and the model gets one
 * note about the end.
 */
export class HonestEyes {
  readonly #deps: HonestEyesDeps;
  readonly #shown = new Map<SourceId, Shown>();

  constructor(deps: HonestEyesDeps) {
    this.#deps = deps;
  }

  /** The model got this picture. */
  sent(sourceId: SourceId, frame: FrameRef, image: EncodedImage): void {
    const { gate } = this.#deps;
    const sink = this.#deps.sink();
    gate.keepRevocable(frame, image, (gone) => sink?.forget(gone));
    clearTimeout(this.#shown.get(sourceId)?.timer);
    const shown: Shown = { frame };
    this.#shown.set(sourceId, shown);
    gate.keepRevocable(frame, shown, () => this.#ended(sourceId, shown, Date.now()));
  }

  /** The session is over. */
  close(): void {
    for (const { timer } of this.#shown.values()) clearTimeout(timer);
    this.#shown.clear();
  }

  #ended(sourceId: SourceId, shown: Shown, at: number): void {
    // A newer picture of the same source has an end of its own.
    if (this.#shown.get(sourceId) !== shown) return;
    const line = `The ${nameOf(shown.frame)} is off since ${utcTime(at)}: you see nothing of it now.`;
    this.#later(shown, GRACE_MS, () => this.#say(sourceId, shown, line, ATTEMPTS));
  }

  async #say(sourceId: SourceId, shown: Shown, line: string, attempts: number): Promise<void> {
    const picture = await notice(line);
    if (this.#shown.get(sourceId) !== shown) return;
    const result = this.#deps.sink()?.note(sourceId, line, picture) ?? 'not-connected';
    if (result === 'sent' || attempts <= 1) this.#shown.delete(sourceId);
    else this.#later(shown, RETRY_MS, () => this.#say(sourceId, shown, line, attempts - 1));
  }

  #later(shown: Shown, ms: number, work: () => Promise<void>): void {
    shown.timer = setTimeout(() => work().catch(this.#deps.onError), ms);
    shown.timer.unref();
  }
}
