import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DOCUMENTS, inRepository, proseOf, textOf } from '../../support/documents.ts';
import { unwantedIn } from '../../support/plain-english.ts';
import { type Prose, proseIn } from '../../support/source-prose.ts';

/** Folders whose comments, messages and test names are checked. */
const FOLDERS = ['src', 'offline', 'test', 'tools', 'examples'];
/** The declarations of published packages, the samples below, and the words of a user in a test. */
const EXCEPTIONS = {
  files: /^examples\/plugins\/|^test\/integration\/docs\/words\.test\.ts$/,
  texts: /^(user: )?Tell me\b/,
};
/** Beginnings of a test name that cannot be read without the name of its group. */
const FRAGMENT =
  /^(is|are|has|have|was|does|do|may|can|that|which|and|or|gets|takes|goes|comes|keeps|says|asks|waits|shows|sees|sends|leaves|gives|needs|names|reads)\b/;
const QUOTED_FRAGMENT = new RegExp(`['"\`]${FRAGMENT.source.slice(1)}`);

const filesOf = (folder: string) =>
  readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((path) => /\.([jt]sx?|mjs)$/.test(path) && !EXCEPTIONS.files.test(path));

function problemsOf({ kind, text }: Prose): string[] {
  if (EXCEPTIONS.texts.test(text)) return [];
  const isFragment = kind === 'test name' && FRAGMENT.test(text);
  return [...unwantedIn(text), ...(isFragment ? [`"${text}": write a whole sentence`] : [])];
}

/** Most files have no word to judge, and to parse them all takes seconds. */
const mayHaveProblems = (source: string) =>
  unwantedIn(source).length > 0 || QUOTED_FRAGMENT.test(source);

test.each(DOCUMENTS)('%s is in plain English', (document) => {
  const found = proseOf(textOf(document))
    .split('\n')
    .flatMap((line, index) =>
      unwantedIn(line, { inDocument: true }).map((one) => `${document}:${index + 1} ${one}`),
    );
  expect(found).toEqual([]);
});

test.each(FOLDERS)('comments, messages and test names in %s/ are in plain English', (folder) => {
  const found = filesOf(folder).flatMap((path) => {
    const source = textOf(path);
    if (!mayHaveProblems(source)) return [];
    return proseIn(path, source).flatMap((prose) =>
      problemsOf(prose).map((one) => `${path}:${prose.line} ${one}`),
    );
  });
  expect(found).toEqual([]);
});

test('the check of source files finds comments, messages and test names', () => {
  const source = [
    '// Nobody tells it.',
    "test.each([1])('is told of it', () => {",
    "  throw new Error('it cannot be mended');",
    '});',
  ].join('\n');
  expect(mayHaveProblems(source)).toBe(true);
  expect(mayHaveProblems("test('is in a picture', () => {});")).toBe(true);
  const found = proseIn('a.test.ts', source);
  expect(found.map(({ kind, line }) => [kind, line])).toEqual([
    ['comment', 1],
    ['test name', 2],
    ['message', 3],
  ]);
  expect(found.map((prose) => problemsOf(prose).length)).toEqual([2, 2, 1]);
});
