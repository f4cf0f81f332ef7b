import { initializeLogger } from '@livekit/agents';
import { HOW_TO_GET_A_SERVER, type LiveKitServer } from '../../src/testing/livekit-server.ts';
import { held, type Sample } from '../../src/testing/measure/held.ts';
import { collectGarbage } from '../../src/testing/measure/memory.ts';
import { sleep } from '../../src/testing/measure/stats.ts';
import { connectOrStartServer } from '../../src/testing/processes/find-server.ts';
import { LineChild } from '../../src/testing/processes/line-child.ts';
import { Random } from '../../src/testing/random.ts';
import { messageOf } from '../../src/thrown.ts';
import { type EngineCost, TRACK_KINDS, type TrackKind } from './engine-cost.ts';
import { ModelServices } from './models.ts';
import {
  ALL_OPERATION_NAMES,
  ALL_OPERATIONS,
  OPERATION_NAMES,
  type OperationName,
} from './operations.ts';
import type { SoakOptions } from './options.ts';
import { type SoakPlan, SoakStage } from './stage.ts';

/** Interval between two rests, in ms: a thirtieth of the run, within these limits. */
const SHORTEST_ROUND_MS = 2000;
const LONGEST_ROUND_MS = 15_000;
/** A short soak on a busy machine takes longer than it was given. */
const FEWEST_RESTS = 3;
/** Longest pause between two operations, in ms. */
const LONGEST_PAUSE_MS = 400;
const MINUTE_MS = 60_000;

const PLANS: readonly SoakPlan[] = [
  { name: 'pipeline', home: 'pipeline', hasAvatar: false },
  { name: 'realtime', home: 'gemini', hasAvatar: false },
  { name: 'avatar', home: 'pipeline', hasAvatar: true },
];

export interface SoakResult {
  readonly seed: number;
  readonly minutes: number;
  /** How often each operation was done. */
  readonly operations: Readonly<Record<OperationName, number>>;
  readonly samples: readonly Sample[];
  /** Tracks that the agents had, and the cost of such tracks without Sightline. */
  readonly tracks: Readonly<Record<TrackKind, number>>;
  readonly engine: Readonly<Record<TrackKind, EngineCost>>;
  /** Of all sessions. */
  readonly frames: { readonly received: number; readonly sent: number };
  /** Pictures that the realtime models got. */
  readonly streamed: number;
  /** Questions that got no answer. */
  readonly unanswered: readonly string[];
  /** Errors that the sessions caught, by cause. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Applies random operations to the sessions in this process, and counts the process's resources at
 * each rest.
 *
 * @param onSample - Called with each sample as it is taken.
 * @throws Error if an operation fails, or a model's service refuses a message.
 */
export async function soak(
  { minutes, seed }: Pick<SoakOptions, 'minutes' | 'seed'>,
  onSample: (sample: Sample) => void = () => {},
): Promise<SoakResult> {
  // A plugin that reconnects during an operation logs errors that are none.
  initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'fatal' });
  const server = await connectOrStartServer((line) => console.error(line));
  if (!server) throw new Error(`there is no LiveKit server: ${HOW_TO_GET_A_SERVER}`);
  const services = new ModelServices();
  const controls = startControls(server);
  const stages: SoakStage[] = [];
  try {
    // One after the other, so that each is closed if a later one fails.
    for (const plan of PLANS) stages.push(await SoakStage.open(plan, server, services));
    const result = await rounds(stages, services, { minutes, seed, onSample });
    const [subscribed, published] = await Promise.all([
      controls.subscribed.ask<EngineCost>('cost'),
      controls.published.ask<EngineCost>('cost'),
    ]);
    return { ...result, engine: { subscribed, published } };
  } finally {
    await Promise.allSettled(stages.map((stage) => stage.close()));
    await services.end();
    await Promise.all(TRACK_KINDS.map((kind) => controls[kind].end()));
    await server.stop();
  }
}

function startControls({ url, apiKey, apiSecret }: LiveKitServer): Record<TrackKind, LineChild> {
  const program = new URL('engine-control.ts', import.meta.url);
  const server = JSON.stringify({ url, apiKey, apiSecret });
  const start = (kind: TrackKind) =>
    LineChild.startNode(`control of ${kind} tracks`, program, [server, kind]);
  return { subscribed: start('subscribed'), published: start('published') };
}

async function rounds(
  stages: readonly SoakStage[],
  services: ModelServices,
  { minutes, seed, onSample }: SoakOptionsOf,
): Promise<Omit<SoakResult, 'engine'>> {
  const done = Object.fromEntries(ALL_OPERATION_NAMES.map((name) => [name, 0])) as Record<
    OperationName,
    number
  >;
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
    const tally = await services.tally();
    if (tally.violations.length > 0) throw new Error(tally.violations.join('; '));
    streamed += tally.frames;
    if (performance.now() >= endsAt && samples.length >= FEWEST_RESTS) break;
    const until = performance.now() + roundMs;
    await Promise.all(lives.map(({ stage, random }) => live(stage, random, until, done, seed)));
  }
  const metrics = stages.map(({ video }) => video.metrics());
  const total = (figure: 'received' | 'sent') =>
    metrics.reduce((sum, { frames }) => sum + frames[figure], 0);
  const had = (kind: TrackKind) => stages.reduce((sum, { tracks }) => sum + tracks[kind], 0);
  return {
    seed,
    minutes: samples.at(-1)?.minutes ?? 0,
    operations: done,
    samples,
    tracks: { subscribed: had('subscribed'), published: had('published') },
    frames: { received: total('received'), sent: total('sent') },
    streamed,
    unanswered: stages.flatMap(({ plan, unanswered }) =>
      unanswered.map((what) => `${plan.name}: ${what}`),
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
  done: Record<OperationName, number>,
  seed: number,
): Promise<void> {
  const names = stage.avatars ? ALL_OPERATION_NAMES : OPERATION_NAMES;
  while (performance.now() < until) {
    const name = random.pick(names);
    try {
      await ALL_OPERATIONS[name](stage, random);
    } catch (cause) {
      const text = messageOf(cause);
      throw new Error(`${name} of the ${stage.plan.name} session, seed ${seed}: ${text}`, {
        cause,
      });
    }
    done[name] += 1;
    await sleep(random.next() * LONGEST_PAUSE_MS);
  }
}
