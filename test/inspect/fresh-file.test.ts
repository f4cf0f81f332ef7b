import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFresh } from '../../src/inspect/fresh-file.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-file-'));
  file = join(dir, 'recording');
});
afterEach(() => rm(dir, { recursive: true }));

async function write(text: string): Promise<void> {
  const stream = writeFresh(file);
  stream.end(text);
  await once(stream, 'close');
}

test('a new file can be read by its user only', async () => {
  await write('new');
  expect((await lstat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toBe('new');
});

test('a file that others can read, or have open, is replaced by one that they cannot', async () => {
  await writeFile(file, 'old', { mode: 0o666 });
  const reader = await open(file);
  await write('new');
  expect((await lstat(file)).mode & 0o777).toBe(0o600);
  expect(await reader.readFile('utf8')).toBe('old');
  await reader.close();
});

test('a link or a folder is refused, and what it points to is not touched', async () => {
  const target = join(dir, 'target');
  await writeFile(target, 'precious');
  await symlink(target, file);
  await expect(write('new')).rejects.toThrow(`${file} is a link: give another name`);
  expect(await readFile(target, 'utf8')).toBe('precious');
  await rm(file);
  await mkdir(file);
  await expect(write('new')).rejects.toThrow(`${file} is no file: give another name`);
});
