import { expect, test } from 'vitest';
import { saturating } from '../../../offline/hearing/saturating-wasm.mjs';

/** `(func (export "f") (param f32) (result i32) local.get 0 i32.trunc_f32_s)` */
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7d, 0x01, 0x7f],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
  ...[0x0a, 0x07, 0x01, 0x05, 0x00, 0x20, 0x00, 0xa8, 0x0b],
]);

async function converter(wasm: Uint8Array): Promise<(value: number) => number> {
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(wasm));
  return instance.exports.f as (value: number) => number;
}

test('a number that is too large becomes the largest integer instead of an error', async () => {
  expect(await converter(MODULE).then((convert) => () => convert(1e20))).toThrow(/unrepresentable/);
  const convert = await converter(saturating(MODULE));
  expect(convert(1e20)).toBe(2 ** 31 - 1);
  expect(convert(-1e20)).toBe(-(2 ** 31));
  expect(convert(-3.7)).toBe(-3);
});
