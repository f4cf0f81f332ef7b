import { initializeLogger } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import {
  connectOrStartServer,
  HOW_TO_GET_A_SERVER,
  type LiveKitServer,
} from '../../src/testing/livekit-server.ts';
import { held, type Sample } from '../../src/testing/measure/held.ts';
import { collectGarbage } from '../../src/testing/measure/memory.ts';
import { sleep } from '../../src/testing/measure/stats.ts';
import { LineChild } from '../../src/testing/processes/line-child.ts';
import { Random } from '../../src/testing/random.ts';
import type { Tally } from './gemini-service.ts';
import { DEED_NAMES, type DeedName, OPERATIONS } from './operations.ts';
import type { SoakOptions } from './options.ts';
import { INSTRUCTIONS, SoakStage } from './stage.ts';
import { YesModel } from './yes-model.ts';

/** Interval between two rests, in ms: a thirtieth of the run, within these limits. */
const SHORTEST_ROUND_MS = 2000;
const LONGEST_ROUND_MS = 15_000;
/** Longest pause between two operations, in ms. */
const LONGEST_PAUSE_MS = 400;
const START_LIMIT_MS = 60_000;
const MINUTE_MS = 60_000;

export interface SoakResult {
  readonly seed: number;
  readonly minutes: number;
  /** How often each operation was done. */
  readonly operations: Readonly<Record<DeedName, number>>;
  readonly samples: readonly Sample[];
  /** Of both sessions. */
  readonly frames: { readonly received: number; readonly sent: number };
  /** Pictures that the realtime model got. */
  readonly streamed: number;
  /** Questions that got no answer. */
  readonly unanswered: readonly string[];
  /** Errors that the sessions caught, by cause. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Applies random operations to two sessions in this process, one of a pipeline and one of a
 * realtime model, and counts the process's resources at each rest.
 *
 * @param onSample - Called with each sample as it is taken.
 * @throws Error if an operation fails, or the model's service refuses a message.
 */
export async function soak(
  { minutes, seed }: Pick<SoakOptions, 'minutes' | 'seed'>,
  onSample: (sample: Sample) => void = () => {},
): Promise<SoakResult> {
  // A plugin that reconnects during an operation logs errors that are none.
  initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'fatal' });
  const server = await connectOrStartServer();
  if (!server) throw new Error(`there is no LiveKit server: ${HOW_TO_GET_A_SERVER}`);
  const service = LineChild.startNode('gemini', new URL('gemini-service.ts', import.meta.url));
  const stages: SoakStage[] = [];
  try {
    await openStages(server, service, stages);
    return await rounds(stages, service, { minutes, seed, onSample });
  } finally {
    await Promise.allSettled(stages.map((stage) => stage.close()));
    await service.end();
    await server.stop();
  }
}

async function openStages(
  server: LiveKitServer,
  service: LineChild,
  stages: SoakStage[],
): Promise<void> {
  const { baseUrl } = await service.ask<{ baseUrl: string }>('address', START_LIMIT_MS);
  const realtime = new google.realtime.RealtimeModel({
    apiKey: 'k',
    httpOptions: { baseUrl },
    instructions: INSTRUCTIONS,
  });
  stages.push(await SoakStage.open('pipeline', server, new YesModel()));
  stages.push(await SoakStage.open('realtime', server, realtime));
}

async function rounds(
  stages: readonly SoakStage[],
  service: LineChild,
  { minutes, seed, onSample }: SoakOptionsOf,
): Promise<SoakResult> {
  const done = Object.fromEntries(DEED_NAMES.map((name) => [name, 0])) as Record<DeedName, number>;
  const lives = stages.map((stage, index) => ({ stage, random: new Random(seed + index) }));
  const samples: Sample[] = [];
  let streamed = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * MINUTE_MS;
  const roundMs = Math.min(
    LONGEST_ROUND_MS,
    Math.max(SHORTEST_ROUND_MS, (minutes * MINUTE_MS) / 30),
  );
  while (true) {
    await Promise.all(stages.map((stage) => stage.rest()));
    await collectGarbage();
    const sample = { minutes: (performance.now() - startedAt) / MINUTE_MS, ...held(stages) };
    samples.push(sample);
    onSample(sample);
    const tally = await service.ask<Tally>('tally');
    if (tally.violations.length > 0) throw new Error(tally.violations.join('; '));
    streamed += tally.frames;
    if (performance.now() >= endsAt) break;
    const until = performance.now() + roundMs;
    await Promise.all(lives.map(({ stage, random }) => live(stage, random, until, done, seed)));
  }
  const metrics = stages.map(({ video }) => video.metrics());
  const total = (figure: 'received' | 'sent') =>
    metrics.reduce((sum, { frames }) => sum + frames[figure], 0);
  return {
    seed,
    minutes: samples.at(-1)?.minutes ?? 0,
    operations: done,
    samples,
    frames: { received: total('received'), sent: total('sent') },
    streamed,
    unanswered: stages.flatMap(({ name, unanswered }) =>
      unanswered.map((what) => `${name}: ${what}`),
    ),
    errors: Object.assign({}, ...metrics.map(({ errors }) => errors)) as Record<string, number>,
  };
}

type SoakOptionsOf = Pick<SoakOptions, 'minutes' | 'seed'> & {
  readonly onSample: (sample: Sample) => void;
};

/** One operation after the other, until that time. */
async function live(
  stage: SoakStage,
  random: Random,
  until: number,
  done: Record<DeedName, number>,
  seed: number,
): Promise<void> {
  while (performance.now() < until) {
    const name = random.pick(DEED_NAMES);
    try {
      await OPERATIONS[name](stage, random);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${name} of the ${stage.name} session, seed ${seed}: ${text}`, { cause });
    }
    done[name] += 1;
    await sleep(random.next() * LONGEST_PAUSE_MS);
  }
}
