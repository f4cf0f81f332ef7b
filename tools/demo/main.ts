import { withoutSecrets } from '../../src/secrets.ts';
import { messageOf } from '../../src/thrown.ts';
import { checkTargets, serverFor } from './checks.ts';
import { type DemoOptions, demoOptions, USAGE } from './options.ts';
import { Terminal, wrapped } from './terminal.ts';

async function main(options: DemoOptions): Promise<boolean> {
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  const colours = !options.headless && process.stdout.isTTY === true;
  const terminal = new Terminal(colours, elapsedMs, options.verbose);
  terminal.say(whatComes(options));
  await checkTargets(options);
  const server = await serverFor(options, (text) => terminal.say(text));
  try {
    // The framework takes a second to load: what is wrong with the options is said before.
    const { run } = await import('./run.ts');
    return await run(server, options, terminal, elapsedMs);
  } finally {
    await server?.stop();
  }
}

/** Announces what the user is about to see. */
function whatComes({ own, web, watch, livekit, avatar }: DemoOptions): string {
  if (web)
    return (
      'A page on which you share your camera or screen, and ask an agent what it sees.' +
      (avatar ? ' An avatar speaks the answers.' : '')
    );
  const where = livekit ? 'through a LiveKit server' : 'within this process: no server, no key';
  if (watch)
    return (
      `An agent watches a shop door and says each text that appears, ${where}. ` +
      'It takes about half a minute.'
    );
  if (own)
    return (
      `An agent gets your pictures ${where}. The answers come from a small offline stand-in, not ` +
      'from a language model.'
    );
  return (
    `An agent watches a camera, then a screen, and answers what it sees, ${where}.` +
    (avatar
      ? ' An avatar speaks the answers. It takes about half a minute.'
      : ' It takes about 10 seconds.')
  );
}

/** What `parseArgs` throws for an unknown option. */
function isUsageError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}

let ok = false;
try {
  const options = demoOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(USAGE);
    ok = true;
  } else {
    ok = await main(options);
  }
} catch (error) {
  const message = withoutSecrets(messageOf(error));
  for (const line of message.split('\n')) console.error(wrapped(line).join('\n'));
  if (isUsageError(error)) console.error(USAGE);
}
// The native library of rtc-node and the models keep threads running; the work is done.
process.exit(ok ? 0 : 1);
