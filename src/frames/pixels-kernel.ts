import { type ScaleKernel, scaleFunctions } from './pixels-scale-kernel.ts';
import type { Code, KernelFunction, WasmMemory } from './pixels-wasm.ts';
import { assemble, i16x8, i32, local, repeatWhile, v128, wasm } from './pixels-wasm.ts';

/**
 * Pixels per step of a loop. If a row's width is not a multiple of it, the loop reads and writes
 * past the row's end: rows are processed from top to bottom, and the memory has slack after the
 * last.
 */
export const STEP = 16;

/** The loops of the kernel. Every argument but the last is an address in its memory. */
export interface Kernel extends ScaleKernel {
  /** A row of 8-bit planes with half as many chroma samples as luma samples → RGB24. */
  halvedChromaRow(y: number, u: number, v: number, rgb: number, width: number): void;
  /** A row of 8-bit planes with as many chroma samples as luma samples → RGB24. */
  fullChromaRow(y: number, u: number, v: number, rgb: number, width: number): void;
  /** Interleaved bytes (the chroma of NV12) → two planes. */
  splitPairs(pairs: number, first: number, second: number, count: number): void;
  /** 10 bits in 16 (the planes of I010) → 8 bits, rounded. */
  narrowTenBits(samples: number, bytes: number, count: number): void;
  /** 4 bytes a pixel → RGB24, a loop for each order of the bytes. */
  packRgba(pixels: number, rgb: number, count: number): void;
  packAbgr(pixels: number, rgb: number, count: number): void;
  packArgb(pixels: number, rgb: number, count: number): void;
  packBgra(pixels: number, rgb: number, count: number): void;
}

/*
 * BT.601, limited range: what WebRTC carries. Sums are kept in 32nds in 16 bits: three terms, each
 * rounded to a 32nd, stay within 0.05 of the exact value, and the largest sum (about 535) fits.
 * Shifting a sample up as far as 16 bits allow keeps the precision of the Q15 multiplication.
 */
const FRACTION_BITS = 5;
const LUMA_SHIFT = 7;
const CHROMA_SHIFT = 8;
const LUMA = 255 / 219;
const RED_FROM_V = 1.596027;
const GREEN_FROM_U = -0.391762;
const GREEN_FROM_V = -0.812968;
const BLUE_FROM_U = 2.017232;

function scaled(sample: Code, coefficient: number, shift: number): Code {
  const factor = Math.round(coefficient * 2 ** (FRACTION_BITS + 15 - shift));
  return i16x8.multiplyQ15(sample, i16x8.splat(factor));
}
const shifted = (sample: Code, zero: number, shift: number): Code =>
  i16x8.shiftLeft(i16x8.subtract(sample, i16x8.splat(zero)), shift);
const luma = (y: Code): Code => scaled(shifted(y, 16, LUMA_SHIFT), LUMA, LUMA_SHIFT);
const chroma = (c: Code): Code => shifted(c, 128, CHROMA_SHIFT);
const times = (c: Code, coefficient: number): Code => scaled(c, coefficient, CHROMA_SHIFT);
const rounded = (sum: Code): Code =>
  i16x8.shiftRight(i16x8.add(sum, i16x8.splat(2 ** (FRACTION_BITS - 1))), FRACTION_BITS);

/** Four lanes of 8, each twice: one chroma sample for two pixels. */
function twice(vector: Code, firstLane: number): Code {
  const order = Array.from({ length: 16 }, (_, n) => 2 * (firstLane + (n >> 2)) + (n & 1));
  return v128.shuffle(vector, vector, order);
}

/** Third `part` of 16 RGB24 pixels whose channels are three vectors. */
function interleaved(channels: readonly Code[], part: number): Code {
  // Swizzles instead of shuffles: V8 compiles each to one instruction, which halves the time per
  // row.
  const spread = channels.map((vector, channel) => {
    const bytes = Array.from({ length: 16 }, (_, n) => 16 * part + n);
    const order = bytes.map((byte) => (byte % 3 === channel ? Math.floor(byte / 3) : 0xff));
    return v128.swizzle(vector, v128.const(order));
  });
  return spread.reduce(v128.or);
}

/** Repeats `body` for every {@link STEP} of the count, and advances each address. */
function everyStep(body: readonly Code[], bytes: readonly number[]): Code[] {
  const count = bytes.length;
  const moved = [...bytes, -STEP].map((by, index) =>
    local.set(index, i32.add(local.get(index), i32.const(by))),
  );
  return [repeatWhile(i32.positive(local.get(count)), [...body, ...moved])];
}

function yuvRow(name: string, samples: 'halved' | 'full'): KernelFunction {
  const [y, u, v, rgb] = [0, 1, 2, 3].map(local.get) as [Code, Code, Code, Code];
  // Vectors are numbered after the 5 parameters. Those with 16-bit lanes come in pairs of 8 pixels;
  // a colour channel is one vector of 16 bytes.
  const [Y, U, V] = [5, 7, 9];
  const [RED, GREEN, BLUE] = [11, 12, 13];
  const chromaOf = (plane: Code, first: number): Code[] =>
    samples === 'full'
      ? [
          local.set(first, chroma(v128.loadWidened(plane))),
          local.set(first + 1, chroma(v128.loadWidened(plane, 8))),
        ]
      : [
          local.set(first + 1, chroma(v128.loadWidened(plane))),
          local.set(first, twice(local.get(first + 1), 0)),
          local.set(first + 1, twice(local.get(first + 1), 4)),
        ];
  const channel = (difference: (u: Code, v: Code) => Code): Code => {
    const [low, high] = [0, 1].map((half) =>
      rounded(i16x8.add(local.get(Y + half), difference(local.get(U + half), local.get(V + half)))),
    ) as [Code, Code];
    return i16x8.narrow(low, high);
  };
  const chromaBytes = samples === 'full' ? STEP : STEP / 2;
  return {
    name,
    parameters: 5,
    vectors: 9,
    body: everyStep(
      [
        local.set(Y, luma(v128.loadWidened(y))),
        local.set(Y + 1, luma(v128.loadWidened(y, 8))),
        ...chromaOf(u, U),
        ...chromaOf(v, V),
        local.set(
          RED,
          channel((_, cv) => times(cv, RED_FROM_V)),
        ),
        local.set(
          GREEN,
          channel((cu, cv) => i16x8.add(times(cu, GREEN_FROM_U), times(cv, GREEN_FROM_V))),
        ),
        local.set(
          BLUE,
          channel((cu) => times(cu, BLUE_FROM_U)),
        ),
        ...[0, 1, 2].map((part) =>
          v128.store(rgb, interleaved([RED, GREEN, BLUE].map(local.get), part), 16 * part),
        ),
      ],
      [STEP, chromaBytes, chromaBytes, 3 * STEP],
    ),
  };
}

function splitPairs(): KernelFunction {
  const [pairs, first, second] = [0, 1, 2].map(local.get) as [Code, Code, Code];
  const low = (vector: Code): Code => v128.and(vector, i16x8.splat(0xff));
  const high = (vector: Code): Code => i16x8.shiftRightUnsigned(vector, 8);
  const half = (pick: (vector: Code) => Code): Code =>
    i16x8.narrow(pick(v128.load(pairs)), pick(v128.load(pairs, 16)));
  return {
    name: 'splitPairs',
    parameters: 4,
    vectors: 0,
    body: everyStep(
      [v128.store(first, half(low)), v128.store(second, half(high))],
      [2 * STEP, STEP, STEP],
    ),
  };
}

function narrowTenBits(): KernelFunction {
  const [samples, bytes] = [0, 1].map(local.get) as [Code, Code];
  const eightBits = (vector: Code): Code =>
    i16x8.shiftRightUnsigned(i16x8.add(vector, i16x8.splat(2)), 2);
  return {
    name: 'narrowTenBits',
    parameters: 3,
    vectors: 0,
    body: everyStep(
      [
        v128.store(
          bytes,
          i16x8.narrow(eightBits(v128.load(samples)), eightBits(v128.load(samples, 16))),
        ),
      ],
      [2 * STEP, STEP],
    ),
  };
}

/** @param order - Positions of red, green and blue in the 4 bytes of a pixel. */
function pack(name: string, order: readonly [number, number, number]): KernelFunction {
  const [pixels, rgb] = [0, 1].map(local.get) as [Code, Code];
  // 12 bytes of each store count; the next store overwrites the other 4.
  const bytes = Array.from({ length: 16 }, (_, n) =>
    n < 12 ? 4 * Math.floor(n / 3) + (order[n % 3] ?? 0) : 0,
  );
  return {
    name,
    parameters: 3,
    vectors: 0,
    body: everyStep(
      [0, 1, 2, 3].map((quarter) => {
        const vector = v128.load(pixels, 16 * quarter);
        return v128.store(rgb, v128.swizzle(vector, v128.const(bytes)), 12 * quarter);
      }),
      [4 * STEP, 3 * STEP],
    ),
  };
}

/** Compiled with the first frame, so that the import costs nothing and cannot fail. */
let compiled: object | undefined;

/** The kernel for a memory. */
export function kernelOver(memory: WasmMemory): Kernel {
  compiled ??= new wasm.Module(
    assemble([
      yuvRow('halvedChromaRow', 'halved'),
      yuvRow('fullChromaRow', 'full'),
      splitPairs(),
      narrowTenBits(),
      pack('packRgba', [0, 1, 2]),
      pack('packAbgr', [3, 2, 1]),
      pack('packArgb', [1, 2, 3]),
      pack('packBgra', [2, 1, 0]),
      ...scaleFunctions(),
    ]),
  );
  return new wasm.Instance(compiled, { pixels: { memory } }).exports as Kernel;
}
