import { VideoBufferType, type VideoFrame } from '@livekit/rtc-node';
import { beforeAll, expect, test } from 'vitest';
import { drawFace } from '../../../src/avatar/worker/face-drawing.ts';
import { FacePictures } from '../../../src/avatar/worker/face-pictures.ts';
import { readLips } from '../../../src/testing/avatar/lips.ts';

const STYLE = { width: 64, height: 64, name: '' };
let pictures: FacePictures;
beforeAll(async () => {
  pictures = await FacePictures.draw(STYLE);
});

test('a mouth has ten openings, each wider than the one before', () => {
  const openings = [...Array(10).keys()].map((step) => pictures.at(step / 9, 0));
  expect(new Set(openings).size).toBe(10);
  const lips = [0, 3, 6, 9].map((step) => readLips(pictures.at(step / 9, 0)));
  expect(lips).toEqual([...lips].sort((a, b) => a - b));
  expect(new Set(lips).size).toBe(4);
  expect(lips[0]).toBe(0);
});

test('an opening outside of 0 to 1 shows the closed or the widest mouth, others the nearest', () => {
  expect(pictures.at(-0.5, 0)).toBe(pictures.at(0, 0));
  expect(pictures.at(7, 0)).toBe(pictures.at(1, 0));
  expect(pictures.at(0.05, 0)).toBe(pictures.at(0, 0));
  expect(pictures.at(0.06, 0)).toBe(pictures.at(1 / 9, 0));
});

test('a picture that does not exist is an error with the opening and the lids', () => {
  expect(() => pictures.at(Number.NaN, 3 as never)).toThrow('mouth at NaN with lids at 3');
});

test('lids cover the white of the eyes, half and then fully', () => {
  // In the white of the left eye: between the pupil and the corner.
  const white = ([0, 1, 2] as const).map((lids) => {
    const { data, width } = pictures.at(0, lids);
    let bright = 0;
    for (let row = 26; row < 34; row++)
      for (let column = 22; column < 30; column++)
        bright += Number((data[row * width + column] ?? 0) > 215);
    return bright;
  });
  expect(white[0]).toBeGreaterThan(white[1] ?? 0);
  expect(white[1]).toBeGreaterThan(white[2] ?? 0);
});

test('a face wears its name on a plate, with the signs of XML as text', () => {
  const svg = (name: string) => drawFace({ mouth: 0, lids: 0 }, { ...STYLE, name });
  expect(svg('<Ada> & "co"')).toContain('>&#60;Ada&#62; &#38; &#34;co&#34;</text>');
  expect(svg('')).not.toContain('<text');
});

test('the plate of a name grows with it, up to a limit inside the picture', () => {
  const plate = (length: number) => {
    const svg = drawFace({ mouth: 0, lids: 0 }, { ...STYLE, name: 'é'.repeat(length) });
    const [, x, width] = svg.match(/<rect x="([\d.]+)" y="456" width="([\d.]+)"/) ?? [];
    const [, text] = svg.match(/textLength="([\d.]+)"/) ?? [];
    return { x: Number(x), width: Number(width), text: Number(text) };
  };
  for (const length of [1, 10, 60]) {
    const { x, width, text } = plate(length);
    expect(x + width / 2).toBe(256);
    expect(x).toBeGreaterThan(0);
    expect(text).toBeLessThan(width);
  }
  expect(plate(10).width).toBeGreaterThan(plate(1).width);
  expect(plate(60)).toEqual(plate(59));
});

test('a picture that is wider than high shows more backdrop, and the whole face', async () => {
  const wide = (await FacePictures.draw({ ...STYLE, width: 128 })).at(1, 0);
  expect(wide).toMatchObject({ width: 128, height: 64, type: VideoBufferType.I420 });
  const mouth = (from: number, { data, width }: VideoFrame) => [
    ...data.subarray(38 * width + from, 38 * width + from + 64),
  ];
  expect(mouth(32, wide)).toEqual(mouth(0, pictures.at(1, 0)));
});
