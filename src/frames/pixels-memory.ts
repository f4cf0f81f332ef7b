import type { Kernel } from './pixels-kernel.ts';
import { kernelOver } from './pixels-kernel.ts';
import type { WasmMemory } from './pixels-wasm.ts';
import { wasm } from './pixels-wasm.ts';

const PAGE_BYTES = 65_536;
/**
 * Memories kept for the next frame, each of 4 MB for 1280x720; there are only as many as frames
 * were encoded at once. Each one that is left to the garbage collector brings its next run nearer:
 * with eight streams and two memories that was half of what the event loop did.
 */
const KEPT = 8;
const idle: PixelMemory[] = [];

/** Memory that the kernel works in, and that the compressor then reads from. */
export class PixelMemory {
  readonly kernel: Kernel;
  readonly #memory: WasmMemory;

  constructor() {
    this.#memory = new wasm.Memory({ initial: 1 });
    this.kernel = kernelOver(this.#memory);
  }

  /** All of it, at least `size` bytes. Views from before no longer hold. */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    const missing = size - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return new Uint8Array(this.#memory.buffer);
  }
}

/** A memory that nobody else uses until {@link giveBack}. */
export function borrowMemory(): PixelMemory {
  return idle.pop() ?? new PixelMemory();
}

/** Lets the next frame use the memory: only once nothing reads from it any more. */
export function giveBack(memory: PixelMemory): void {
  if (idle.length < KEPT) idle.push(memory);
}
