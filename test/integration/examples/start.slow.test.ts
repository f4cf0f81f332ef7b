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
const COMMANDS = /^ {2}dev .+^ {2}start |^ {2}start .+^ {2}dev /ms;

afterEach(endChildren);

test.each(EXAMPLES)('%s says at its top how it is started and what it needs', (example) => {
  const [comment = ''] = /^(\/\/.*\n)+/.exec(textOf(example)) ?? [];
  expect(comment).toContain(`Run it: \`npx tsx ${example} dev\``);
  expect(comment).toMatch(/_API_KEY|keys of a LiveKit Cloud project/);
  if (example === WITH_ANOTHER_PLUGIN) expect(comment).toMatch(/`npm install .+`/);
});

/** Imports each example as if it were started with `--help`, and prints how it ended. */
const STARTS = `
  const ends = [];
  process.exit = (code) => {
    throw new Error('exit ' + code);
  };
  for (const example of process.argv.slice(1)) {
    const file = process.cwd() + '/' + example;
    process.argv = [process.argv[0], file, '--help'];
    let help = '';
    process.stdout.write = (text) => (help += text) !== '';
    const end = await import(file).catch((error) => error);
    ends.push([example, help, end.message ?? 'it went on']);
  }
  console.error(JSON.stringify(ends));
  process.kill(process.pid);
`;

// One process: to load the framework takes longer than to load an example.
test(
  'each example is a worker with the commands of the framework',
  async () => {
    const examples = EXAMPLES.filter((example) => example !== WITH_ANOTHER_PLUGIN);
    const worker = new Child(['--input-type=module', '--eval', STARTS, ...examples]);
    await within('the end of the examples', worker.ended, SLOW);
    expect(JSON.parse(worker.output)).toEqual(
      examples.map((example) => [example, expect.stringMatching(COMMANDS), 'exit 0']),
    );
  },
  SLOW,
);
