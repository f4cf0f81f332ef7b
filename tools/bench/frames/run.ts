import { rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VideoFrame } from '@livekit/rtc-node';
import { atExit } from '../../../src/testing/at-exit.ts';
import { forgetPeak, residentMb } from '../../../src/testing/measure/memory.ts';
import { mean, median, rounded } from '../../../src/testing/measure/stats.ts';
import type { LineChild } from '../../../src/testing/processes/line-child.ts';
import {
  FRAME_CONTESTANTS,
  FRAME_SIZES,
  type FrameContestant,
  type FrameFigures,
  type FrameResults,
  type FrameSize,
} from '../result.ts';
import type { EncodeReply, Encoders } from './encoders.ts';
import { psnrDb } from './quality.ts';
import { naturalFrames } from './scenes.ts';

/** What models get: a picture inside this square, of this quality. */
const BOX = 1024;
const QUALITY = 75;
/** Different frames of each size, taken in turn. */
const SCENES = 4;

export interface FramesOptions {
  /** Counted encodes of each contestant and size. */
  iterations: number;
  progress(line: string): void;
}

/**
 * One frame → one picture, all contestants in turn, so that noise of the machine affects each
 * alike.
 */
export async function benchFrames(
  encoders: Encoders,
  { iterations, progress }: FramesOptions,
): Promise<FrameResults> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const forget = atExit(remove);
  try {
    const bench = async (size: FrameSize) => {
      progress(`frames: ${size}, ${iterations} times`);
      return benchSize(encoders, size, iterations, folder);
    };
    return { '720p': await bench('720p'), '1080p': await bench('1080p') };
  } finally {
    remove();
    forget();
  }
}

interface Series {
  name: FrameContestant;
  child: LineChild;
  /** The first frame of this size among those that the child holds. */
  first: number;
  before: number | null;
  replies: EncodeReply[];
}

/** Frames that a child already holds, of sizes that were measured before. */
const held = new WeakMap<LineChild, number>();

async function benchSize(
  encoders: Encoders,
  size: FrameSize,
  iterations: number,
  folder: string,
): Promise<Record<FrameContestant, FrameFigures | null>> {
  const { width, height } = FRAME_SIZES[size];
  const frames = await naturalFrames(width, height, Math.min(SCENES, iterations));
  const paths = frames.map((_, index) => join(folder, `${size}-${index}.i420`));
  await Promise.all(paths.map((path, index) => writeFile(path, frames[index]?.data ?? '')));

  const series: Series[] = [];
  for (const [name, child] of Object.entries(encoders) as [FrameContestant, LineChild][]) {
    const first = held.get(child) ?? 0;
    for (const path of paths) await child.ask(`load ${width} ${height} ${path}`, LOAD_LIMIT_MS);
    held.set(child, first + paths.length);
    forgetPeak(child.pid);
    series.push({ name, child, first, before: residentMb(child.pid)?.now ?? null, replies: [] });
  }
  const encode = ({ child, first }: Series, round: number) =>
    child.ask<EncodeReply>(`encode ${first + (round % frames.length)} ${BOX} ${QUALITY}`);
  for (let round = 0; round < Math.min(WARM_UP, iterations); round++)
    for (const one of series) await encode(one, round);
  for (let round = 0; round < iterations; round++)
    for (const one of series) one.replies.push(await encode(one, round));

  const byName = new Map<FrameContestant, FrameFigures>();
  for (const one of series) byName.set(one.name, await figuresOf(one, frames, folder));
  return Object.fromEntries(
    FRAME_CONTESTANTS.map((name) => [name, byName.get(name) ?? null]),
  ) as Record<FrameContestant, FrameFigures | null>;
}

/** The first start of a child includes that of its libraries. */
const LOAD_LIMIT_MS = 60_000;
/** Encodes of each contestant that are not counted. */
const WARM_UP = 5;

async function figuresOf(
  { name, child, first, before, replies }: Series,
  frames: readonly VideoFrame[],
  folder: string,
): Promise<FrameFigures> {
  const peak = residentMb(child.pid)?.peak;
  const middle = (figure: keyof EncodeReply) => median(replies.map((reply) => reply[figure]));
  return {
    wallMs: rounded(middle('wallMs')),
    cpuMs: rounded(middle('cpuMs')),
    blockedMs: rounded(middle('blockedMs')),
    bytes: Math.round(middle('bytes')),
    peakMb: peak === undefined || before === null ? null : rounded(peak - before, 1),
    // The framework's picture is not scaled, so there is nothing to compare.
    psnrDb: name === 'framework' ? null : await likeness(),
  };

  async function likeness(): Promise<number> {
    const each: number[] = [];
    for (const [index, frame] of frames.entries()) {
      const path = join(folder, `${name}-${index}.jpg`);
      await child.ask(`save ${first + index} ${BOX} ${QUALITY} ${path}`);
      each.push(await psnrDb(frame, await readFile(path)));
    }
    return rounded(mean(each), 2);
  }
}
