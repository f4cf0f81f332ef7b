import '../../src/testing/processes/quiet.ts';
import { open, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { connectOrStartServer, HOW_TO_GET_A_SERVER } from '../../src/testing/livekit-server.ts';
import { observe } from './observe.ts';
import { type DemoOptions, demoOptions, USAGE } from './options.ts';
import { writeReport } from './report.ts';
import { type DemoResult, isRight } from './result.ts';
import { runShow } from './show.ts';
import { livekitStage, loopbackStage, type Stage } from './stage.ts';
import { Terminal } from './terminal.ts';
import { runWatch } from './watch.ts';

/** The contact sheet of the model's pictures. */
const REPORT_DIR = fileURLToPath(new URL('../../demo-report/', import.meta.url));

async function main(options: DemoOptions): Promise<boolean> {
  // Shows errors of the framework, but not its progress, which would hide the demo's own lines.
  initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'error' });
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  const colours = !options.headless && process.stdout.isTTY === true;
  const terminal = new Terminal(colours, elapsedMs, options.verbose);
  await checkFiles(options);
  if (options.web) {
    // Imported here, since only this needs its bundler.
    const { runWebDemo } = await import('./web/run.ts');
    return runWebDemo(options, (text) => terminal.say(text));
  }
  terminal.say(whatComes(options));
  const observation = await observe(options, (text) => terminal.say(text));
  const ok = await onStage(options, terminal, async (stage) => {
    if (options.watch) {
      const result = await runWatch(stage, options, terminal, observation);
      const { events, acted, falseActs, looks } = result.watch;
      await writeFigures(options, result);
      terminal.say(`\n${acted} of ${events} texts were acted on, ${falseActs} false acts`);
      terminal.say(`It looked ${looks} times`);
      return result.ok;
    }
    const result = await runShow(stage, { ...options, elapsedMs }, terminal, observation);
    await writeReport(REPORT_DIR, result);
    await writeFigures(options, withoutPictures(result));
    const right = result.turns.filter(isRight).length;
    terminal.say(`\n${right} of ${result.turns.length} answers were right`);
    terminal.say('What the model saw: demo-report/index.html');
    return result.ok;
  });
  if (ok === undefined) return false;
  await observation.close();
  if (options.record) terminal.say(`Recorded: npm run inspect -- ${options.record}`);
  return ok;
}

/** Runs within this process or on a server; `undefined` if there is no server. */
async function onStage<T>(
  { livekit }: DemoOptions,
  terminal: Terminal,
  play: (stage: Stage) => Promise<T>,
): Promise<T | undefined> {
  if (!livekit) return play(loopbackStage());
  const server = await connectOrStartServer();
  if (!server) {
    terminal.fail(`--livekit needs a LiveKit server: ${HOW_TO_GET_A_SERVER}`);
    return undefined;
  }
  try {
    const stage = await livekitStage(server);
    try {
      return await play(stage);
    } finally {
      await stage.close();
    }
  } finally {
    await server.stop();
  }
}

/** Announces what the user is about to see. */
function whatComes({ watch, livekit, avatar }: DemoOptions): string {
  const where = livekit ? 'through a LiveKit server' : 'within this process: no server, no key';
  if (watch) return `An agent watches a shop door and says each text that appears, ${where}.`;
  return (
    `An agent watches a camera, then a screen, and answers what it sees, ${where}.` +
    (avatar ? ' An avatar speaks the answers.' : '') +
    ' It takes about 20 seconds.'
  );
}

/**
 * Checked before the show: otherwise a file that cannot be written would be known only at the end.
 */
async function checkFiles({ json, record }: DemoOptions): Promise<void> {
  for (const [option, file] of Object.entries({ json, record })) {
    if (file === undefined) continue;
    try {
      await (await open(file, 'a')).close();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`--${option} ${file}: it cannot be written (${reason})`);
    }
  }
}

async function writeFigures({ json }: DemoOptions, figures: unknown): Promise<void> {
  if (json) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
}

/** The pictures are in the report; the figures stay small. */
function withoutPictures({ avatar, ...result }: DemoResult): unknown {
  const turns = result.turns.map(({ picture: _, ...turn }) => turn);
  if (!avatar) return { ...result, turns };
  const { picture: _, ...figures } = avatar;
  return { ...result, turns, avatar: figures };
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
    await dispose();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (isUsageError(error)) console.error(USAGE);
}
// The native library of rtc-node and the models keep threads running; the work is done.
process.exit(ok ? 0 : 1);
