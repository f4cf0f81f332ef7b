import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { within } from '../../../src/testing/waits.ts';
import { loadOptions } from '../../../tools/load/options.ts';
import type { LoadResult } from '../../../tools/load/result.ts';
import { describeWithServerInstalled } from '../../support/real-parts.ts';

/** A worker, a job and the users are programs, and machines that run tests are busy. */
const LIMIT_MS = 300_000;

afterEach(endChildren);

describeWithServerInstalled('the load', () => {
  // /proc has the resources of a process.
  test.runIf(process.platform === 'linux')(
    'npm run load fills a room, asks in it, and reports the costs',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'load-'));
      const json = join(folder, 'load.json');
      try {
        const args = ['--rooms', '1', '--workers', '1', '--seconds', '6', '--json', json];
        const load = new Child(['tools/load/main.ts', ...args]);
        const { code } = await within('end of the load', load.ended, LIMIT_MS);
        expect(code, load.output).toBe(0);
        const result = JSON.parse(await readFile(json, 'utf8')) as LoadResult;
        expect(result.jobs).toEqual([1]);
        const { asked, answered, withPicture } = result.questions;
        expect(asked).toBe(2);
        expect(withPicture, 'each answer was given with the picture').toBe(answered);
        expect(answered).toBeGreaterThan(0);
        expect(result.memoryMb.aRoom).toBeGreaterThan(0);
        expect(result.cpu.workers).toBeGreaterThan(0);
        expect(result.cameraFps.sent).toBeGreaterThan(0);
        for (const line of load.output.split('\n').filter((text) => text.startsWith('| ')))
          expect(line).not.toMatch(/NaN|undefined/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    LIMIT_MS,
  );
});

describe('the options of the load', () => {
  test.each([
    [['--rooms', '0'], /--rooms 0: give a whole number from 1 to 100/],
    [['--seconds', 'long'], /--seconds long: give a whole number from 5 to 3600/],
    [['--workers', '1.5'], /--workers 1.5: give/],
    [['--model', 'oracle'], /--model oracle: use reader or realtime/],
  ])('invalid options of npm run load are refused: %j', (args, message) => {
    expect(() => loadOptions(args)).toThrow(message);
  });

  test('options of npm run load have defaults', () => {
    expect(loadOptions([])).toEqual({
      rooms: 2,
      seconds: 30,
      workers: 2,
      model: 'reader',
      json: undefined,
    });
    expect(loadOptions(['--help'])).toBe('help');
  });
});
