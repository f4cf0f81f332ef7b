import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linesOf } from '../../src/inspect/lines.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-lines-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function linesIn(text: string, limit: number) {
  const file = join(dir, 'lines');
  await writeFile(file, text);
  const lines: (string | undefined)[] = [];
  for await (const line of linesOf(file, limit)) lines.push(line);
  return lines;
}

test.each([
  ['', []],
  ['a\nb', ['a', 'b']],
  ['a\n\nb\n', ['a', '', 'b']],
  ['abcd\nabcde\nb\n', ['abcd', undefined, 'b']],
  ['b\nabcde', ['b', undefined]],
])('the lines of %j are %j if the limit is 4 characters', async (text, lines) => {
  expect(await linesIn(text, 4)).toEqual(lines);
});

test('a line that spans several reads of the file is one line, or one that exceeds the limit', async () => {
  // The file is read in pieces of 64 KB.
  const long = 'x'.repeat(150_000);
  expect(await linesIn(`${long}\nb`, 150_000)).toEqual([long, 'b']);
  expect(await linesIn(`${long}\nb`, 100_000)).toEqual([undefined, 'b']);
});
