import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TYPESCRIPT } from '../../../src/testing/processes/typescript.ts';
import type { BenchResult } from '../../../tools/bench/result.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NODE = ['--expose-gc', ...TYPESCRIPT, 'tools/bench/main.ts'];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-bench-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function bench(...args: string[]) {
  return promisify(execFile)(process.execPath, [...NODE, ...args], { cwd: ROOT });
}

describe('npm run bench', () => {
  test('npm run bench writes the figures of frames, and null for contestants that are not installed', {
    timeout: 60_000,
  }, async () => {
    const json = join(folder, 'figures.json');
    const { stdout } = await bench(
      ...['--only', 'frames', '--iterations', '2', '--without', 'python,limit', '--json', json],
    );
    const result = JSON.parse(await readFile(json, 'utf8')) as BenchResult;

    for (const size of ['720p', '1080p'] as const) {
      const figures = {
        wallMs: expect.any(Number),
        cpuMs: expect.any(Number),
        blockedMs: expect.any(Number),
      };
      expect(result.frames?.[size]).toEqual({
        sightline: {
          ...figures,
          bytes: expect.any(Number),
          peakMb: expect.toSatisfy(isNumberOrNull),
          psnrDb: expect.any(Number),
        },
        framework: {
          ...figures,
          bytes: expect.any(Number),
          peakMb: expect.toSatisfy(isNumberOrNull),
          psnrDb: null,
        },
        python: null,
        limit: null,
      });
      const { sightline, framework } = result.frames?.[size] ?? {};
      expect(sightline?.psnrDb).toBeGreaterThan(30);
      expect(framework?.bytes).toBeGreaterThan(10 * (sightline?.bytes ?? 0));
    }
    expect(result.ledger?.sumsHold).toBe(true);
    expect(result.ledger?.counts.sampled).toBeGreaterThan(0);
    expect(result.machine).toMatchObject({ cpus: expect.any(Number), node: process.version });
    expect(result).not.toHaveProperty('streams');
    expect(stdout).toContain('## One frame → one picture');
  });

  test('npm run bench reports an invalid option in one line', async () => {
    const failure = await bench('--only', 'frames,colours').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 1,
      stderr:
        'bench: --only colours: use frames, streams, processors, slow, replacements, watch, cost, screen, share\n',
    });
  });
});

const isNumberOrNull = (value: unknown) => value === null || typeof value === 'number';
