import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { randomText } from '../../../src/testing/rooms.ts';
import { within } from '../../../src/testing/waits.ts';
import { demoOptions } from '../../../tools/demo/options.ts';
import { type Act, score, type WatchResult } from '../../../tools/demo/watch.ts';

afterEach(endChildren);

test('npm run demo -- --watch reports each text that appears once, and nothing else', async () => {
  const texts = [randomText(), randomText()];
  const folder = await mkdtemp(join(tmpdir(), 'sightline-watch-'));
  try {
    const json = join(folder, 'watch.json');
    const show = texts.flatMap((text) => ['--text', text]);
    const demo = new Child([
      'tools/demo/main.ts',
      '--watch',
      '--headless',
      '--json',
      json,
      ...show,
    ]);
    const { code } = await within('end of the demo', demo.ended, 100_000);
    expect(code, demo.output).toBe(0);
    await demo.groupIsGone();
    const { ok, watch, lines } = JSON.parse(await readFile(json, 'utf8')) as WatchResult;
    expect(ok).toBe(true);
    expect(watch).toMatchObject({ events: 2, acted: 2, missed: 0, falseActs: 0, acts: 2 });
    expect(lines).toEqual(texts.map((text) => expect.stringContaining(`"${text}"`)));
    for (const line of lines) expect(demo.output).toContain(`agent: ${line}`);
    expect(demo.output).toContain('2 of 2 texts were acted on, 0 false acts');
    expect(demo.output).not.toContain('\u001b');
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);

describe('the score of a watch', () => {
  const texts = ['ZEBRA 1', 'OTTER 2'];

  test.each<[string, Act[], object]>([
    ['nothing was reported', [], { acted: 0, missed: 2, falseActs: 0 }],
    ['one text was missed', [{ event: 1, text: 'OTTER 2' }], { acted: 1, missed: 1, falseActs: 0 }],
    [
      'one text was reported twice',
      [0, 0].map((event) => ({ event, text: 'zebra 1' })),
      { acted: 1, missed: 1, falseActs: 1 },
    ],
    [
      'a text was reported after it was gone, or was never there',
      [
        { event: -1, text: 'ZEBRA 1' },
        { event: 1, text: 'ZEBRA 1' },
      ],
      { acted: 0, missed: 2, falseActs: 2 },
    ],
  ])('the score of a watch in which %s', (_, acts, expected) => {
    expect(score(texts, acts)).toEqual({ events: 2, ...expected });
  });
});

test.each(['--avatar', '--web'])('--watch cannot be combined with %s', (option) => {
  expect(() => demoOptions(['--watch', option])).toThrow('leave out');
});
