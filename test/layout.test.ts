import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Tests of several rooms together, or of none: they mirror no file. */
const WITHOUT_MIRROR = ['integration/', 'faults/', 'security/', 'stories/', 'layout.test.ts'];

const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts'));
const tests = all.filter((file) => !WITHOUT_MIRROR.some((start) => file.startsWith(start)));

/** What the suites of a file are described with says what they need; a browser counts most. */
const needOf = (text: string) => {
  const [used] = ['Browser', 'Server'].filter((part) =>
    new RegExp(`\\bdescribeWith\\w*${part}\\w*\\(`).test(text),
  );
  return used?.toLowerCase();
};
const NEED = /\.(server|browser|slow)\.test\.ts$/;

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
      ? [`${subject}.ts`, `${subject}.mjs`]
      : [`src/${subject}.ts`, `src/${subject}.machine.ts`, `src/${subject}/`],
  );
};

const isThere = (path: string) => existsSync(join(ROOT, path));

test('each test has the path of the file that it tests', () => {
  expect(tests.length).toBeGreaterThan(100);
  expect(tests.filter((file) => !mirrors(file).some(isThere))).toEqual([]);
});

test('the name of a test says whether it needs a server or a browser', () => {
  const wrong = all.filter((file) => {
    const [, named] = NEED.exec(file) ?? [];
    const needed = needOf(readFileSync(join(ROOT, 'test', file), 'utf8'));
    return needed ? named !== needed : named === 'server' || named === 'browser';
  });
  expect(wrong).toEqual([]);
  expect(all.filter((file) => NEED.test(file)).length).toBeGreaterThan(50);
});

test('no test loads modules a second time into the process that it shares with others', () => {
  // Two copies of a module that wraps the engine or a socket lose each other's events.
  const loads = /\bvi\.(resetModules|doMock|mock)\(/;
  const read = (file: string) => readFileSync(join(ROOT, 'test', file), 'utf8');
  const others = all.filter((file) => file !== 'layout.test.ts');
  expect(others.filter((file) => loads.test(read(file)))).toEqual([]);
});
