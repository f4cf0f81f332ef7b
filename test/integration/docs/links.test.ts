import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS, inRepository, textOf, withoutCode } from '../../support/documents.ts';

/** The targets of links and pictures in this repository. */
const targetsIn = (markdown: string) =>
  [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
    .map(([, link, picture]) => link ?? picture ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchor that GitHub makes of a heading. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (markdown: string) =>
  [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

function isBroken(document: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file ? posix.join(posix.dirname(document), file) : document;
  if (!existsSync(inRepository(path))) return true;
  return anchor !== undefined && !anchorsOf(textOf(path)).includes(anchor);
}

test.each(DOCUMENTS)('each link and picture of %s exists', (document) => {
  const targets = targetsIn(textOf(document));
  expect(targets.filter((target) => isBroken(document, target))).toEqual([]);
});

test('the README links every page of docs, and every example', () => {
  const targets = targetsIn(textOf('README.md'));
  const pages = DOCUMENTS.filter((document) => document.startsWith('docs/'));
  expect(pages.filter((page) => !targets.includes(page))).toEqual([]);
  expect(targets.filter((target) => /^examples\/[\w-]+\.ts$/.test(target)).length).toBeGreaterThan(
    8,
  );
});
