import './quiet.ts';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { connectOrStartServer, HOW_TO_GET_A_SERVER } from './livekit-server.ts';
import { observe } from './observe.ts';
import { type DemoOptions, demoOptions, USAGE } from './options.ts';
import { writeReport } from './report.ts';
import { type DemoResult, isRight } from './result.ts';
import { type Observer, runShow } from './show.ts';
import { livekitStage, loopbackStage } from './stage.ts';
import { Terminal } from './terminal.ts';

/** The contact sheet of what the model saw. */
const REPORT_DIR = fileURLToPath(new URL('../demo-report/', import.meta.url));

async function main(options: DemoOptions): Promise<boolean> {
  // Errors are the framework's to tell; its progress would drown the demo's own lines.
  initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'error' });
  const terminal = new Terminal(!options.headless && process.stdout.isTTY === true);
  const observation = await observe(options, (text) => terminal.say(text));
  const result = options.livekit
    ? await runOnServer(options, terminal, observation)
    : await runShow(loopbackStage(), options, terminal, observation);
  if (!result) return false;
  await writeReport(REPORT_DIR, result);
  if (options.json)
    await writeFile(options.json, `${JSON.stringify(withoutPictures(result), null, 2)}\n`);
  const right = result.turns.filter(isRight).length;
  terminal.say(`\n${right} of ${result.turns.length} answers were right`);
  terminal.say('What the model saw: demo-report/index.html');
  if (options.record) terminal.say(`Recorded: npm run inspect -- ${options.record}`);
  await observation.close();
  return result.ok;
}

async function runOnServer(
  options: DemoOptions,
  terminal: Terminal,
  observer: Observer,
): Promise<DemoResult | undefined> {
  const server = await connectOrStartServer();
  if (!server) {
    terminal.fail(`--livekit needs a LiveKit server: ${HOW_TO_GET_A_SERVER}`);
    return undefined;
  }
  try {
    const stage = await livekitStage(server);
    try {
      return await runShow(stage, options, terminal, observer);
    } finally {
      await stage.close();
    }
  } finally {
    await server.stop();
  }
}

/** The pictures are in the report; the figures stay small. */
function withoutPictures({ avatar, ...result }: DemoResult): unknown {
  const turns = result.turns.map(({ picture: _, ...turn }) => turn);
  if (!avatar) return { ...result, turns };
  const { picture: _, ...figures } = avatar;
  return { ...result, turns, avatar: figures };
}

/** What `parseArgs` throws for an option that there is not. */
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
// The native library of rtc-node and the models keep threads; the work is done.
process.exit(ok ? 0 : 1);
