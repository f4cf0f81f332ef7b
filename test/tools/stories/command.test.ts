import { describe, expect, test } from 'vitest';
import { nothingChecked } from '../../../src/testing/story/promises.ts';
import { storiesCommand } from '../../../tools/stories/command.ts';
import type { Failure } from '../../../tools/stories/play.ts';
import { Tally } from '../../../tools/stories/tally.ts';

/** Runs the command with stories whose speeches were checked, or could not be, so often. */
async function command(
  checked: number,
  unmeasured: number,
  { failures = [], unjudged }: { failures?: readonly Failure[]; unjudged?: string } = {},
) {
  const printed: string[] = [];
  const code = await storiesCommand(['--seed', '7'], {
    play: async ({ seed, minutes }, events) => {
      const tally = new Tally(() => [], events);
      const heard = { checked, broken: 0, unmeasured };
      const promises = { ...nothingChecked(), heard };
      const played = { story: [], promises, failures, framework: [] };
      tally.add(seed, { ...played, ...(unjudged ? { unmeasured: unjudged } : {}) });
      return tally.result(seed, minutes);
    },
    print: (text) => printed.push(text),
    say: (line) => printed.push(line),
  });
  return { code, printed: printed.join('\n') };
}

const broken: Failure = { promise: 'seen', story: [], seed: 7, message: 'no picture', again: 3 };

describe('npm run stories', () => {
  test('the command succeeds if most speeches were checked', async () => {
    expect(await command(10, 10)).toMatchObject({ code: 0 });
    expect((await command(100, 20)).printed).toMatch(/\| heard +\| 100 +\| 0 +\| 20 +\|/);
  });

  test('the command fails with the remedy if most speeches could not be checked', async () => {
    const { code, printed } = await command(10, 11);
    expect(code).toBe(1);
    expect(printed).toMatch(/lost sound during most speeches: use fewer --workers$/);
  });

  test('the command succeeds after so few speeches that they show nothing', async () => {
    expect(await command(0, 9)).toMatchObject({ code: 0 });
    expect(await command(0, 10)).toMatchObject({ code: 1 });
  });

  test('the command fails if most stories could not be judged, and names each with its reason', async () => {
    const { code, printed } = await command(0, 0, { unjudged: 'no news for the agent' });
    expect(code).toBe(1);
    expect(printed).toMatch(/not judged: seed 7: no news for the agent/);
    expect(printed).toMatch(/the server failed in most stories: use fewer --workers$/);
  });

  test('the command fails if a promise was broken', async () => {
    const { code, printed } = await command(10, 0, { failures: [broken] });
    expect(code).toBe(1);
    expect(printed).toMatch(/1 promises were broken$/);
  });

  test('the command fails if its options are wrong, and succeeds with its help', async () => {
    const host = {
      play: () => Promise.reject(new Error('played')),
      print: () => {},
      say: () => {},
    };
    expect(await storiesCommand(['--minutes', '0'], host)).toBe(1);
    expect(await storiesCommand(['--help'], host)).toBe(0);
  });
});
