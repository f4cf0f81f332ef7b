import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TYPESCRIPT } from '../../../src/testing/processes/typescript.ts';

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-typescript-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function outputOf(code: string): Promise<string> {
  const program = join(folder, 'program.ts');
  await writeFile(program, code);
  const { stdout } = await run(process.execPath, [...TYPESCRIPT, program]);
  return stdout.trim();
}

test('a TypeScript program runs as its file is now, whatever was compiled before', async () => {
  expect(await outputOf('const a: number = 1; console.log(a);')).toBe('1');
  expect(await outputOf('const a: number = 2; console.log(a);')).toBe('2');
  expect(await outputOf('const a: number = 2; console.log(a);')).toBe('2');
});

test('an error of a TypeScript program names the line of its source', async () => {
  const code = [
    'interface Gone {',
    '  all: string;',
    '}',
    'class Kept { constructor(readonly gone: Gone) {} }',
    "console.log(new Error(new Kept({ all: 'said' }).gone.all).stack);",
  ];
  expect(await outputOf(code.join('\n'))).toMatch(/^Error: said\n.*program\.ts:5:/);
});

test('a TypeScript program imports JSON', async () => {
  await writeFile(join(folder, 'given.json'), '{ "text": "read" }');
  const code = "import given from './given.json' with { type: 'json' }; console.log(given.text);";
  expect(await outputOf(code)).toBe('read');
});
