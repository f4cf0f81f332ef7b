// Finds faces on this machine, in a separate thread. The packages that it needs hold the model with
// its weights: nothing is downloaded at run time.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { encodeFrame, type Region } from '../../src/index.ts';

/** Installs what the detector needs. */
export const INSTALL =
  'npm install @vladmandic/face-api @tensorflow/tfjs @tensorflow/tfjs-backend-wasm';

/** A `VideoFrame`, or a frame of `look()`, `latestFrame()` or a watch. */
export type Frame = Parameters<typeof encodeFrame>[0];

/** What `mask` and `VideoWatch` need of a detector. */
export interface FindsFaces {
  find(frame: Frame, signal?: AbortSignal): Promise<Region[]>;
}

/** The detector cannot be used. The message has the remedy. */
export class FaceDetectorError extends Error {
  override name = 'FaceDetectorError';
}

/** Size of the picture that is searched, in pixels. More pixels find smaller faces, and take longer. */
const PICTURE = {
  resize: { width: 512, height: 512, strategy: 'scale_aspect_fit' },
  enlarge: false,
} as const;

interface Search {
  resolve(faces: Region[]): void;
  reject(problem: Error): void;
}

/** What the thread sends for each picture. */
type Answer = { faces: Region[] } | { problem: string };

/**
 * Finds faces, one frame at a time. It can miss a face that is far away, covered, in the dark or in
 * profile.
 */
export class FaceDetector implements FindsFaces {
  readonly #worker: Worker;
  /** The search that the thread works on. */
  #search: Search | undefined;
  /** Settles when the thread is free. */
  #isFree: Promise<unknown> = Promise.resolve();
  #problem: FaceDetectorError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => {
      if ('faces' in answer) this.#search?.resolve(answer.faces);
      else this.#search?.reject(new FaceDetectorError(`the search failed: ${answer.problem}`));
    });
    worker.on('error', (error) => this.#end(`its thread failed: ${error}`));
    worker.on('exit', () => this.#end('its thread has ended'));
  }

  /**
   * Starts the thread and loads the model, which takes about a second.
   * @throws FaceDetectorError if a package is not installed.
   */
  static async open(thread = new URL('./face-worker.mjs', import.meta.url)): Promise<FaceDetector> {
    const worker = new Worker(thread);
    try {
      await once(worker, 'message');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const problem = code?.endsWith('MODULE_NOT_FOUND') ? `it needs: ${INSTALL}` : message;
      throw new FaceDetectorError(`the face detector did not start: ${problem}`);
    }
    return new FaceDetector(worker);
  }

  /**
   * The faces of a frame.
   * @param signal - If it aborts, the promise rejects with its reason.
   * @throws FaceDetectorError if the search failed; errors of `encodeFrame`.
   */
  async find(frame: Frame, signal?: AbortSignal): Promise<Region[]> {
    const { data } = await encodeFrame(frame, PICTURE);
    const faces = this.#isFree.then(() => {
      signal?.throwIfAborted();
      return this.#ask(data);
    });
    this.#isFree = faces.catch(() => {});
    return untilAborted(faces, signal);
  }

  /** Ends the thread. A search that is not finished rejects. */
  async close(): Promise<void> {
    this.#end('it was closed');
    await this.#worker.terminate();
  }

  #ask(picture: Buffer): Promise<Region[]> {
    return new Promise((resolve, reject) => {
      if (this.#problem) throw this.#problem;
      this.#search = { resolve, reject };
      this.#worker.postMessage(picture);
    });
  }

  #end(reason: string): void {
    this.#problem ??= new FaceDetectorError(`the face detector cannot search: ${reason}`);
    this.#search?.reject(this.#problem);
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
