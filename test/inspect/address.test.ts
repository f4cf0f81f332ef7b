import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAddress, forgetAddress, tellAddress } from '../../src/inspect/address.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-address-'));
});
afterAll(() => rm(folder, { recursive: true }));

const agentUrl = 'ws://127.0.0.1:4747/token/agent';

test('an inspector that ends removes its own address, and leaves that of a newer one', async () => {
  const file = join(folder, 'inspector.json');
  const newer = { pid: process.pid, agentUrl };
  await tellAddress({ pid: process.ppid, agentUrl }, file);
  await tellAddress(newer, file);
  await forgetAddress(process.ppid, file);
  expect(await findAddress(file)).toEqual(newer);
  await forgetAddress(process.pid, file);
  expect(await findAddress(file)).toBeUndefined();
});

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('only the user can read the address, whatever the mode of an older file', async () => {
  const inside = join(folder, 'of-the-user');
  const file = join(inside, 'inspector.json');
  await tellAddress({ pid: process.pid, agentUrl }, file);
  expect([await modeOf(inside), await modeOf(file)]).toEqual([0o700, 0o600]);
  await chmod(file, 0o644);
  await tellAddress({ pid: process.pid, agentUrl }, file);
  expect(await modeOf(file)).toBe(0o600);
});

/** More than any process id. */
const DEAD = 2 ** 30;

test.each([
  ['a program on another machine', { agentUrl: 'ws://10.0.0.1:4747/token/agent' }],
  ['another name of this machine', { agentUrl: 'ws://localhost:4747/token/agent' }],
  ['another protocol', { agentUrl: 'wss://127.0.0.1:4747/token/agent' }],
  ['no URL', { agentUrl: 'here' }],
  ['a process that ended', { pid: DEAD }],
  ['no process', { pid: 1.5 }],
])('an address of %s is not used', async (_, change) => {
  const file = join(folder, 'changed.json');
  await tellAddress({ pid: process.pid, agentUrl, ...change }, file);
  expect(await findAddress(file)).toBeUndefined();
});

test('a file that others can write, or that has no address, is not used', async () => {
  const file = join(folder, 'shared.json');
  await tellAddress({ pid: process.pid, agentUrl }, file);
  expect(await findAddress(file)).toEqual({ pid: process.pid, agentUrl });
  for (const mode of [0o620, 0o602]) {
    await chmod(file, mode);
    expect(await findAddress(file)).toBeUndefined();
  }
  await chmod(file, 0o600);
  await writeFile(file, 'null');
  expect(await findAddress(file)).toBeUndefined();
});
