import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { within } from '../../../src/testing/waits.ts';
import { knownFaults, stillBreaks } from '../../../tools/stories/known.ts';
import { playSeed } from '../../../tools/stories/play.ts';
import type { StoriesResult } from '../../../tools/stories/tally.ts';

afterEach(endChildren);

/** How long the command plays, in minutes: enough for the first stories. */
const MINUTES = 0.05;
const SEEDS = [2, 3, 4, 5, 6, 7, 8, 9];
/** A story that breaks a promise is made short, which takes its time. */
const LIMIT_MS = 400_000;

describe('random stories', () => {
  test.each(SEEDS)(
    'the random story of seed %i breaks no promise',
    async (seed) => {
      expect((await playSeed(seed)).failures).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'npm run stories plays them and writes the result',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'stories-'));
      const json = join(folder, 'stories.json');
      try {
        const args = [
          '--minutes',
          String(MINUTES),
          '--workers',
          '1',
          '--seed',
          '1',
          '--json',
          json,
        ];
        const stories = new Child(['tools/stories/main.ts', ...args]);
        const { code } = await within('end of the stories', stories.ended, LIMIT_MS);
        expect(code, stories.output).toBe(0);
        const result = JSON.parse(await readFile(json, 'utf8')) as StoriesResult;
        expect(result).toMatchObject({ ok: true, seed: 1, failures: [] });
        expect(result.stories).toBeGreaterThan(0);
        expect(result.promises.answered.checked).toBeGreaterThan(0);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    LIMIT_MS,
  );
});

test('each fault in known.json still breaks its promise: one that is fixed must be removed', async () => {
  for (const fault of knownFaults())
    expect([fault.why, await stillBreaks(fault)]).toEqual([fault.why, true]);
});
