import sharp from 'sharp';

/** Colours and brightness of a picture. */
export interface Light {
  /** Names of the main colours, the most frequent first; at most three. */
  readonly colours: readonly string[];
  /** Average brightness, from 0 (black) to 1 (white). */
  readonly brightness: number;
}

/** The picture is reduced to this width and height: details do not count. */
const SIZE = 48;
/** A colour counts from this share of the picture on. */
const MIN_SHARE = 0.1;
const MAX_COLOURS = 3;

export async function lightOf(picture: Buffer): Promise<Light> {
  const pixels = await sharp(picture)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(SIZE, SIZE, { fit: 'fill' })
    .raw()
    .toBuffer();
  const counts = new Map<string, number>();
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    sum += 0.299 * red + 0.587 * green + 0.114 * blue;
    const name = colourName(red, green, blue);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const total = SIZE * SIZE;
  const colours = [...counts]
    .filter(([, count]) => count / total >= MIN_SHARE)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_COLOURS)
    .map(([name]) => name);
  return { colours, brightness: sum / total / 255 };
}

/** Upper ends of the hues, in degrees. */
const HUES: readonly (readonly [end: number, name: string])[] = [
  [15, 'red'],
  [42, 'orange'],
  [70, 'yellow'],
  [165, 'green'],
  [260, 'blue'],
  [300, 'purple'],
  [340, 'pink'],
  [360, 'red'],
];

/** The everyday name of a colour of which each part is 0 to 255. */
export function colourName(red: number, green: number, blue: number): string {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  const range = most - least;
  if (most < 50) return 'black';
  if (range < 0.18 * most) return most > 200 ? 'white' : 'grey';
  const turn =
    most === red
      ? (green - blue) / range
      : most === green
        ? 2 + (blue - red) / range
        : 4 + (red - green) / range;
  const hue = (turn * 60 + 360) % 360;
  const name = HUES.find(([end]) => hue <= end)?.[1] ?? 'red';
  const isDarkOrPale = most < 190 || range < 0.45 * most;
  return isDarkOrPale && (name === 'orange' || (name === 'red' && hue > 8 && hue < 20))
    ? 'brown'
    : name;
}
