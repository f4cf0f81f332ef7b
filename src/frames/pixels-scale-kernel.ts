import type { Code, KernelFunction } from './pixels-wasm.ts';
import { i16x8, i32, i32x4, local, repeatWhile, v128 } from './pixels-wasm.ts';

/**
 * Weights are in units of 2^-14, so 16 bits hold them up to 2. Between the two directions a sample
 * has 6 more bits than a byte: 16 bits hold what a filter overshoots, and rounding is invisible.
 */
export const WEIGHT_BITS = 14;
const KEPT_BITS = 6;

/** Source rows that one step of {@link blendRows} takes; the number of weights is a multiple. */
export const ROWS_A_STEP = 2;
/** Source samples that one step of {@link scaleRow} takes; the number of weights is a multiple. */
export const SAMPLES_A_STEP = 8;
/** Samples that one step of {@link scaleRow} makes. */
export const GROUP = 4;

/** The loops that scale a plane. Every argument but the counts is an address in the memory. */
export interface ScaleKernel {
  /**
   * Weighted rows of bytes → one row of samples of 16 bits.
   *
   * @param weights - 16 bits for each of `2 * steps` rows.
   */
  blendRows(
    rows: number,
    stride: number,
    weights: number,
    steps: number,
    out: number,
    width: number,
  ): void;
  /**
   * A row of samples of 16 bits → a row of bytes.
   *
   * @param starts - 32 bits for each byte: the first sample of its weighted sum, in bytes.
   * @param weights - 16 bits for each of `8 * steps` samples: the first 8 of each of 4 bytes, then
   * the next 8.
   */
  scaleRow(
    row: number,
    starts: number,
    weights: number,
    steps: number,
    out: number,
    width: number,
  ): void;
}

const advance = (index: number, by: Code | number): Code =>
  local.set(index, i32.add(local.get(index), typeof by === 'number' ? i32.const(by) : by));

const whilePositive = (index: number, body: readonly Code[]): Code =>
  repeatWhile(i32.positive(local.get(index)), body);

/** Lanes of `size` bytes of two vectors by turns: of their first halves, or of their second. */
function alternating(a: Code, b: Code, size: number, half: 0 | 1): Code {
  const order = Array.from({ length: 16 }, (_, n) => {
    const lane = Math.floor(n / size);
    return 8 * half + Math.floor(lane / 2) * size + (n % size) + (lane % 2) * 16;
  });
  return v128.shuffle(a, b, order);
}

function blendRows(): KernelFunction {
  const [ROWS, STRIDE, WEIGHTS, STEPS, OUT, WIDTH] = [0, 1, 2, 3, 4, 5] as const;
  const [AT, WEIGHT, LEFT] = [6, 7, 8] as const;
  const sums = [9, 10, 11, 12];
  const [UPPER, LOWER, PAIR, FACTORS] = [13, 14, 15, 16] as const;
  const shift = WEIGHT_BITS - KEPT_BITS;
  const [a, b, c, d] = sums.map((sum) => i32x4.shiftRight(local.get(sum), shift)) as [
    Code,
    Code,
    Code,
    Code,
  ];
  const addPairs = (half: 0 | 1): Code[] => [
    local.set(PAIR, alternating(local.get(UPPER), local.get(LOWER), 1, half)),
    ...[i16x8.widenLow, i16x8.widenHigh].map((widen, quarter) => {
      const sum = 9 + 2 * half + quarter;
      const products = i32x4.dot(widen(local.get(PAIR)), local.get(FACTORS));
      return local.set(sum, i32x4.add(local.get(sum), products));
    }),
  ];
  return {
    name: 'blendRows',
    parameters: 6,
    integers: 3,
    vectors: 8,
    body: [
      whilePositive(WIDTH, [
        ...sums.map((sum) => local.set(sum, i32x4.splat(2 ** (shift - 1)))),
        local.set(AT, local.get(ROWS)),
        local.set(WEIGHT, local.get(WEIGHTS)),
        local.set(LEFT, local.get(STEPS)),
        whilePositive(LEFT, [
          local.set(FACTORS, v128.loadRepeated(local.get(WEIGHT))),
          local.set(UPPER, v128.load(local.get(AT))),
          advance(AT, local.get(STRIDE)),
          local.set(LOWER, v128.load(local.get(AT))),
          advance(AT, local.get(STRIDE)),
          ...addPairs(0),
          ...addPairs(1),
          advance(WEIGHT, 2 * ROWS_A_STEP),
          advance(LEFT, -1),
        ]),
        v128.store(local.get(OUT), i32x4.narrow(a, b)),
        v128.store(local.get(OUT), i32x4.narrow(c, d), 16),
        advance(ROWS, 16),
        advance(OUT, 32),
        advance(WIDTH, -16),
      ]),
    ],
  };
}

function scaleRow(): KernelFunction {
  const [ROW, STARTS, WEIGHTS, STEPS, OUT, WIDTH] = [0, 1, 2, 3, 4, 5] as const;
  const starts = [6, 7, 8, 9];
  const LEFT = 10;
  const sums = [11, 12, 13, 14];
  const [FIRST, SECOND] = [15, 16] as const;
  const shift = WEIGHT_BITS + KEPT_BITS;
  /** Halves the lanes of two sums: the lanes that belong together are added. */
  const folded = (a: Code, b: Code, size: number): Code =>
    i32x4.add(alternating(a, b, size, 0), alternating(a, b, size, 1));
  const [a, b, c, d] = sums.map(local.get) as [Code, Code, Code, Code];
  const total = i32x4.add(
    folded(local.get(FIRST), local.get(SECOND), 8),
    i32x4.splat(2 ** (shift - 1)),
  );
  return {
    name: 'scaleRow',
    parameters: 6,
    integers: 5,
    vectors: 6,
    body: [
      whilePositive(WIDTH, [
        ...starts.map((start, index) =>
          local.set(start, i32.add(local.get(ROW), i32.load(local.get(STARTS), 4 * index))),
        ),
        ...sums.map((sum) => local.set(sum, i32x4.splat(0))),
        local.set(LEFT, local.get(STEPS)),
        whilePositive(LEFT, [
          ...sums.map((sum, index) => {
            const samples = v128.load(local.get(starts[index] ?? 0));
            const weights = v128.load(local.get(WEIGHTS), 16 * index);
            return local.set(sum, i32x4.add(local.get(sum), i32x4.dot(samples, weights)));
          }),
          ...starts.map((start) => advance(start, 2 * SAMPLES_A_STEP)),
          advance(WEIGHTS, 2 * SAMPLES_A_STEP * GROUP),
          advance(LEFT, -1),
        ]),
        local.set(FIRST, folded(a, b, 4)),
        local.set(SECOND, folded(c, d, 4)),
        local.set(FIRST, i32x4.shiftRight(total, shift)),
        local.set(FIRST, i32x4.narrow(local.get(FIRST), local.get(FIRST))),
        v128.storeQuarter(local.get(OUT), i16x8.narrow(local.get(FIRST), local.get(FIRST))),
        advance(STARTS, 4 * GROUP),
        advance(OUT, GROUP),
        advance(WIDTH, -GROUP),
      ]),
    ],
  };
}

export const scaleFunctions = (): KernelFunction[] => [blendRows(), scaleRow()];
