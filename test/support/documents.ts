import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** The path of a file of this repository, from its root. */
export const inRepository = (path: string) => fileURLToPath(new URL(path, ROOT));

/** The documents that people write: `docs/api` is generated. */
export const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(inRepository('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const textOf = (path: string) => readFileSync(inRepository(path), 'utf8');

/** Without its code blocks, with the same lines. */
export const withoutCode = (markdown: string) =>
  markdown.replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''));

/** The words that a reader reads: without code, names in code, and addresses. */
export const proseOf = (markdown: string) =>
  withoutCode(markdown)
    .replace(/`[^`\n]*`/g, '`code`')
    .replace(/\]\([^)\n]*\)/g, ']');

/** What stands in code within the text, such as an option, an event or a path. */
export const namesIn = (markdown: string) =>
  [...withoutCode(markdown).matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
