import { mean, median, quantile, rounded } from '../../../src/testing/measure/stats.ts';
import type { LineChild } from '../../../src/testing/processes/line-child.ts';
import type { Complain } from '../../../src/testing/processes/python-reference.ts';
import type { StreamFigures } from '../result.ts';
import { IDLE_MS } from './contestants.ts';
import type { Stage } from './stage.ts';
import type { SliceReply } from './subscriber.ts';

/** Time until queues and rates have settled, and the first look of the idle ones is over. */
const WARM_UP_MS = 3000;
/**
 * The first slice of a process, in ms, which is not counted: V8 compiles the code of a stream in its
 * first ten seconds, which takes a quarter of the CPU then. A job lasts minutes.
 */
const FIRST_MS = 12_000;
/** Extra time for a slice, in ms. */
const SLICE_LIMIT_MS = 60_000;
/** With fewer or smaller frames, the figures would describe another stream. */
const LEAST_FPS = 27;
const LEAST_FULL_SIZE = 0.9;
const TOO_BUSY = 'this machine is too busy for the figures to say much';

export interface Contestant {
  name: string;
  start(): LineChild;
  /** Numbers of streams at once. */
  counts: readonly number[];
  /** Whether every frame of the stream reaches it. */
  readsAll: boolean;
}

interface Taking extends Contestant {
  /** One process for each stream, as a worker has one for each job. */
  children: LineChild[];
}

export interface ContestOptions {
  sliceSeconds: number;
  /** Slices of each contestant and count. */
  rounds: number;
  complain: Complain;
  progress(line: string): void;
}

/** All contestants in turn, in short slices, so that noise of the machine affects each alike. */
export async function contest(
  stage: Stage,
  contestants: readonly Contestant[],
  options: ContestOptions,
): Promise<StreamFigures[]> {
  const { rounds, complain, progress } = options;
  // Whole idle periods, so that each slice has its share of the looks.
  const sliceMs = Math.ceil((options.sliceSeconds * 1000) / IDLE_MS) * IDLE_MS;
  const all = contestants.map((one): Taking => ({ ...one, children: [] }));
  const results: StreamFigures[] = [];
  try {
    for (const count of new Set(all.flatMap(({ counts }) => counts))) {
      const taking = all.filter(({ counts }) => counts.includes(count));
      const slices = new Map<Taking, SliceReply[]>(taking.map((one) => [one, []]));
      for (let round = 0; round < rounds; round++) {
        progress(`${count} at once, round ${round + 1} of ${rounds}`);
        // Backwards every other time, so that no contestant always follows the same one.
        for (const contestant of round % 2 === 0 ? taking : taking.toReversed()) {
          const reply = await takeSlice(contestant, count, sliceMs, stage, complain);
          if (reply) slices.get(contestant)?.push(reply);
        }
      }
      for (const [contestant, replies] of slices)
        if (replies.length > 0) results.push(figuresOf(contestant, count, replies, complain));
    }
  } finally {
    await Promise.all(all.map(end));
  }
  return results;
}

/**
 * A slice that fails is left out, and its contestant starts again; the others are already measured.
 */
async function takeSlice(
  contestant: Taking,
  count: number,
  sliceMs: number,
  stage: Stage,
  complain: Complain,
): Promise<SliceReply | undefined> {
  const { children, start } = contestant;
  const ask = async (child: LineChild, warmUpMs: number, ms: number) =>
    child.ask<SliceReply>(
      `slice ${warmUpMs} ${ms} ${await stage.invite()}`,
      warmUpMs + ms + SLICE_LIMIT_MS,
    );
  try {
    // Time to load a program counts against the measured contestants, so each has run a slice
    // before.
    const added = Array.from({ length: Math.max(0, count - children.length) }, start);
    children.push(...added);
    await Promise.all(added.map((child) => ask(child, 0, FIRST_MS)));
    const taking = children.slice(0, count);
    return meanOf(await Promise.all(taking.map((child) => ask(child, WARM_UP_MS, sliceMs))));
  } catch (error) {
    complain(`bench: a slice is left out: ${error instanceof Error ? error.message : error}`);
    await end(contestant);
    return undefined;
  }
}

/** The costs of one of the streams. */
function meanOf(replies: readonly SliceReply[]): SliceReply {
  const of = (value: (reply: SliceReply) => number) => mean(replies.map(value));
  return {
    seconds: of(({ seconds }) => seconds),
    process: of(({ process }) => process),
    mainThread: replies.some(({ mainThread }) => mainThread === null)
      ? null
      : of(({ mainThread }) => mainThread ?? 0),
    loopBusy: of(({ loopBusy }) => loopBusy),
    frames: of(({ frames }) => frames),
    fullSize: of(({ fullSize }) => fullSize),
    pictures: of(({ pictures }) => pictures),
    wakesMs: replies.flatMap(({ wakesMs }) => wakesMs),
  };
}

async function end(contestant: Taking): Promise<void> {
  await Promise.all(contestant.children.splice(0).map((child) => child.end()));
}

function figuresOf(
  { name: contestant, readsAll }: Contestant,
  count: number,
  replies: readonly SliceReply[],
  complain: Complain,
): StreamFigures {
  const perStreamSecond = (value: (reply: SliceReply) => number) =>
    rounded(median(replies.map((reply) => value(reply) / reply.seconds)), 4);
  const fps = mean(replies.map((reply) => reply.frames / reply.seconds));
  const frames = replies.reduce((sum, reply) => sum + reply.frames, 0);
  const fullSize = replies.reduce((sum, reply) => sum + reply.fullSize, 0);
  if (readsAll && fps < LEAST_FPS)
    complain(`bench: ${count} ${contestant}: only ${rounded(fps, 1)} of 30 frames; ${TOO_BUSY}`);
  if (fullSize < LEAST_FULL_SIZE * frames)
    complain(
      `bench: ${count} ${contestant}: only ${fullSize} of ${frames} frames of full size; ${TOO_BUSY}`,
    );
  const wakes = replies.flatMap(({ wakesMs }) => wakesMs);
  return {
    contestant,
    count,
    cpuPerStreamSecond: perStreamSecond((reply) => reply.process),
    mainThreadPerStreamSecond: replies.some(({ mainThread }) => mainThread === null)
      ? null
      : perStreamSecond(({ mainThread }) => mainThread ?? 0),
    loopBusy: rounded(median(replies.map(({ loopBusy }) => loopBusy)), 4),
    fps: rounded(fps, 1),
    picturesPerSecond: rounded(mean(replies.map((reply) => reply.pictures / reply.seconds)), 2),
    wakeMs:
      wakes.length === 0
        ? null
        : { p50: Math.round(median(wakes)), max: Math.round(quantile(wakes, 1)) },
  };
}
