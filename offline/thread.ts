import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A thread of the stand-ins failed, or was closed. */
export class ThreadError extends Error {
  override name = 'ThreadError';
}

interface Question<Answer> {
  resolve(answer: Answer): void;
  reject(problem: Error): void;
}

type Message<Answer> = Answer & { id: number; problem?: string };

/**
 * A separate thread that answers questions one at a time: each message with an `id` gets one with the
 * same `id`, which has a `problem` if the thread failed at it. Its first message says that it is ready.
 */
export class Thread<Answer extends object> {
  readonly #name: string;
  readonly #worker: Worker;
  readonly #open = new Map<number, Question<Answer>>();
  #count = 0;
  #problem: ThreadError | undefined;

  private constructor(name: string, worker: Worker) {
    this.#name = name;
    this.#worker = worker;
    worker.on('message', (message: Message<Answer>) => this.#settle(message));
    worker.on('error', (error) => this.#end(`its thread failed: ${error}`));
    worker.on('exit', () => this.#end('its thread has ended'));
  }

  /**
   * @param name - Who needs the thread, for errors: `the recogniser`.
   * @param file - Plain JavaScript, because a thread has no loader.
   * @throws ThreadError
   */
  static async start<Answer extends object>(
    name: string,
    file: URL,
    workerData: object,
  ): Promise<Thread<Answer>> {
    const worker = new Worker(file, { workerData, execArgv: [] });
    try {
      await once(worker, 'message');
    } catch (error) {
      throw new ThreadError(`${name} did not start: ${error}`);
    }
    return new Thread(name, worker);
  }

  ask(question: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#problem) throw this.#problem;
      this.#count += 1;
      this.#open.set(this.#count, { resolve, reject });
      this.#worker.postMessage({ ...question, id: this.#count });
    });
  }

  /** Ends the thread. Open questions are rejected. */
  async close(): Promise<void> {
    this.#end('it was closed');
    await this.#worker.terminate();
  }

  #settle(message: Message<Answer>): void {
    const question = this.#open.get(message.id);
    this.#open.delete(message.id);
    if (message.problem === undefined) question?.resolve(message);
    else question?.reject(new ThreadError(`${this.#name} failed: ${message.problem}`));
  }

  #end(reason: string): void {
    this.#problem ??= new ThreadError(`${this.#name} cannot be used: ${reason}`);
    for (const { reject } of this.#open.values()) reject(this.#problem);
    this.#open.clear();
  }
}
