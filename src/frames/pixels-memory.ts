import type { Kernel } from './pixels-kernel.ts';
import { kernelOver, STEP } from './pixels-kernel.ts';
import type { WasmMemory } from './pixels-wasm.ts';
import { wasm } from './pixels-wasm.ts';

const PAGE_BYTES = 65_536;
/**
 * Memories kept for reuse, of 4 MB each for 1280x720. There are only as many as frames were encoded
 * at the same time. Discarding them would make garbage collection more frequent: with eight streams
 * and two memories, it took half of the event loop's time.
 */
const KEPT = 8;
const idle: PixelMemory[] = [];

/** Memory for the kernel, from which the compressor then reads. */
export class PixelMemory {
  readonly kernel: Kernel;
  readonly #memory: WasmMemory;

  constructor() {
    this.#memory = new wasm.Memory({ initial: 1 });
    this.kernel = kernelOver(this.#memory);
  }

  /** All of the memory, at least `size` bytes. Earlier views become invalid. */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    const missing = size - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return new Uint8Array(this.#memory.buffer);
  }
}

/** Bytes that a loop may read or write past its end: {@link STEP} pixels of 4 bytes. */
const SLACK = 4 * STEP;

/** Hands out addresses one after the other, with space for what a loop touches past the end. */
export class Places {
  /** The first free address. */
  end: number;

  constructor(start: number) {
    this.end = start;
  }

  take(bytes: number): number {
    const place = this.end;
    this.end += (Math.ceil(bytes / STEP) + 1) * STEP + SLACK;
    return place;
  }
}

/** A memory for exclusive use until {@link giveBack}. */
export function borrowMemory(): PixelMemory {
  return idle.pop() ?? new PixelMemory();
}

/** Makes the memory available again. Call it only when nothing reads from it any more. */
export function giveBack(memory: PixelMemory): void {
  if (idle.length < KEPT) idle.push(memory);
}

/** A memory for exclusive use until `use` has ended, since sharp reads from it to its end. */
export async function withMemory<T>(use: (memory: PixelMemory) => Promise<T>): Promise<T> {
  const memory = borrowMemory();
  try {
    return await use(memory);
  } finally {
    giveBack(memory);
  }
}
