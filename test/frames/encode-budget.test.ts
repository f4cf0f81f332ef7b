import { expect, test } from 'vitest';
import { withinBudget } from '../../src/frames/encode-budget.ts';
import type { CheckedEncodeOptions } from '../../src/frames/encode-options.ts';

/**
 * The attempts for a picture whose bytes follow from its quality and area, each as `QUALITY WIDTH`.
 */
async function attempts(
  { format, quality, maxBytes }: Pick<CheckedEncodeOptions, 'format' | 'quality' | 'maxBytes'>,
  side: number,
  bytes: (quality: number, side: number) => number,
): Promise<string[]> {
  const tried: string[] = [];
  const box = { width: side, height: side, strategy: 'skew' } as const;
  await withinBudget({ format, quality, maxBytes }, box, async (at, { width, height }) => {
    tried.push(`${at} ${width}`);
    const data = Buffer.alloc(bytes(at, width));
    return { data, width, height };
  });
  return tried;
}

test('a picture that has exactly the limit is compressed once', async () => {
  const options = { format: 'jpeg', quality: 75, maxBytes: 100 } as const;
  expect(await attempts(options, 1000, () => 100)).toEqual(['75 1000']);
});

test('a picture that is too large loses quality down to 30 first, and then size', async () => {
  const options = { format: 'jpeg', quality: 75, maxBytes: 100 } as const;
  const tried = await attempts(options, 1000, (_, side) => (side > 800 ? 101 : 100));
  expect(tried.map((one) => Number(one.split(' ')[0]))).toEqual([75, 60, 45, 30, 30, 30]);
  // A reduction is at least by 15 %, however close the limit is.
  expect(tried.slice(3)).toEqual(['30 1000', '30 850', '30 722']);
});

test.each([
  [40, ['40 1000', '30 1000', '30 850']],
  [20, ['20 1000', '20 850']],
])(
  'a picture of quality %i that is too large loses no quality below 30',
  async (quality, tried) => {
    const options = { format: 'jpeg', quality, maxBytes: 100 } as const;
    const isSmaller = (_: number, side: number) => (side > 900 ? 101 : 100);
    expect(await attempts(options, 1000, isSmaller)).toEqual(tried);
  },
);

test('a picture that is far too large gets its size in one step, without loss of quality for PNG', async () => {
  const options = { format: 'png', quality: 75, maxBytes: 10_000 } as const;
  const tried = await attempts(options, 1000, (_, side) => side * side);
  expect(tried).toEqual(['75 1000', '75 90']);
});

test('a picture of which not even one pixel fits is an error that names the limit', async () => {
  const options = { format: 'png', quality: 75, maxBytes: 10 } as const;
  await expect(attempts(options, 100, () => 70)).rejects.toThrow(
    'maxBytes 10 is less than the smallest png of this frame, 70 bytes',
  );
});
