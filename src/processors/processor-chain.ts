import type { VideoFrame } from '@livekit/rtc-node';
import { ProcessorError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import { copyOf, isVideoFrame } from '../frames/frame-edit.ts';
import { within as partOf, WHOLE } from '../frames/picture-place.ts';
import type { FrameProcessing, ProcessedPixels } from '../frames/processed-frames.ts';
import { messageOf } from '../thrown.ts';
import { within } from '../time-limit.ts';
import type { CheckedProcessor } from './video-processor.ts';

/**
 * Calls of one processor that are late, at most. It gets no more frames until one of them ends, so
 * that a processor that never ends does not keep more and more frames.
 */
const MOST_LATE = 4;

/**
 * The processors of a session, in order. It fails closed: no frame leaves it that has not passed
 * all of them.
 */
export class ProcessorChain implements FrameProcessing {
  readonly #onFailed: (error: ProcessorError) => void;
  #processors: readonly CheckedProcessor[];
  /** Calls that exceeded their limit and have not ended. */
  readonly #late = new Map<CheckedProcessor, number>();
  /** The last failure of each processor, so that it is reported once. */
  readonly #reported = new Map<CheckedProcessor, string>();

  constructor(processors: readonly CheckedProcessor[], onFailed: (error: ProcessorError) => void) {
    this.#processors = processors;
    this.#onFailed = onFailed;
  }

  get isActive(): boolean {
    return this.#processors.length > 0;
  }

  get intervalMs(): number {
    return Math.max(0, ...this.#processors.map(({ intervalMs }) => intervalMs));
  }

  /** From the next frame on. The caller withdraws what the old ones let through. */
  replace(processors: readonly CheckedProcessor[]): void {
    this.#processors = processors;
    this.#reported.clear();
  }

  async process(frame: VideoFrame, ref: FrameRef): Promise<ProcessedPixels | null> {
    let passed: VideoFrame = frame;
    let area = WHOLE;
    // Nothing else has the frame that passed.
    let isPrivate = true;
    for (const processor of this.#processors) {
      try {
        const given = isPrivate ? passed : copyOf(passed);
        const result = await this.#call(processor, given, ref);
        if (result === null) return null;
        isPrivate = processor.keepsNothing;
        area = partOf(area, processor.shownRegion(passed));
        passed = result;
        this.#reported.delete(processor);
      } catch (error) {
        this.#report(processor, error);
        return null;
      }
    }
    // The processor may have kept the frame that it returned.
    return { frame: isPrivate ? passed : copyOf(passed), area };
  }

  async #call(
    processor: CheckedProcessor,
    frame: VideoFrame,
    ref: FrameRef,
  ): Promise<VideoFrame | null> {
    const { timeoutMs } = processor;
    const late = this.#late.get(processor) ?? 0;
    if (late >= MOST_LATE) throw new Error(`${late} earlier frames are still being processed`);
    const tooLate = () => new Error(`it took longer than ${timeoutMs} ms`);
    const over = new AbortController();
    const startedAt = performance.now();
    const { width, height } = frame;
    const result = processor.process(frame, { ...ref, width, height, signal: over.signal });
    if (!(result instanceof Promise)) {
      if (performance.now() - startedAt > timeoutMs) throw tooLate();
      return checked(result);
    }
    let isLate = false;
    const ended = result.finally(() => {
      if (isLate) this.#countLate(processor, -1);
    });
    const onLate = () => {
      isLate = true;
      this.#countLate(processor, 1);
      return tooLate();
    };
    try {
      return checked(await within(timeoutMs, ended, onLate));
    } finally {
      over.abort();
    }
  }

  #countLate(processor: CheckedProcessor, by: number): void {
    this.#late.set(processor, (this.#late.get(processor) ?? 0) + by);
  }

  #report(processor: CheckedProcessor, error: unknown): void {
    const reason = messageOf(error);
    if (this.#reported.get(processor) === reason) return;
    this.#reported.set(processor, reason);
    this.#onFailed(new ProcessorError(processor.name, reason, { cause: error }));
  }
}

/** @throws Error if it is neither a frame nor `null`. */
function checked(result: VideoFrame | null): VideoFrame | null {
  if (result === null || isVideoFrame(result)) return result;
  throw new Error('it returned neither a VideoFrame nor null');
}
