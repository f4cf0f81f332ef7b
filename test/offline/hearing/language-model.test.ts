import { expect, test } from 'vitest';
import { languageModel } from '../../../offline/hearing/language-model.mjs';

const SENTENCES: [string, number][] = [
  ['what is this', 1],
  ['what is that', 3],
];

/** The lines of one section of the file: of words, pairs or triples. */
function section(order: number): string[][] {
  const [, lines = ''] = languageModel(SENTENCES).split(`\\${order}-grams:\n`);
  const [entries = ''] = lines.split('\n\n');
  return entries
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('\\'))
    .map((line) => line.split(' '));
}

test('a heavier sentence is more likely', () => {
  const likely = new Map(section(3).map(([log, ...words]) => [words.join(' '), Number(log)]));
  expect(likely.get('what is that')).toBeGreaterThan(likely.get('what is this') ?? 0);
});

test('the header counts the entries of each section', () => {
  const counts = [...languageModel(SENTENCES).matchAll(/^ngram \d=(\d+)$/gm)];
  expect(counts.map(([, count]) => Number(count))).toEqual([1, 2, 3].map((n) => section(n).length));
});

test('no probability is above one', () => {
  for (const order of [1, 2, 3])
    for (const [log] of section(order)) expect(Number(log)).toBeLessThanOrEqual(0);
});
