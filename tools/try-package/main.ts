// npm run try-package    packs the library, checks the package, and uses it like a user: installed
//                        in an empty project, on each Node.js of SIGHTLINE_NODES (paths of
//                        binaries, separated by `:`; by default the current one), and its testing
//                        kit in vitest, node:test, and jest if `SIGHTLINE_JEST` is the path of
//                        jest's program
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeProject, makeTypesProject } from './project.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);

/** The version of an installed package, such as `@types/node 26.6.7`. */
function versionOf(name: string): string {
  const file = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  const { name: own, version } = JSON.parse(file) as { name: string; version: string };
  return `${own} ${version}`;
}

/** One step. Its output is shown if it fails. */
function step(what: string, command: string, args: readonly string[], cwd = ROOT): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) {
    console.info(`try-package: ${what}: good`);
    return;
  }
  console.error(stdout, stderr, error ?? '');
  throw new Error(`${what} failed`);
}

/** By its path, so that it runs on each Node.js. */
const VITEST = 'node_modules/vitest/vitest.mjs';
/** The path in `SIGHTLINE_JEST`: the library itself needs no jest. */
const jest = process.env.SIGHTLINE_JEST;
const nodes = process.env.SIGHTLINE_NODES?.split(delimiter) ?? [process.execPath];
const place = mkdtempSync(join(tmpdir(), 'sightline-package-'));
try {
  step('pack', 'npm', ['pack', '--pack-destination', place]);
  const [tarball] = readdirSync(place);
  if (!tarball) throw new Error('npm pack made no file');
  const packed = join(place, tarball);
  step('publint', bin('publint'), [packed, '--strict']);
  step('types of the exports (attw)', bin('attw'), [packed, '--profile', 'esm-only']);
  const project = makeProject(ROOT, place, packed);
  // The compiler written in Go, and the one before it, which many projects still have.
  for (const [types, compiler, tsc] of [
    ['types-node-newest', '@typescript/native', 'tsc'],
    ['@types/node', 'typescript', 'tsc6'],
  ] as const)
    step(
      `the README's code and the rest, by ${versionOf(compiler)} and the types of ${versionOf(types)}`,
      bin(tsc),
      ['--noEmit', '--project', makeTypesProject(ROOT, project, types)],
    );
  for (const node of nodes) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    step(
      `all exports, an encode and an avatar's process on Node ${version}`,
      node,
      ['use.mjs'],
      project,
    );
    step(
      `the example of a test in vitest on Node ${version}`,
      node,
      [VITEST, 'run', 'testing'],
      project,
    );
    step(`the kit in node:test on Node ${version}`, node, ['--test', 'kit.node.test.mjs'], project);
    if (jest)
      step(
        `the kit in jest on Node ${version}`,
        node,
        ['--experimental-vm-modules', jest, '--testMatch', '**/*.jest.test.mjs'],
        project,
      );
    step(
      `npx sightline on Node ${version}`,
      node,
      ['node_modules/sightline/dist/cli/main.js', 'inspect', '--help'],
      project,
    );
  }
} catch (error) {
  console.error(`try-package: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}
