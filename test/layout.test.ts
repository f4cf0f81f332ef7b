import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Tests of several rooms together, or of none: they mirror no file. */
const WITHOUT_MIRROR = ['integration/', 'faults/', 'security/', 'stories/', 'layout.test.ts'];

const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => !WITHOUT_MIRROR.some((start) => file.startsWith(start)));

/** `session/options.limits.test.ts` tests `session/options`, with the aspect `limits`. */
const subjectsOf = (file: string) => {
  const parts = file.replace(/\.test\.ts$/, '').split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
};

const mirrors = (file: string) => {
  // A tool is tested as a whole.
  if (file.startsWith('tools/')) return [dirname(file)];
  return subjectsOf(file).flatMap((subject) =>
    subject.startsWith('offline/') || subject.startsWith('examples/')
      ? [`${subject}.ts`]
      : [`src/${subject}.ts`, `src/${subject}.machine.ts`, `src/${subject}/`],
  );
};

const isThere = (path: string) => existsSync(join(ROOT, path));

test('each test has the path of the file that it tests', () => {
  expect(tests.length).toBeGreaterThan(100);
  expect(tests.filter((file) => !mirrors(file).some(isThere))).toEqual([]);
});
