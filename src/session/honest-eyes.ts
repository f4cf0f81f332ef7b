import type { FrameRef } from '../frame.ts';
import type { EncodedImage } from '../frames/encode.ts';
import type { FrameGate } from '../frames/gate.ts';
import { notice } from '../frames/notice.ts';
import { nameOf, utcTime } from '../models/chat-pictures.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';
import { notify } from '../notify.ts';
import { CoveredCamera } from '../scene/covered-camera.ts';
import { LIKENESS_SIZE } from '../scene/likeness.ts';
import type { SourceId } from '../source.ts';

export interface HonestEyesDeps {
  gate: Pick<FrameGate, 'keepRevocable' | 'onFrame' | 'luma'>;
  /** The sink of the model's session of this moment. */
  sink(): RealtimeVideoSink | undefined;
  onError(error: unknown): void;
}

/**
 * A source that returns within this time has not ended, for example if the user turned the phone,
 * in ms.
 */
const GRACE_MS = 1000;
/** Interval of the retries until a connection accepts the note or it is no longer true. In ms. */
const RETRY_MS = 1000;
/** Interval at which a camera is checked, in ms. */
const CHECK_MS = 500;

/** The last picture that the model got of one source. */
interface Shown {
  /** Identifies the consent of the picture. */
  readonly frame: FrameRef;
}

/** A note that the model has yet to get. */
interface Note {
  readonly sourceId: SourceId;
  readonly line: string;
  isTrue(): boolean;
  onSent(): void;
}

/**
 * Keeps a realtime model from describing what it no longer sees: when a source ends or a camera is
 * covered, its pictures are removed from the model's conversation if the provider supports it, and
 * the model gets one note about the end.
 */
export class HonestEyes {
  readonly #deps: HonestEyesDeps;
  readonly #shown = new Map<SourceId, Shown>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Stops the check of each source for a covered camera. */
  readonly #checks = new Map<SourceId, () => void>();

  constructor(deps: HonestEyesDeps) {
    this.#deps = deps;
  }

  /** The model got this picture. */
  sent(sourceId: SourceId, frame: FrameRef, image: EncodedImage): void {
    const { gate } = this.#deps;
    const sink = this.#deps.sink();
    gate.keepRevocable(frame, image, (gone) => sink?.forget(gone));
    const shown: Shown = { frame };
    this.#shown.set(sourceId, shown);
    gate.keepRevocable(frame, shown, (gone) => this.#ended(sourceId, gone, Date.now()));
    if (!this.#checks.has(sourceId)) this.#checks.set(sourceId, this.#check(sourceId));
  }

  /** The session is over. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const stop of this.#checks.values()) stop();
    this.#checks.clear();
    this.#shown.clear();
  }

  #ended(sourceId: SourceId, shown: Shown, at: number): void {
    // A newer picture of the same source has an end of its own.
    const isTrue = () => this.#shown.get(sourceId) === shown;
    if (!isTrue()) return;
    const line = `The ${nameOf(shown.frame)} is off since ${utcTime(at)}: you see nothing of it now.`;
    const onSent = () => this.#shown.delete(sourceId);
    this.#later({ sourceId, line, isTrue, onSent }, GRACE_MS);
  }

  /** Checks the frames of a camera, also of one whose sampler sends no dark ones. */
  #check(sourceId: SourceId): () => void {
    const { gate } = this.#deps;
    const camera = new CoveredCamera();
    const see = ({ source, receivedAt }: FrameRef) => {
      // A dark screen shows what the user sees.
      if (source !== 'camera') return;
      const luma = gate.luma(sourceId, LIKENESS_SIZE.width, LIKENESS_SIZE.height);
      const since = luma && camera.see(luma, receivedAt);
      if (since === undefined) return;
      this.#deps.sink()?.forgetSource(sourceId);
      const line = `The camera is dark since ${utcTime(since)} and may be covered: you see nothing of the scene now.`;
      const isTrue = () => camera.isCovered && this.#shown.has(sourceId);
      this.#later({ sourceId, line, isTrue, onSent: () => {} }, 0);
    };
    const onFrame = (frame: FrameRef) => notify(see, frame, this.#deps.onError);
    return gate.onFrame(sourceId, onFrame, CHECK_MS);
  }

  async #say(note: Note, picture?: EncodedImage): Promise<void> {
    if (!note.isTrue()) return;
    const shown = picture ?? (await notice(note.line));
    if (!note.isTrue()) return;
    const result = this.#deps.sink()?.note(note.sourceId, note.line, shown) ?? 'not-connected';
    if (result === 'sent') note.onSent();
    else this.#later(note, RETRY_MS, shown);
  }

  #later(note: Note, ms: number, picture?: EncodedImage): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#say(note, picture).catch(this.#deps.onError);
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}
