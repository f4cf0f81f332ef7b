import { expect, test } from 'vitest';
import { PixelSource } from '../../src/frames/pixel-source.ts';
import { withMemory } from '../../src/frames/pixels-memory.ts';
import { chartError, chartFrame } from '../support/frames/chart.ts';

const size = { width: 80, height: 60 };
const small = { width: 40, height: 30 };

test('planes are scaled if no side grows, and whole pixels keep their size', () =>
  withMemory(async (memory) => {
    const planes = new PixelSource(chartFrame('I420', size), memory);
    for (const narrower of [small, { width: 40, height: 60 }, { width: 80, height: 30 }])
      expect(await planes.picture(narrower)).toMatchObject({
        ...narrower,
        rgb: { length: 3 * narrower.width * narrower.height },
      });
    for (const wider of [
      { width: 81, height: 30 },
      { width: 40, height: 61 },
    ])
      expect(await planes.picture(wider)).toMatchObject(size);
    expect(await planes.picture(size)).toMatchObject(size);
    const packed = new PixelSource(chartFrame('RGBA', size), memory);
    expect(await packed.picture(small)).toMatchObject(size);
  }));

test('a source is read in several sizes, one after the other, each with the right colours', () =>
  withMemory(async (memory) => {
    const source = new PixelSource(chartFrame('I420', size), memory);
    for (const wanted of [small, size, { width: 60, height: 45 }, small]) {
      const { rgb, ...read } = await source.picture(wanted);
      expect(read).toEqual(wanted);
      expect(rgb).toHaveLength(3 * wanted.width * wanted.height);
      expect(chartError({ ...read, data: rgb }, size)).toBeLessThan(8);
    }
  }));

test('the same size again is not converted again', () =>
  withMemory(async (memory) => {
    const source = new PixelSource(chartFrame('I420', size), memory);
    const first = await source.picture(small);
    expect(await source.picture(small)).toBe(first);
    expect(await source.picture({ ...small, height: 29 })).not.toBe(first);
    expect(await source.picture({ width: 39, height: 29 })).toMatchObject({ width: 39 });
  }));
