// npm run options             writes the tables of docs/options.md from src/defaults.ts
// npm run options -- --check  fails if they, or the defaults in TSDoc, are out of date
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from './tables.ts';
import { problemsOfTypes } from './tsdoc.ts';

const file = new URL('../../docs/options.md', import.meta.url);
const old = readFileSync(file, 'utf8');
const { text, problems } = withTables(old);

problems.push(...problemsOfTypes());
if (process.argv.includes('--check')) {
  if (text !== old) problems.push('docs/options.md is out of date: run `npm run options`');
} else {
  writeFileSync(file, text);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
