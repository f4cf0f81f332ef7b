import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { colourName, lightOf } from '../../../offline/eyes/light.ts';

describe('the light of a picture', () => {
  test.each([
    ['red', 200, 20, 30],
    ['orange', 240, 140, 20],
    ['brown', 120, 75, 40],
    ['yellow', 230, 220, 40],
    ['green', 40, 150, 60],
    ['blue', 30, 70, 200],
    ['purple', 130, 30, 200],
    ['pink', 240, 90, 190],
    ['white', 245, 244, 240],
    ['grey', 128, 130, 126],
    ['black', 20, 22, 25],
  ])('%s is the name of %i, %i, %i', (name, red, green, blue) => {
    expect(colourName(red, green, blue)).toBe(name);
  });

  test('the main colours and the brightness are those of the whole picture', async () => {
    const half = { create: { width: 40, height: 60, channels: 3, background: 'red' } } as const;
    const picture = await sharp(half).extend({ right: 20, background: 'white' }).png().toBuffer();
    const { colours, brightness } = await lightOf(picture);
    expect(colours).toEqual(['red', 'white']);
    expect(brightness).toBeCloseTo((2 * 0.299 + 1) / 3, 1);
  });
});
