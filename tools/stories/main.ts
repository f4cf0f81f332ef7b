import { messageOf } from '../../src/thrown.ts';
import '../../src/testing/processes/quiet.ts';
import { writeFile } from 'node:fs/promises';
import { storiesOptions, USAGE } from './options.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = storiesOptions(args);
  if (options === 'help') return console.log(USAGE);
  const [{ playStories }, { failureText, storiesReport }] = await Promise.all([
    import('./run.ts'),
    import('./report.ts'),
  ]);
  say(`stories: ${options.minutes} minutes, seed ${options.seed}`);
  const result = await playStories(options, (failure) => say(failureText(failure)));
  if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  console.log(storiesReport(result));
  if (result.failures.length > 0) throw new Error(`${result.failures.length} promises were broken`);
  if (result.isTooBusy)
    throw new Error('the machine lost sound during most speeches: use fewer --workers');
}

// Registered here, so that child processes end with this process on a signal too.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  say(`stories: ${messageOf(error)}`);
  process.exit(1);
}
