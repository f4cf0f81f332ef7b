import '../../src/testing/processes/quiet.ts';
import { storiesCommand } from './command.ts';

// Registered here, so that child processes end with this process on a signal too.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const code = await storiesCommand(process.argv.slice(2), {
  play: async (...given) => (await import('./run.ts')).playStories(...given),
  print: (text) => console.log(text),
  say: (line) => process.stderr.write(`${line}\n`),
});
process.exit(code);
