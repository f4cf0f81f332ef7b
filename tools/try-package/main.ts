// npm run try-package    packs the library, checks the package, and uses it like a user: installed
//                        in an empty project, on each Node.js of SIGHTLINE_NODES (paths of
//                        binaries, separated by `:`; by default the current one), and its testing
//                        kit in vitest, node:test, and jest if `SIGHTLINE_JEST` is the path of
//                        jest's program
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeProject, makeTypesProject } from './project.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);

/** The version of an installed package, such as `@types/node 26.6.7`. */
function versionOf(name: string): string {
  const file = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  const { name: own, version } = JSON.parse(file) as { name: string; version: string };
  return `${own} ${version}`;
}

/** Most output of a step, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;
const run = promisify(execFile);

/** One step. Its output is shown if it fails. */
async function step(
  what: string,
  command: string,
  args: readonly string[],
  cwd = ROOT,
): Promise<void> {
  try {
    await run(command, args, { cwd, maxBuffer: MAX_OUTPUT });
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout: string; stderr: string } & Error;
    console.error(stdout, stderr, message);
    throw new Error(`${what} failed`);
  }
  console.info(`try-package: ${what}: good`);
}

/** By its path, so that it runs on each Node.js. */
const VITEST = 'node_modules/vitest/vitest.mjs';
const JEST_TESTS = '**/*.jest.test.mjs';
/** The path in `SIGHTLINE_JEST`: the library itself needs no jest. */
const jest = process.env.SIGHTLINE_JEST;
const nodes = process.env.SIGHTLINE_NODES?.split(delimiter) ?? [process.execPath];

/** Uses the installed package and its testing kit on this Node.js. */
async function tryOn(node: string, project: string): Promise<void> {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const on = (what: string, args: readonly string[]) =>
    step(`${what} on Node ${version}`, node, args, project);
  await on("all exports, an encode and an avatar's process", ['use.mjs']);
  await on('the example of a test in vitest', [VITEST, 'run', 'testing']);
  await on('the kit in node:test', ['--test', 'kit.node.test.mjs']);
  if (jest)
    await on('the kit in jest', ['--experimental-vm-modules', jest, '--testMatch', JEST_TESTS]);
  await on('npx sightline', ['node_modules/sightline/dist/cli/main.js', 'inspect', '--help']);
}

const place = mkdtempSync(join(tmpdir(), 'sightline-package-'));
try {
  await step('pack', 'npm', ['pack', '--pack-destination', place]);
  const [tarball] = readdirSync(place);
  if (!tarball) throw new Error('npm pack made no file');
  const packed = join(place, tarball);
  await step('publint', bin('publint'), [packed, '--strict']);
  await step('types of the exports (attw)', bin('attw'), [packed, '--profile', 'esm-only']);
  const project = makeProject(ROOT, place, packed);
  for (const types of ['types-node-newest', '@types/node'])
    await step(`the README's code and the rest, by the types of ${versionOf(types)}`, bin('tsc'), [
      ...['--noEmit', '--project', makeTypesProject(ROOT, project, types)],
    ]);
  // Each version takes half a minute on one processor.
  const tried = await Promise.allSettled(nodes.map((node) => tryOn(node, project)));
  for (const result of tried) if (result.status === 'rejected') throw result.reason;
} catch (error) {
  console.error(`try-package: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}
