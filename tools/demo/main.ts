import { messageOf } from '../../src/thrown.ts';
import '../../src/testing/processes/quiet.ts';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { OfflineEyes } from '../../offline/eyes/offline-eyes.ts';
import { withoutSecrets } from '../../src/secrets.ts';
import { checkTargets, serverFor } from './checks.ts';
import { type Observation, observe } from './observe.ts';
import { type DemoOptions, demoOptions, USAGE } from './options.ts';
import { type OwnInput, openOwnInput } from './own-input.ts';
import { runOwnShow } from './own-show.ts';
import type { Observer, PlayOptions } from './play.ts';
import { writeReport } from './report.ts';
import { type DemoResult, isRight } from './result.ts';
import { runShow } from './show.ts';
import { livekitStage, loopbackStage, type Stage } from './stage.ts';
import { Terminal, wrapped } from './terminal.ts';
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
  terminal.say(whatComes(options));
  await checkTargets(options);
  const server = await serverFor(options, (text) => terminal.say(text));
  try {
    if (options.web && server) {
      // Its bundler is needed here only.
      const { runWebDemo } = await import('./web/run.ts');
      return await runWebDemo(server, options, (text) => terminal.say(text));
    }
    const stage = server ? await livekitStage(server) : loopbackStage();
    try {
      return await show(stage, options, terminal, elapsedMs);
    } finally {
      await stage.close();
    }
  } finally {
    await server?.stop();
  }
}

/** The show, with the inspector and the recorder that watch it. */
async function show(
  stage: Stage,
  options: DemoOptions,
  terminal: Terminal,
  elapsedMs: () => number,
): Promise<boolean> {
  const observation = await observe(options, (text) => terminal.say(text));
  const play = options.watch ? playWatch : playConversation;
  let ok = false;
  try {
    ok = await play(stage, options, terminal, observation, elapsedMs);
  } finally {
    await observation.close();
  }
  if (ok && options.record) terminal.say(`Recorded: npm run inspect -- ${options.record}`);
  return ok;
}

async function playWatch(
  stage: Stage,
  options: DemoOptions,
  terminal: Terminal,
  observation: Observation,
): Promise<boolean> {
  const result = await runWatch(stage, options, terminal, observation);
  const { events, acted, falseActs, looks } = result.watch;
  await writeFigures(options, result);
  terminal.say(`\n${acted} of ${events} texts were acted on, ${falseActs} false acts`);
  terminal.say(`It looked ${looks} times`);
  return result.ok;
}

async function playConversation(
  stage: Stage,
  options: DemoOptions,
  terminal: Terminal,
  observation: Observation,
  elapsedMs: () => number,
): Promise<boolean> {
  const { own } = options;
  const result = own
    ? await playOwnInput(stage, own, { ...options, elapsedMs }, terminal, observation)
    : await runShow(stage, { ...options, elapsedMs }, terminal, observation);
  await writeReport(REPORT_DIR, result);
  await writeFigures(options, withoutPictures(result));
  const right = result.turns.filter(isRight).length;
  terminal.say(
    own
      ? `\n${right} of ${result.turns.length} questions were answered, by a small offline stand-in`
      : `\n${right} of ${result.turns.length} answers were right`,
  );
  terminal.say('What the model saw: demo-report/index.html');
  return result.ok;
}

async function playOwnInput(
  stage: Stage,
  own: OwnInput,
  options: PlayOptions,
  terminal: Terminal,
  observer: Observer,
): Promise<DemoResult> {
  const cameras = await openOwnInput(own);
  try {
    const eyes = await OfflineEyes.open((text) => terminal.say(text));
    try {
      const all = { ...options, cameras, eyes, asks: own.asks };
      return await runOwnShow(stage, all, terminal, observer);
    } finally {
      await eyes.close();
    }
  } finally {
    await cameras.close();
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
  const message = withoutSecrets(messageOf(error));
  for (const line of message.split('\n')) console.error(wrapped(line).join('\n'));
  if (isUsageError(error)) console.error(USAGE);
}
// The native library of rtc-node and the models keep threads running; the work is done.
process.exit(ok ? 0 : 1);
