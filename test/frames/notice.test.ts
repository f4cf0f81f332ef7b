import { expect, test } from 'vitest';
import { notice } from '../../src/frames/notice.ts';
import { decoded } from '../support/frames/pictures.ts';

test('a notice is a black picture with its text in white, and nothing at its edges', async () => {
  const image = await notice('The camera is off since 12:00.');
  expect(image).toMatchObject({ mimeType: 'image/jpeg', width: 640, height: 360 });
  const { data, width, height } = await decoded(image.data);
  expect([width, height]).toEqual([640, 360]);
  // Columns and rows with light.
  const columns: number[] = [];
  const rows: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if ((data[3 * (y * width + x)] ?? 0) > 128) {
        columns.push(x);
        rows.push(y);
      }
  const ends = (places: number[]) => [Math.min(...places), Math.max(...places)] as const;
  const [left, right] = ends(columns);
  const [top, bottom] = ends(rows);
  expect(left).toBeGreaterThanOrEqual(36);
  expect(right).toBeLessThan(604);
  expect(top).toBeGreaterThanOrEqual(36);
  expect(bottom).toBeLessThan(324);
  // Large enough to be read: the text takes most of the width, and is centred.
  expect(right - left).toBeGreaterThan(400);
  expect(Math.abs(left + right - width)).toBeLessThan(24);
  expect(Math.abs(top + bottom - height)).toBeLessThan(24);
});
