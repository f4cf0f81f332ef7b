import { VideoRotation } from '@livekit/rtc-node';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodeFrame } from '../../src/frames/encode.ts';
import type { EncodeOptions } from '../../src/frames/encode-options.ts';
import { encodeTiled, type TileRequest, tileCuts } from '../../src/frames/tiles.ts';
import { chartFrame } from '../support/frames/chart.ts';

const side = fc.integer({ min: 200, max: 8000 });
const most = fc.integer({ min: 2, max: 9 });

test('tiles cover the whole screen and nothing else, and are no more than allowed', () => {
  fc.assert(
    fc.property(side, side, most, (width, height, limit) => {
      const cuts = tileCuts({ width, height }, limit);
      expect(cuts.length).toBeGreaterThanOrEqual(2);
      expect(cuts.length).toBeLessThanOrEqual(limit);
      expect(new Set(cuts.map(({ place }) => place)).size).toBe(cuts.length);
      const right = ({ left, width: across }: (typeof cuts)[number]) => left + across;
      const bottom = ({ top, height: down }: (typeof cuts)[number]) => top + down;
      expect(Math.min(...cuts.map(({ left }) => left))).toBe(0);
      expect(Math.min(...cuts.map(({ top }) => top))).toBe(0);
      expect(Math.max(...cuts.map(right))).toBe(width);
      expect(Math.max(...cuts.map(bottom))).toBe(height);
      // A line of text at an edge is whole in the next tile.
      for (const cut of cuts) {
        const across = cuts.find(({ left, top }) => top === cut.top && left > cut.left);
        if (across) expect(right(cut) - across.left).toBe(64);
        const down = cuts.find(({ left, top }) => left === cut.left && top > cut.top);
        if (down) expect(bottom(cut) - down.top).toBe(64);
      }
    }),
  );
});

test.each([
  [2560, 1440, 2, ['left', 'right']],
  [2560, 1440, 3, ['left', 'center', 'right']],
  [2560, 1440, 5, ['top left', 'top right', 'bottom left', 'bottom right']],
  [1170, 2532, 2, ['top', 'bottom']],
])(
  'a screen of %ix%i has up to %i tiles, as square as possible',
  (width, height, limit, places) => {
    expect(tileCuts({ width, height }, limit).map(({ place }) => place)).toEqual(places);
  },
);

test('nine tiles have three columns and three rows', () => {
  const places = tileCuts({ width: 3840, height: 2160 }, 9).map(({ place }) => place);
  expect(places.slice(3, 6)).toEqual(['middle left', 'middle center', 'middle right']);
});

const SIZE = { width: 320, height: 180 };
const screen = chartFrame('RGB24', SIZE);
const inside = (largest: number): EncodeOptions => ({
  enlarge: false,
  format: 'png',
  resize: { width: largest, height: largest, strategy: 'scale_aspect_fit' },
});
const request = (options: Partial<TileRequest> = {}): TileRequest => ({
  ...{ most: 4, overview: inside(80) },
  ...options,
});

const pixelsOf = (data: Buffer) => sharp(data).raw().toBuffer();

test.each([
  [VideoRotation.VIDEO_ROTATION_0, 0],
  [VideoRotation.VIDEO_ROTATION_90, 90],
])(
  'tiles have exactly the pixels of the upright screen: rotation %i',
  async (rotation, degrees) => {
    const { tiles = [], ...overview } = await encodeTiled(
      { frame: screen, rotation },
      inside(160),
      request(),
    );
    expect([overview.width, overview.height].sort()).toEqual([45, 80]);
    const whole = await encodeFrame(screen, { format: 'png', rotation: degrees as 0 | 90 });
    const cuts = tileCuts(whole, 4);
    expect(tiles).toHaveLength(4);
    for (const [at, { data, ...tile }] of tiles.entries()) {
      const { place, ...cut } = cuts[at] ?? { place: '', left: 0, top: 0, width: 1, height: 1 };
      const label = `screen, part ${at + 1} of 4: ${place}`;
      expect(tile).toEqual({ mimeType: 'image/png', label, width: cut.width, height: cut.height });
      const own = await sharp(whole.data).extract(cut).raw().toBuffer();
      expect((await pixelsOf(data)).equals(own)).toBe(true);
    }
  },
);

test.each([320, 4000])('a screen that fits inside %i pixels is one picture', async (largest) => {
  const picture = await encodeTiled({ frame: screen }, inside(largest), request());
  expect(picture).toMatchObject(SIZE);
  expect(picture.tiles).toBeUndefined();
});

test('a screen without a size limit is one picture', async () => {
  const picture = await encodeTiled({ frame: screen }, { format: 'png' }, request());
  expect(picture).toMatchObject(SIZE);
  expect(picture.tiles).toBeUndefined();
});

test('an overview and its tiles never exceed the bytes: the screen is then one picture', async () => {
  const full = await encodeTiled({ frame: screen }, inside(160), request());
  const parts = [full, ...(full.tiles ?? [])];
  const all = parts.reduce((sum, { data }) => sum + data.length, 0);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 * all }), fc.boolean(), async (limit, isOwn) => {
      const image = isOwn ? { ...inside(160), maxBytes: Math.max(limit, 2000) } : inside(160);
      const maxBytes = isOwn ? Number.POSITIVE_INFINITY : limit;
      const { tiles, width } = await encodeTiled({ frame: screen }, image, request({ maxBytes }));
      const fits = all <= Math.min(maxBytes, image.maxBytes ?? Number.POSITIVE_INFINITY);
      expect([tiles?.length, width]).toEqual(fits ? [4, 80] : [undefined, 160]);
    }),
    { numRuns: 12 },
  );
});
