import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Detail, pricedModel, tokenRule } from '../../src/models/picture-tokens.ts';

type Example = [model: string, width: number, height: number, detail: Detail, tokens: number];

const of = (name: string, change: { isRealtime?: boolean; mediaResolution?: string } = {}) =>
  tokenRule({ name, isRealtime: false, ...change });

// The examples that the providers publish in their guides on images and tokens.
const PUBLISHED: Example[] = [
  ['gpt-4o', 1024, 1024, 'high', 765],
  ['gpt-4o', 2048, 4096, 'high', 1105],
  ['gpt-4o', 4096, 8192, 'low', 85],
  ['openai/gpt-4.1', 1024, 1024, 'high', 765],
  ['gpt-4o-mini', 1024, 1024, 'low', 2833],
  ['gpt-5', 1024, 1024, 'high', 630],
  ['o3', 1024, 1024, 'low', 75],
  ['gpt-4.1-mini', 1024, 1024, 'high', Math.ceil(1024 * 1.62)],
  ['gpt-4.1-mini', 1800, 2400, 'high', Math.ceil(1452 * 1.62)],
  ['gpt-4.1-nano', 1024, 1024, 'auto', Math.ceil(1024 * 2.46)],
  ['o4-mini', 1024, 1024, 'auto', Math.ceil(1024 * 1.72)],
  ['gemini-2.0-flash', 384, 384, 'auto', 258],
  ['gemini-2.5-flash', 960, 540, 'auto', 516],
  ['gemini-2.5-flash', 1600, 300, 'auto', 774],
  ['google/gemini-2.5-pro', 1920, 1080, 'auto', 1548],
  ['gemini-3-flash-preview', 640, 480, 'auto', 1120],
  ['claude-sonnet-4-5', 200, 200, 'auto', 54],
  ['claude-sonnet-4-5', 1000, 1000, 'auto', 1334],
  ['claude-opus-5', 1024, 768, 'auto', 1036],
  ['grok-4', 448, 448, 'auto', 512],
  ['grok-4', 3000, 3000, 'auto', 1792],
];

test.each(PUBLISHED)('%s bills a picture of %ix%i at detail %s with %i tokens', (...example) => {
  const [name, width, height, detail, tokens] = example;
  expect(of(name)?.({ width, height }, detail)).toBe(tokens);
});

test('the price of a realtime model depends on its media resolution', () => {
  const model = { model: 'gemini-3', _options: { mediaResolution: 'MEDIA_RESOLUTION_HIGH' } };
  expect(pricedModel(model as never)).toEqual({
    ...{ name: 'gemini-3', isRealtime: true, mediaResolution: 'MEDIA_RESOLUTION_HIGH' },
  });
  expect(pricedModel({ model: 'gpt-realtime' } as never).mediaResolution).toBeUndefined();
});

test('a newer Claude model bills pictures up to 2016 pixels a side at their own size, and larger ones as that', () => {
  const tokens = (width: number, height: number) =>
    of('claude-opus-5')?.({ width, height }, 'auto');
  expect(tokens(2016, 1512)).toBe(72 * 54);
  expect(tokens(4032, 3024)).toBe(72 * 54);
});

test.each([
  ['gemini-2.5-flash-native-audio', undefined, 258],
  ['gemini-2.5-flash-native-audio', 'MEDIA_RESOLUTION_LOW', 64],
  ['gemini-2.5-flash-native-audio', 'MEDIA_RESOLUTION_MEDIUM', 258],
  ['gemini-3.1-flash-live', undefined, 70],
  ['gemini-3.1-flash-live', 'MEDIA_RESOLUTION_LOW', 70],
  ['gemini-3.1-flash-live', 'MEDIA_RESOLUTION_HIGH', 280],
])('a live frame for %s at %s costs %i tokens', (name, mediaResolution, tokens) => {
  const given = mediaResolution === undefined ? {} : { mediaResolution };
  const rule = of(name, { isRealtime: true, ...given });
  expect(rule?.({ width: 1024, height: 576 }, 'auto')).toBe(tokens);
});

test.each([
  ['MEDIA_RESOLUTION_LOW', 280],
  ['MEDIA_RESOLUTION_MEDIUM', 560],
  ['MEDIA_RESOLUTION_HIGH', 1120],
  ['MEDIA_RESOLUTION_ULTRA_HIGH', 2240],
])('a picture in a request to Gemini 3 at %s costs %i tokens', (mediaResolution, tokens) => {
  const rule = of('gemini-3.1-pro', { mediaResolution });
  expect(rule?.({ width: 4000, height: 3000 }, 'auto')).toBe(tokens);
});

test('a model whose rule is not known has none', () => {
  expect(of('qwen2.5-vl-72b')).toBeUndefined();
});

test('every rule gives a whole number above zero for a picture of any size', () => {
  const side = fc.integer({ min: 1, max: 8000 });
  const name = fc.constantFrom(...new Set(PUBLISHED.map(([model]) => model)), 'gpt-5.4', 'gpt-6');
  const detail = fc.constantFrom<Detail>('auto', 'low', 'high');
  fc.assert(
    fc.property(name, side, side, detail, (model, width, height, how) => {
      const tokens = of(model)?.({ width, height }, how);
      expect(tokens).toBeGreaterThan(0);
      expect(Number.isInteger(tokens)).toBe(true);
    }),
  );
});
