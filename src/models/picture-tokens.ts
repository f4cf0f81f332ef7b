import { llm } from '@livekit/agents';
import type { Size } from '../frames/geometry.ts';
import { activeMember } from '../internals/agents.ts';

/** How closely the model should look. */
export type Detail = 'auto' | 'low' | 'high';

/** The properties of a model that determine the price of a picture. */
export interface PricedModel {
  /** The provider's name of the model, such as `gpt-4o` or `openai/gpt-4o`. */
  readonly name: string;
  /** It gets pictures as a live stream instead of in requests. */
  readonly isRealtime: boolean;
  /** Google's `mediaResolution`, if it is set. */
  readonly mediaResolution?: string | undefined;
}

/** Estimates the input tokens of one picture. */
export type TokenRule = (size: Size, detail: Detail) => number;

interface Family {
  readonly names: RegExp;
  rule(model: PricedModel): TokenRule;
}

const openaiTiles = (base: number, tile: number) => () => tiles(base, tile);
const openaiPatches = (factor: number, caps: PatchCaps) => () => patches(factor, caps);
const SMALL: PatchCaps = { high: 1536, auto: 1536 };

/**
 * The providers' published rules by family of models; the first match counts. They are estimates: a
 * provider may change its rule, and bills text around a picture as well.
 */
const FAMILIES: readonly Family[] = [
  { names: /gemini-([3-9]|\d\d)/, rule: gemini3 },
  { names: /gemini/, rule: gemini2 },
  { names: /claude-(3|haiku-4|sonnet-4|opus-4|.*-4-)/, rule: () => anthropicArea },
  { names: /claude/, rule: () => anthropicPatches },
  { names: /grok/, rule: () => xaiTiles },
  { names: /gpt-(4\.1|5(\.\d)?)-mini/, rule: openaiPatches(1.62, SMALL) },
  { names: /gpt-(4\.1|5(\.\d)?)-nano/, rule: openaiPatches(2.46, SMALL) },
  { names: /o4-mini/, rule: openaiPatches(1.72, SMALL) },
  { names: /gpt-5\.[4-9]/, rule: openaiPatches(1.2, { high: 2500, auto: 10_000 }) },
  { names: /gpt-[6-9]/, rule: openaiPatches(1.2, { high: 2500, auto: Number.POSITIVE_INFINITY }) },
  { names: /gpt-5/, rule: openaiTiles(70, 140) },
  { names: /gpt-4o-mini(?!-realtime)/, rule: openaiTiles(2833, 5667) },
  { names: /(^|\/)(o1|o3)/, rule: openaiTiles(75, 150) },
  // OpenAI publishes no rule for its realtime models; that of gpt-4o is used.
  { names: /gpt-(4o|4\.1|4\.5|4-turbo|realtime)|chatgpt-4o/, rule: openaiTiles(85, 170) },
];

/** The rule for a model; `undefined` for a model whose provider's rule is not known. */
export function tokenRule(model: PricedModel): TokenRule | undefined {
  return FAMILIES.find(({ names }) => names.test(model.name))?.rule(model);
}

/** The properties of this model that determine the price of a picture. */
export function pricedModel(model: llm.LLM | llm.RealtimeModel): PricedModel {
  if (model instanceof llm.LLM) return { name: activeMember(model).model, isRealtime: false };
  const options = '_options' in model ? (model._options as { mediaResolution?: string }) : {};
  return { name: model.model, isRealtime: true, mediaResolution: options.mediaResolution };
}

/** OpenAI: inside 2048x2048, the shorter side at most 768, then tiles of 512x512. */
function tiles(base: number, tile: number): TokenRule {
  return (size, detail) => {
    if (detail === 'low') return base;
    const inside = within(size, 2048);
    const { width, height } = scaled(
      inside,
      Math.min(1, 768 / Math.min(inside.width, inside.height)),
    );
    return base + tile * Math.ceil(width / 512) * Math.ceil(height / 512);
  };
}

interface PatchCaps {
  readonly high: number;
  readonly auto: number;
}

/** OpenAI: patches of 32x32; a picture that has too many is scaled down until they fit. */
function patches(factor: number, caps: PatchCaps): TokenRule {
  const PATCH = 32;
  const count = ({ width, height }: Size) => Math.ceil(width / PATCH) * Math.ceil(height / PATCH);
  return (size, detail) => {
    if (detail === 'low') return Math.ceil(factor * count(within(size, 512)));
    const cap = caps[detail];
    if (count(size) <= cap) return Math.ceil(factor * count(size));
    const shrink = Math.sqrt((cap * PATCH ** 2) / (size.width * size.height));
    const across = (size.width * shrink) / PATCH;
    const down = (size.height * shrink) / PATCH;
    // Scaled again, so that both sides are whole patches.
    const whole = (side: number) => Math.max(1, Math.floor(side)) / side;
    const fit = Math.min(whole(across), whole(down));
    return Math.ceil(factor * count(scaled(size, shrink * fit)));
  };
}

/** Google, Gemini 3: tokens by media resolution, whatever the size. */
function gemini3({ isRealtime, mediaResolution = '' }: PricedModel): TokenRule {
  const level = /LOW|MEDIUM|ULTRA_HIGH|HIGH/.exec(mediaResolution)?.[0];
  if (isRealtime) return () => (level?.endsWith('HIGH') ? 280 : 70);
  const byLevel: Readonly<Record<string, number>> = { LOW: 280, MEDIUM: 560, ULTRA_HIGH: 2240 };
  return () => byLevel[level ?? ''] ?? 1120;
}

/** Google, Gemini 2: 258 a tile of 768x768; a frame of a live stream is one tile. */
function gemini2({ isRealtime, mediaResolution = '' }: PricedModel): TokenRule {
  if (mediaResolution.endsWith('LOW')) return () => 64;
  return ({ width, height }) => {
    if (isRealtime || Math.max(width, height) <= 384) return 258;
    return 258 * Math.ceil(width / 768) * Math.ceil(height / 768);
  };
}

/** Anthropic until Claude 4: inside 1568x1568, an area of 750 pixels a token, at most 1600. */
const anthropicArea: TokenRule = (size) => {
  const { width, height } = within(size, 1568);
  return Math.min(1600, Math.ceil((width * height) / 750));
};

/** Anthropic since then: inside 2016x2016, patches of 28x28. */
const anthropicPatches: TokenRule = (size) => {
  const { width, height } = within(size, 2016);
  return Math.ceil(width / 28) * Math.ceil(height / 28);
};

/** xAI: at most six tiles of 448x448 and one for the whole, 256 tokens each. */
const xaiTiles: TokenRule = ({ width, height }) =>
  256 * (Math.min(6, Math.ceil(width / 448) * Math.ceil(height / 448)) + 1);

const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.max(1, Math.round(width * factor)),
  height: Math.max(1, Math.round(height * factor)),
});

const within = (size: Size, side: number): Size =>
  scaled(size, Math.min(1, side / Math.max(size.width, size.height)));
