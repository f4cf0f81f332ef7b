import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { choice, described, number } from '../../../src/option-table.ts';
import type { OptionGroup } from '../../../tools/options-docs/sections.ts';
import { withTables } from '../../../tools/options-docs/tables.ts';
import { problemsOfTypes } from '../../../tools/options-docs/tsdoc.ts';

const groups: readonly OptionGroup[] = [
  { path: '', rows: { model: described('a model', 'none'), mode: choice('off', ['off', 'on']) } },
  { path: 'limits', rows: { waitMs: number(500, 1, 1000, 'ms') } },
];
const table = (waitMs: string) => `# Options

<!-- options: some -->

| option          | default | range         | meaning |
| --------------- | ------- | ------------- | ------- |
| \`model\`         | none    | a model       | which one |
| \`mode\`          | \`'off'\` | \`'off'\`, \`'on'\` | whether it runs |
| \`limits.waitMs\` | ${waitMs.padEnd(7)} | 1 to 1000 ms  | how long it waits |

<!-- pictures: models -->

| model |
| ----- |

The end.
`;

describe('the tables of the docs', () => {
  test('the tables of the docs have each default, and keep the written text', () => {
    const { text, problems } = withTables(table('400'), { some: groups });
    expect(problems).toEqual([]);
    expect(text).toContain('| `limits.waitMs` | 500 | 1 to 1000 ms | how long it waits |');
    expect(text).toMatch(/\| Gemini Live +\| jpeg +\| 75 +\| inside 1024x1024 +\| no \|/);
    expect(text).toMatch(/^# Options\n/);
    expect(text).toMatch(/\n\nThe end\.\n$/);
    expect(withTables(text, { some: groups }).text).toBe(text);
  });

  test('the tables of the docs lack no option, no meaning and no table', () => {
    const row = { path: 'limits', rows: { pauseMs: number(1, 1, 2, 'ms') } };
    const sections = { some: [...groups, row], others: groups };
    expect(withTables(table('500'), sections).problems).toEqual([
      '`limits.pauseMs` has no meaning: write it into its row',
      'the table of others is missing',
    ]);
  });

  test('the tables of the docs and TSDoc match the library', async () => {
    const docs = await readFile(new URL('../../../docs/options.md', import.meta.url), 'utf8');
    expect(withTables(docs)).toEqual({ text: docs, problems: [] });
    expect(problemsOfTypes()).toEqual([]);
  });
});

test('a wrong default in TSDoc is found, and an option without a row', () => {
  const source = ['scene/scene-change.ts', 'SceneChangeOptions'] as const;
  const rows = { threshold: number(0.05, 0, 1, ''), speed: number(1, 0, 1, '') };
  expect(problemsOfTypes({ some: [{ path: '', rows, source }] })).toEqual([
    'SceneChangeOptions.settleMs of src/scene/scene-change.ts is not in src/defaults.ts',
    'SceneChangeOptions.threshold of src/scene/scene-change.ts: @defaultValue is 0.03, not 0.05',
    'SceneChangeOptions of src/scene/scene-change.ts has no speed',
  ]);
});
