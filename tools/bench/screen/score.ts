import leven from 'leven';
import type { ScreenWord } from '../../../offline/screen-reader.ts';
import type { TextLine } from './layouts.ts';
import type { Screen } from './screens.ts';

/** The characters of a text without its spaces. */
export const characters = (text: string): number => bare(text).length;

/** Characters of the screen that were read at their places: all, less one for each mistake. */
export function charactersRead({ lines, width, height }: Screen, words: readonly ScreenWord[]) {
  const placed = words.map((word) => ({
    text: word.text,
    x: (word.x + word.width / 2) * width,
    y: (word.y + word.height / 2) * height,
  }));
  return lines.reduce((sum, line) => {
    const found = placed.filter((word) => isIn(line, word)).sort((a, b) => a.x - b.x);
    const read = found.map(({ text }) => text).join('');
    return sum + Math.max(0, characters(line.text) - leven(bare(line.text), bare(read)));
  }, 0);
}

const isIn = (line: TextLine, { x, y }: { x: number; y: number }): boolean =>
  x >= line.x && x < line.x + line.width && y >= line.y && y < line.y + line.height;

const bare = (text: string): string => text.replaceAll(' ', '');
