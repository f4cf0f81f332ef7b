import { writeFile } from 'node:fs/promises';
import { messageOf } from '../../src/thrown.ts';
import { loadOptions, USAGE } from './options.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = loadOptions(args);
  if (options === 'help') return console.log(USAGE);
  const [{ load }, { loadReport }] = await Promise.all([import('./run.ts'), import('./report.ts')]);
  const result = await load(options, say);
  if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  console.log(loadReport(result));
}

// Registered here, so that child processes end with this process on a signal too.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  say(`load: ${messageOf(error)}`);
  process.exit(1);
}
