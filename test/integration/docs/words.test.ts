import { expect, test } from 'vitest';
import { DOCUMENTS, proseOf, textOf } from '../../support/documents.ts';

/** Phrases that a reader has to read twice, and what to write instead. */
const UNWANTED: readonly [phrase: RegExp, instead: string][] = [
  [/\b(some|no|any|every)body\b/gi, 'name the person or the thing'],
  [/\bwhoever\b/gi, 'name the person or the thing'],
  [/\b(tells?|told|telling)\b/gi, 'report, show, distinguish'],
  [/\brid(es?|ing) on\b/gi, 'is sent with'],
  [/\bmend(s|ed|ing)?\b/gi, 'fix, prevent'],
  [/\bbeside the (Python )?framework\b/gi, 'Comparison'],
  [/\bwhere (it|that|this|there|a|an|no|one|nothing)\b/gi, 'if'],
  [/\banew\b/gi, 'again'],
  [/\bdeeds?\b/gi, 'operations'],
  [/\bof its own accord\b/gi, 'by itself'],
  [/\ball the same\b/gi, 'nevertheless'],
  [/\bface\b/gi, 'avatar'],
  [/\b(its|agent's) eyes\b/gi, 'video'],
];

test.each(DOCUMENTS)('%s is in plain English', (document) => {
  const found = proseOf(textOf(document))
    .split('\n')
    .flatMap((line, index) =>
      UNWANTED.flatMap(([phrase, instead]) =>
        (line.match(phrase) ?? []).map(
          (words) => `${document}:${index + 1} "${words}": write ${instead}`,
        ),
      ),
    );
  expect(found).toEqual([]);
});
