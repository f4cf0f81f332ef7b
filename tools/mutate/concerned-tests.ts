import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(root, 'test/machines');

/** Imports of values. A type import cannot change a test's result. */
const IMPORT = /^import (?!type )[^;]*?from '(\.[^']+)';/gms;

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, path = '']) =>
    resolve(file, '..', path),
  );

function reaches(file: string, wanted: string, seen = new Set<string>()): boolean {
  if (file === wanted) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return importsOf(file).some((imported) => reaches(imported, wanted, seen));
}

export interface Tests {
  /** The tests that run the machine, the fastest first. */
  readonly concerned: string[];
  readonly others: string[];
}

/** The tests of `test/machines`, seen from `src/machines/NAME.machine.ts`. */
export function testsOf(name: string): Tests {
  const all = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  const machine = resolve(root, `src/machines/${name}.machine.ts`);
  const rank = (file: string) =>
    (file.startsWith(`${name}.`) ? 0 : 2) + (file.endsWith('.walks.test.ts') ? 1 : 0);
  // Rule tests check the text of a machine, not its behaviour, and real actors are slow.
  const behaviour = all.filter(
    (file) => file !== 'index.rules.test.ts' && !/\.real\.(server\.)?test\.ts$/.test(file),
  );
  const concerned = behaviour
    .filter((file) => reaches(resolve(folder, file), machine))
    .sort((a, b) => rank(a) - rank(b));
  const others = behaviour.filter((file) => !concerned.includes(file));
  const paths = (files: string[]) => files.map((file) => resolve(folder, file));
  return { concerned: paths(concerned), others: paths(others) };
}
