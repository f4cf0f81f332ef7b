import type { FrameRef } from '../frame.ts';

interface Listener {
  call(frame: FrameRef): void;
  readonly everyMs: number;
  /** A frame that was received earlier has to wait; in ms since the epoch. */
  dueAt: number;
  /** The time has come, so the next frame is not too early. */
  isOwed: boolean;
  /** Id of its last frame. */
  calledId: number | undefined;
  /** Ends the wait of a frame that was too early. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Listeners of the frames of one source, each at its own rate. A frame that is too early for a
 * listener waits: it is left out only if another one follows, because a still screen sends no other.
 */
export class FrameListeners {
  readonly #listeners = new Set<Listener>();
  readonly #onWaited: () => void;

  /** @param onWaited - A listener waited for its time, and has not got the newest frame. */
  constructor(onWaited: () => void) {
    this.#onWaited = onWaited;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /**
   * @param everyMs - Shortest time between two frames of this listener; 0 for each frame.
   * @returns a function that removes the listener.
   */
  add(call: (frame: FrameRef) => void, everyMs: number): () => void {
    const listener: Listener = {
      ...{ call, everyMs, dueAt: Number.NEGATIVE_INFINITY, isOwed: false },
      ...{ calledId: undefined, timer: undefined },
    };
    this.#listeners.add(listener);
    return () => {
      clearTimeout(listener.timer);
      this.#listeners.delete(listener);
    };
  }

  /** Whether a listener would get this frame. */
  isDue(frame: FrameRef): boolean {
    return [...this.#listeners].some((listener) => isDue(listener, frame));
  }

  /** Calls the listeners that are due. */
  emit(frame: FrameRef): void {
    for (const listener of [...this.#listeners]) {
      if (!isDue(listener, frame)) continue;
      clearTimeout(listener.timer);
      listener.timer = undefined;
      listener.isOwed = false;
      if (listener.everyMs > 0)
        listener.dueAt = Math.max(frame.receivedAt, listener.dueAt) + listener.everyMs;
      listener.calledId = frame.id;
      listener.call(frame);
    }
  }

  /** The newest frame waits for the listeners for which it is too early. */
  letWait(newest: FrameRef): void {
    for (const listener of this.#listeners) {
      if (listener.timer || !isEarly(listener, newest)) continue;
      const onTime = () => {
        listener.timer = undefined;
        listener.isOwed = true;
        this.#onWaited();
      };
      // No longer than the interval, even if the clock was set back.
      const waitMs = Math.min(listener.everyMs, listener.dueAt - newest.receivedAt);
      listener.timer = setTimeout(onTime, waitMs);
    }
  }
}

const isDue = ({ calledId, isOwed, dueAt }: Listener, { id, receivedAt }: FrameRef): boolean =>
  calledId !== id && (isOwed || receivedAt >= dueAt);

const isEarly = ({ calledId, isOwed, dueAt }: Listener, { id, receivedAt }: FrameRef): boolean =>
  calledId !== id && !isOwed && receivedAt < dueAt;
