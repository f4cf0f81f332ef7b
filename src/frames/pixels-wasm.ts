/**
 * A small WebAssembly assembler: expressions as byte arrays, sufficient for the pixel kernel.
 *
 * It avoids a second language, with its tool chain, build step and binary in the repository.
 */

/** Encoded instructions. */
export type Code = readonly number[];

/** Unsigned LEB128, the integer encoding of WebAssembly. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128, for constants. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const simd = (opcode: number, ...immediate: number[]): number[] => [
  0xfd,
  ...unsigned(opcode),
  ...immediate,
];
/** Alignment 2^0: only a hint, because rows of odd width are not aligned. */
const at = (offset: number): number[] => [0, ...unsigned(offset)];

/** Parameters, integers and vectors of a function, numbered in that order. */
export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)],
};

/** Operations on 32-bit integers. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...at(offset)],
  positive: (a: Code): Code => [...a, ...i32.const(0), 0x4a],
};

/** Runs `body` once, and repeats it while `again` is not zero. */
export const repeatWhile = (again: Code, body: readonly Code[]): Code => [
  ...[0x03, 0x40],
  ...body.flat(),
  ...again,
  ...[0x0d, 0x00, 0x0b],
];

/** Operations on vectors of 16 bytes. */
export const v128 = {
  load: (address: Code, offset = 0): Code => [...address, ...simd(0x00, ...at(offset))],
  /** Reads 8 bytes as 8 unsigned 16-bit lanes. */
  loadWidened: (address: Code, offset = 0): Code => [...address, ...simd(0x02, ...at(offset))],
  /** Reads 4 bytes into each of 4 lanes. */
  loadRepeated: (address: Code): Code => [...address, ...simd(0x09, ...at(0))],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(0x0b, ...at(offset)),
  ],
  /** Writes the first 4 bytes. */
  storeQuarter: (address: Code, value: Code): Code => [
    ...address,
    ...value,
    ...simd(0x5a, ...at(0), 0),
  ],
  /** Byte `n` of the result is byte `order[n]` of `a` followed by `b`. */
  shuffle: (a: Code, b: Code, order: readonly number[]): Code => [
    ...a,
    ...b,
    ...simd(0x0d, ...order),
  ],
  const: (bytes: readonly number[]): Code => simd(0x0c, ...bytes),
  /** Byte `n` of the result is byte `order[n]` of `a`, or 0 if that is above 15. */
  swizzle: (a: Code, order: Code): Code => [...a, ...order, ...simd(0x0e)],
  and: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x4e)],
  or: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x50)],
};

/** Operations on 8 lanes of 16 bits. */
export const i16x8 = {
  splat: (value: number): Code => [...i32.const(value), ...simd(0x10)],
  add: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x8e)],
  subtract: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x91)],
  shiftLeft: (a: Code, bits: number): Code => [...a, ...i32.const(bits), ...simd(0x8b)],
  shiftRight: (a: Code, bits: number): Code => [...a, ...i32.const(bits), ...simd(0x8c)],
  shiftRightUnsigned: (a: Code, bits: number): Code => [...a, ...i32.const(bits), ...simd(0x8d)],
  /** `a * b / 32768`, rounded. */
  multiplyQ15: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x82)],
  /** Two vectors as one of 16 bytes, each lane limited to 0..255. */
  narrow: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x66)],
  /** The first or the last 8 bytes as unsigned lanes. */
  widenLow: (a: Code): Code => [...a, ...simd(0x89)],
  widenHigh: (a: Code): Code => [...a, ...simd(0x8a)],
};

/** Operations on 4 lanes of 32 bits. */
export const i32x4 = {
  splat: (value: number): Code => [...i32.const(value), ...simd(0x11)],
  add: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xae)],
  shiftRight: (a: Code, bits: number): Code => [...a, ...i32.const(bits), ...simd(0xac)],
  /** Multiplies lanes of 16 bits, and adds the products of each pair of neighbours. */
  dot: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xba)],
  /** Two vectors as one with lanes of 16 bits, each limited to what they hold. */
  narrow: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x85)],
};

/** A function of 32-bit integers without a result. */
export interface KernelFunction {
  name: string;
  /** How many parameters. */
  parameters: number;
  /** Number of further integers that it uses; none if it is left out. */
  integers?: number;
  /** Number of vectors that it uses. */
  vectors: number;
  body: readonly Code[];
}

const I32 = 0x7f;
const V128 = 0x7b;
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: Code): Code => [id, ...sized(bytes)];
const text = (value: string): Code => sized([...Buffer.from(value)]);

/** A module that imports its memory as `pixels.memory` and exports the functions by name. */
export function assemble(functions: readonly KernelFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [0x60, ...list(Array(f.parameters).fill([I32])), 0]);
  const memory = [...text('pixels'), ...text('memory'), 0x02, 0x00, 0x01];
  const exported = functions.map((f, index) => [...text(f.name), 0x00, ...unsigned(index)]);
  const code = functions.map(({ integers = 0, vectors, body }) => {
    const locals = [
      [...unsigned(integers), I32],
      [...unsigned(vectors), V128],
    ];
    return sized([...list(locals), ...body.flat(), 0x0b]);
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(exported)),
    ...section(10, list(code)),
  ]);
}

/** Memory of a module; `grow` counts in pages of 64 KiB and detaches the old buffer. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The parts of the global `WebAssembly` used here; Node's types omit it without the DOM's. */
interface WebAssemblyGlobal {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Memory: new (limits: { initial: number }) => WasmMemory;
  Instance: new (
    module: object,
    imports: { pixels: { memory: WasmMemory } },
  ) => { readonly exports: object };
}

/** Node's own `WebAssembly`. */
export const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WebAssemblyGlobal };
