import { readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { within } from '../../../src/testing/waits.ts';
import { inRepository, textOf } from '../../support/documents.ts';

const SLOW = 120_000;
const EXAMPLES = readdirSync(inRepository('examples'))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  .map((name) => `examples/${name}`);
/** Its plugin requires another version of the framework, and is not installed here. */
const WITH_ANOTHER_PLUGIN = 'examples/beyond-presence.ts';

afterEach(endChildren);

test.each(EXAMPLES)('%s says at its top how it is started and what it needs', (example) => {
  const [comment = ''] = /^(\/\/.*\n)+/.exec(textOf(example)) ?? [];
  expect(comment).toContain(`Run it: \`npx tsx ${example} dev\``);
  expect(comment).toMatch(/_API_KEY|keys of a LiveKit Cloud project/);
  if (example === WITH_ANOTHER_PLUGIN) expect(comment).toMatch(/`npm install .+`/);
});

test.each(EXAMPLES.filter((example) => example !== WITH_ANOTHER_PLUGIN))(
  '%s is a worker with the commands of the framework',
  async (example) => {
    const worker = new Child([example, '--help']);
    const { code } = await within('the end of the help', worker.ended, SLOW);
    expect(worker.output).toMatch(/^ {2}dev .+^ {2}start |^ {2}start .+^ {2}dev /ms);
    expect(code).toBe(0);
  },
  SLOW,
);
