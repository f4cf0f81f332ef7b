/** The meaning of a piece of text; the drawing gives each tone its colour. */
export type Tone =
  | 'plain'
  | 'title'
  | 'muted'
  | 'event'
  | 'guard'
  | 'action'
  | 'delay'
  | 'actor'
  | 'target';

export interface Span {
  text: string;
  tone: Tone;
}

/** One line of text. `indent` moves it right, for the rest of a wrapped line. */
export interface TextLine {
  spans: Span[];
  size: number;
  indent: number;
}

// Advance widths of ASCII 32 to 126 in thousandths of the font size: Arial, and every font with its
// metrics (Helvetica, Liberation Sans).
const regular = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const bold = [
  278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
  611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
  278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
/** Other system fonts are a little wider. */
const caution = 1.11;
const boldTones: readonly Tone[] = ['title', 'event', 'delay'];

export const isBold = (tone: Tone): boolean => boldTones.includes(tone);

export function widthOf(spans: readonly Span[], size: number): number {
  let thousandths = 0;
  for (const { text, tone } of spans) {
    const widths = isBold(tone) ? bold : regular;
    for (const char of text) thousandths += widths[char.charCodeAt(0) - 32] ?? 1000;
  }
  return (thousandths / 1000) * size * caution;
}

export const lineWidth = (line: TextLine): number => line.indent + widthOf(line.spans, line.size);

/** Words that stay together if a line has space for them. */
export type Phrase = Span[][];

/** Fills lines with phrases. A phrase is broken, between its words, only if necessary. */
export function flow(
  phrases: readonly Phrase[],
  size: number,
  maxWidth: number,
  hang = 0,
): TextLine[] {
  const lines: TextLine[] = [];
  let width = 0;
  const append = (spans: readonly Span[]): boolean => {
    const line = lines.at(-1);
    const added: Span[] = [{ text: ' ', tone: 'plain' }, ...spans];
    const needed = widthOf(added, size);
    if (!line || width + needed > maxWidth) return false;
    line.spans.push(...added);
    width += needed;
    return true;
  };
  const begin = (spans: readonly Span[]): void => {
    const indent = lines.length > 0 ? hang : 0;
    lines.push({ spans: [...spans], size, indent });
    width = indent + widthOf(spans, size);
  };
  for (const phrase of phrases) {
    if (append(spaced(phrase))) continue;
    for (const [index, word] of phrase.entries()) if (index === 0 || !append(word)) begin(word);
  }
  return lines;
}

/** Words as one run of text. */
export function spaced(words: Phrase): Span[] {
  return words.flatMap((word, index) =>
    index === 0 ? word : [{ text: ' ', tone: 'plain' }, ...word],
  );
}

/** Breaks prose at its spaces, into lines of similar width. */
export function wrapProse(text: string, size: number, maxWidth: number): TextLine[] {
  if (text === '') return [];
  const phrases = text.split(' ').map((word): Phrase => [[{ text: word, tone: 'muted' }]]);
  let lines = flow(phrases, size, maxWidth);
  for (let width = maxWidth - 4; width > 0; width -= 4) {
    const narrower = flow(phrases, size, width);
    if (narrower.length > lines.length) break;
    lines = narrower;
  }
  return lines;
}
