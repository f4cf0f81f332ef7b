/** The same module, with conversions of numbers that give the nearest integer. */
export function saturating(wasm: Uint8Array): Uint8Array;
