import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** The absolute path of a file of this repository. */
export const inRepository = (path: string) => fileURLToPath(new URL(path, ROOT));

/** The documents that people write; `docs/api` is generated. */
export const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(inRepository('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const textOf = (path: string) => readFileSync(inRepository(path), 'utf8');

/** The text without its code blocks; the line numbers stay. */
export const withoutCode = (markdown: string) =>
  markdown.replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''));

/** The prose: without code, names in code, and addresses. */
export const proseOf = (markdown: string) =>
  withoutCode(markdown)
    .replace(/`[^`\n]*`/g, '`code`')
    .replace(/\]\([^)\n]*\)/g, ']');

/** Names in inline code, such as an option, an event or a path. */
export const namesIn = (markdown: string) =>
  [...withoutCode(markdown).matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
