import { messageOf } from '../../src/thrown.ts';
import '../../src/testing/processes/quiet.ts';
import { writeFile } from 'node:fs/promises';
import { soakOptions, USAGE } from './options.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = soakOptions(args);
  if (options === 'help') return console.log(USAGE);
  const [{ soak }, { sampleLine, soakReport }, { verdict }] = await Promise.all([
    import('./run.ts'),
    import('./report.ts'),
    import('./verdict.ts'),
  ]);
  say(`soak: ${options.minutes} minutes, seed ${options.seed}`);
  const result = await soak(options, (sample) => say(sampleLine(sample)));
  const verdicts = verdict(result);
  if (options.json)
    await writeFile(options.json, `${JSON.stringify({ ...result, verdicts }, null, 2)}\n`);
  console.log(soakReport(result));
  const growing = verdicts.filter(({ grows }) => grows).map(({ figure }) => figure);
  if (growing.length > 0) throw new Error(`${growing.join(', ')} grow`);
}

// Registered here, so that child processes end with this process on a signal too.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  say(`soak: ${messageOf(error)}`);
  process.exit(1);
}
