import '../../src/testing/processes/quiet.ts';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { OfflineEyes } from '../../offline/eyes/offline-eyes.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { type Observation, observe } from './observe.ts';
import type { DemoOptions } from './options.ts';
import { type OwnInput, openOwnInput } from './own-input.ts';
import { runOwnShow } from './own-show.ts';
import type { Observer, PlayOptions } from './play.ts';
import { writeReport } from './report.ts';
import { type DemoResult, isRight } from './result.ts';
import { runShow } from './show.ts';
import { livekitStage, loopbackStage, type Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';
import { runWatch } from './watch.ts';

/** The contact sheet of the model's pictures. */
const REPORT_DIR = fileURLToPath(new URL('../../demo-report/', import.meta.url));

/** Runs the page or the show, and returns whether all went well. */
export async function run(
  server: LiveKitServer | undefined,
  options: DemoOptions,
  terminal: Terminal,
  elapsedMs: () => number,
): Promise<boolean> {
  // Shows errors of the framework, but not its progress, which would hide the demo's own lines.
  initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'error' });
  const ok =
    options.web && server
      ? await page(server, options, terminal)
      : await onStage(server, options, terminal, elapsedMs);
  await dispose();
  return ok;
}

async function page(
  server: LiveKitServer,
  options: DemoOptions,
  terminal: Terminal,
): Promise<boolean> {
  // Its bundler is needed here only.
  const { runWebDemo } = await import('./web/run.ts');
  return await runWebDemo(server, options, (text) => terminal.say(text));
}

async function onStage(
  server: LiveKitServer | undefined,
  options: DemoOptions,
  terminal: Terminal,
  elapsedMs: () => number,
): Promise<boolean> {
  const stage = server ? await livekitStage(server) : loopbackStage();
  try {
    return await show(stage, options, terminal, elapsedMs);
  } finally {
    await stage.close();
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
