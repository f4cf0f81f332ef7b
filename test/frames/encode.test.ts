import { VideoRotation } from '@livekit/rtc-node';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { RESIZE } from '../../src/defaults.ts';
import { EncodeError, OptionError } from '../../src/errors.ts';
import type { EncodeOptions } from '../../src/frames/encode.ts';
import { encodeFrame } from '../../src/frames/encode.ts';
import type { ResizeStrategy } from '../../src/frames/geometry.ts';
import { wasm } from '../../src/frames/pixels-wasm.ts';
import type { Colour } from '../support/frames/chart.ts';
import { chartError, chartFrame } from '../support/frames/chart.ts';
import { decoded, manifest, sceneFrame } from '../support/frames/pictures.ts';

const SIZE = { width: 208, height: 120 };
const chart = chartFrame('I420', SIZE);

async function wideScene() {
  const [scene] = manifest.scenes;
  if (!scene) throw new Error('there are no scenes');
  return await sceneFrame(scene, 'I420');
}

describe('formats', () => {
  it('a picture is a JPEG in the size of the frame by default', async () => {
    const image = await encodeFrame(chart);
    expect(image).toMatchObject({ mimeType: 'image/jpeg', ...SIZE });
    expect(Object.keys(image).sort()).toEqual(['data', 'height', 'mimeType', 'width']);
  });

  it.each(['jpeg', 'png', 'webp'] as const)('a picture can be encoded as %s', async (format) => {
    const image = await encodeFrame(chart, { format });
    expect(image.mimeType).toBe(`image/${format}`);
    const metadata = await sharp(image.data).metadata();
    expect(metadata).toMatchObject({ format, channels: 3, ...SIZE });
    expect(chartError(await decoded(image.data), SIZE)).toBeLessThanOrEqual(10);
  });

  it('a picture has fewer bytes at lower quality', async () => {
    const frame = await wideScene();
    for (const format of ['jpeg', 'webp'] as const) {
      const [low, high] = await Promise.all([
        encodeFrame(frame, { format, quality: 20 }),
        encodeFrame(frame, { format, quality: 90 }),
      ]);
      expect(low.data.length).toBeLessThan(high.data.length);
    }
  });
});

describe('resize', () => {
  it.each(RESIZE.strategy.choices)(
    '%s enlarges like the reference, and not with enlarge: false',
    async (strategy) => {
      const resize = { width: 400, height: 300, strategy };
      const grown = await encodeFrame(chart, { resize });
      expect(grown.width).toBeGreaterThanOrEqual(400);
      expect(await encodeFrame(chart, { resize, enlarge: false })).toMatchObject(SIZE);
    },
  );

  it.each<[ResizeStrategy, number, number]>([
    ['skew', 208, 60],
    ['scale_aspect_fit', 104, 60],
    ['scale_aspect_cover', 208, 120],
    ['center_aspect_fit', 300, 60],
    ['center_aspect_cover', 208, 60],
  ])('%s into 300x60 without enlarging is %ix%i', async (strategy, width, height) => {
    const resize = { width: 300, height: 60, strategy };
    expect(await encodeFrame(chart, { resize, enlarge: false })).toMatchObject({ width, height });
  });

  it('a resize can shrink one side and stretch the other', async () => {
    const resize = { width: 400, height: 60, strategy: 'skew' } as const;
    const image = await encodeFrame(chart, { resize, format: 'png' });
    const error = chartError(await decoded(image.data), { width: 400, height: 60 });
    expect(error).toBeLessThanOrEqual(4);
  });

  it('a resize can enlarge a single pixel', async () => {
    const dot = chartFrame('RGB24', { width: 1, height: 1 }, () => [10, 200, 30]);
    const resize = { width: 40, height: 20, strategy: 'skew' } as const;
    const { data } = await decoded((await encodeFrame(dot, { resize, format: 'png' })).data);
    expect(new Set(data)).toEqual(new Set([10, 200, 30]));
  });

  it('a resize keeps a very long frame visible', async () => {
    const line = chartFrame('RGB24', { width: 2000, height: 1 }, () => [255, 0, 0]);
    const resize = { width: 100, height: 100, strategy: 'scale_aspect_fit' } as const;
    expect(await encodeFrame(line, { resize })).toMatchObject({ width: 100, height: 1 });
  });
});

describe('rotation', () => {
  const resize = { width: 60, height: 400, strategy: 'scale_aspect_fit' } as const;

  it('a rotation can come with the frame, as in a VideoFrameEvent', async () => {
    const event = { frame: chart, rotation: VideoRotation.VIDEO_ROTATION_90, timestampUs: 0n };
    const image = await encodeFrame(event, { format: 'png' });
    expect(image).toMatchObject({ width: SIZE.height, height: SIZE.width });
    expect(chartError(await decoded(image.data), SIZE, 90)).toBeLessThanOrEqual(4);
  });

  it('the rotation of the option comes before that of the frame', async () => {
    const event = { frame: chart, rotation: VideoRotation.VIDEO_ROTATION_90 };
    const image = await encodeFrame(event, { format: 'png', rotation: 180 });
    expect(chartError(await decoded(image.data), SIZE, 180)).toBeLessThanOrEqual(4);
  });

  it('a rotation happens before the resize', async () => {
    const image = await encodeFrame({ frame: chart, rotation: 270 }, { resize });
    expect(image).toMatchObject({ width: 60, height: 104 });
  });

  it('a rotation turns crops and bars with the picture', async () => {
    for (const strategy of ['center_aspect_fit', 'center_aspect_cover'] as const) {
      const box = { width: 120, height: 240, strategy };
      const turned = await encodeFrame(chart, { resize: box, rotation: 90, format: 'png' });
      const lying = { width: 240, height: 120, strategy };
      const upright = await encodeFrame(chart, { resize: lying, format: 'png' });
      const by = await sharp(upright.data).rotate(90).raw().toBuffer();
      expect((await decoded(turned.data)).data.equals(by)).toBe(true);
    }
  });
});

describe('maxBytes', () => {
  it('maxBytes lowers quality before size', async () => {
    const frame = await wideScene();
    const full = await encodeFrame(frame);
    const less = await encodeFrame(frame, { maxBytes: Math.round(full.data.length * 0.8) });
    expect(less.data.length).toBeLessThanOrEqual(full.data.length * 0.8);
    expect(less).toMatchObject({ width: full.width, height: full.height });
  });

  it('maxBytes holds for every format and strategy', async () => {
    const frame = await wideScene();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('jpeg' as const, 'png' as const, 'webp' as const),
        fc.constantFrom(...RESIZE.strategy.choices),
        fc.integer({ min: 800, max: 20_000 }),
        async (format, strategy, maxBytes) => {
          const resize = { width: 200, height: 200, strategy };
          const image = await encodeFrame(frame, { format, resize, maxBytes });
          expect(image.data.length).toBeLessThanOrEqual(maxBytes);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('maxBytes is an EncodeError if not even one pixel fits', async () => {
    for (const resize of [
      undefined,
      { width: 90, height: 50, strategy: 'scale_aspect_cover' } as const,
    ]) {
      const failure = encodeFrame(chart, { maxBytes: 100, resize });
      await expect(failure).rejects.toThrow(EncodeError);
      await expect(failure).rejects.toThrow(/^maxBytes 100 is less than the smallest jpeg/);
    }
  });
});

describe('many encodings at once', () => {
  it('encodings at the same time keep their frames apart', async () => {
    const colours = Array.from({ length: 12 }, (_, n): Colour => [20 * n, 255 - 20 * n, 7 * n]);
    const images = await Promise.all(
      colours.map((colour, n) =>
        encodeFrame(
          chartFrame('RGB24', { width: 64 + n, height: 48 }, () => colour),
          { format: 'png' },
        ),
      ),
    );
    for (const [n, colour] of colours.entries()) {
      const picture = await decoded(images[n]?.data ?? Buffer.alloc(0));
      expect(picture.width).toBe(64 + n);
      expect([...picture.data.subarray(0, 3)]).toEqual(colour);
    }
  });

  it('eight streams that are sampled at the same moment reuse the memory of the time before', async () => {
    const eight = () => Promise.all(Array.from({ length: 8 }, () => encodeFrame(chart)));
    await eight();
    const memories = vi.spyOn(wasm, 'Memory');
    await eight();
    expect(memories).not.toHaveBeenCalled();
    memories.mockRestore();
  });

  it('encodeFrame copies the frame before it returns', async () => {
    const frame = chartFrame('RGB24', SIZE);
    const encoding = encodeFrame(frame, { format: 'png' });
    frame.data.fill(0);
    expect(chartError(await decoded((await encoding).data), SIZE)).toBe(0);
  });

  it('encodeFrame leaves the event loop free while it compresses', async () => {
    const large = chartFrame('RGB24', { width: 1000, height: 600 });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await encodeFrame(large, { format: 'png' });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it('encodeFrame works after an earlier call exceeded its time limit', async () => {
    const large = chartFrame('RGB24', { width: 1000, height: 600 }, (x, y) => [
      x & 255,
      y & 255,
      9,
    ]);
    const resize = { width: 4000, height: 4000, strategy: 'skew' } as const;
    const late = encodeFrame(large, { format: 'png', resize, timeoutMs: 1 });
    await expect(late).rejects.toThrow('the frame was not encoded within 1 ms');
    await expect(late).rejects.toBeInstanceOf(EncodeError);
    // The late one still reads its pixels while these are converted.
    const image = await encodeFrame(chart, { format: 'png' });
    expect(chartError(await decoded(image.data), SIZE)).toBeLessThanOrEqual(4);
  });

  it('the error names the picture if the format cannot hold its size', async () => {
    const long = chartFrame('RGB24', { width: 17_000, height: 1 }, () => [1, 2, 3]);
    await expect(encodeFrame(long, { format: 'webp' })).rejects.toThrow(EncodeError);
  });
});

describe('options', () => {
  const box = { width: 10, height: 10, strategy: 'skew' };

  it.each([
    ['format', { format: 'gif' }],
    ['quality', { quality: 0 }],
    ['quality', { quality: 101 }],
    ['quality', { quality: 74.5 }],
    ['quality', { quality: '75' }],
    ['enlarge', { enlarge: 1 }],
    ['maxBytes', { maxBytes: 0 }],
    ['maxBytes', { maxBytes: Number.NaN }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
    ['rotation', { rotation: 45 }],
    ['rotation', { rotation: '90' }],
    ['resize', { resize: null }],
    ['resize.width', { resize: { ...box, width: 0 } }],
    ['resize.height', { resize: { ...box, height: 20_000 } }],
    ['resize.strategy', { resize: { ...box, strategy: 'contain' }, enlarge: false }],
  ])('an invalid %s is named: %j', async (option, options) => {
    const failure = encodeFrame(chart, options as EncodeOptions);
    await expect(failure).rejects.toBeInstanceOf(OptionError);
    await expect(failure).rejects.toMatchObject({ option });
  });

  it('an option of undefined means the default', async () => {
    const options = {
      format: undefined,
      quality: undefined,
      resize: undefined,
      maxBytes: undefined,
    };
    expect((await encodeFrame(chart, options)).mimeType).toBe('image/jpeg');
  });
});
