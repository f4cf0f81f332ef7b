import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { inspect } from '../../src/cli/inspect.ts';
import { startInspector } from '../../src/inspect/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-cli-'));
  vi.stubEnv('SIGHTLINE_INSPECT_FILE', join(folder, 'inspector.json'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('a requested port that is taken is an error, and is not replaced by another one', async () => {
  const other = await startInspector();
  const interrupt = () => void process.emit('SIGINT');
  // An inspector that starts anyway prints its address, and is ended.
  vi.spyOn(console, 'log').mockImplementation(() => setImmediate(interrupt));
  await expect(inspect(['--port', String(other.port)])).rejects.toThrow('EADDRINUSE');
  await other.close();
});

test('a recording that does not exist is an error with the remedy', async () => {
  const file = join(folder, 'none.jsonl');
  await expect(inspect([file])).rejects.toThrow(
    `${file}: there is no such file. Give the path of a recording`,
  );
});
