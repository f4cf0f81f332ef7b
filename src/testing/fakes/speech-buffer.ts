import type { Transcriber } from './reply.ts';

/** The sound that a client sent since the last turn. It is kept only if it can be recognized. */
export class SpeechBuffer {
  /** Size of the sound. */
  bytes = 0;
  readonly #transcribe: Transcriber | undefined;
  readonly #chunks: Buffer[] = [];

  constructor(transcribe: Transcriber | undefined) {
    this.#transcribe = transcribe;
  }

  /** The recognized speech; `undefined` if nothing recognizes it. */
  get words(): string | undefined {
    return this.#transcribe?.(Buffer.concat(this.#chunks));
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#transcribe) this.#chunks.push(chunk);
  }

  clear(): void {
    this.bytes = 0;
    this.#chunks.length = 0;
  }
}
