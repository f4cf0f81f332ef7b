import { mkdtemp, rm } from 'node:fs/promises';
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
