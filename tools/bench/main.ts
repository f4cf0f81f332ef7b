import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../src/thrown.ts';
import { benchOptions, USAGE } from './options.ts';

const DOCS = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = benchOptions(args);
  if (options === 'help') return console.log(USAGE);
  const [{ runParts }, { report }] = await Promise.all([
    import('./parts.ts'),
    import('./report/report.ts'),
  ]);
  const { json } = options;
  const result = await runParts(options, {
    say,
    save: async (soFar) => {
      if (json) await writeFile(json, `${JSON.stringify(soFar, null, 2)}\n`);
    },
  });
  const text = report(result);
  console.log(text);
  if (options.docs) await writeFile(DOCS, `${text}\n`);
  if (result.ledger && !result.ledger.sumsHold)
    throw new Error('frames are lost or counted twice: the sums of the ledger do not hold');
}

// Registered here, so that child processes end with this process on a signal too.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  say(`bench: ${messageOf(error)}`);
  process.exit(1);
}
