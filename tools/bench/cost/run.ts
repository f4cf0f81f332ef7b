import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LumaPicture, shrinkLuma } from '../../../src/frames/luma.ts';
import { tokenRule } from '../../../src/models/picture-tokens.ts';
import { adaptiveSampler } from '../../../src/sampling/adaptive-sampler.ts';
import type { Sampler } from '../../../src/sampling/sampler.ts';
import { voiceActivitySampler } from '../../../src/sampling/samplers.ts';
import { likenessSizeOf } from '../../../src/scene/likeness.ts';
import type { PythonReference } from '../../../src/testing/processes/python-reference.ts';
import type { CostFigures, PictureCost } from '../result.ts';
import { type CostScript, costScript, type ScriptedFrame } from './script.ts';

const PROGRAM = fileURLToPath(new URL('./sampler.py', import.meta.url));
const PYTHON_LIMIT_MS = 120_000;

/** The default model of the google plugin, and the size that a 16:9 camera has for it. */
const MODEL = { name: 'gemini-2.5-flash-native-audio', isRealtime: true } as const;
const PICTURE = { width: 1024, height: 576 };

/** A change must reach the model this long after the user could speak about it, in ms. */
const LATEST_MS = 1000;

/** The pictures that each sampler takes of the same ten minutes, in simulated time. */
export async function benchCost(python: PythonReference | null): Promise<CostFigures> {
  const script = costScript();
  const adaptive = taken(adaptiveSampler(), script);
  const reference = python ? await takenByPython(python, script) : null;
  return {
    minutes: (script.frames.at(-1)?.at ?? 0) / 60_000,
    changes: script.changes.length,
    missed: missed(adaptive, script),
    sightline: costOf(taken(voiceActivitySampler(), script)),
    adaptive: costOf(adaptive),
    python: reference && costOf(reference),
  };
}

/** Times of the frames that a sampler takes; the model gets each of them. */
function taken(sampler: Sampler, { frames, video }: CostScript): number[] {
  const times: number[] = [];
  let before: ScriptedFrame | undefined;
  let sentLuma: LumaPicture | undefined;
  for (const frame of frames) {
    const { at, source, user } = frame;
    // Another track: earlier pictures show the one before.
    if (before && before.source !== source) before = undefined;
    const since = before ? at - before.at : null;
    const luma = (columns: number, rows: number) => shrinkLuma(video[source].at(at), columns, rows);
    const isTaken = sampler({
      now: at,
      source,
      sourceId: `linked/${source}`,
      width: 640,
      height: 360,
      user,
      agent: 'listening',
      sinceLastMs: since,
      sinceSentMs: since,
      sentLuma: before && sentLuma,
      luma,
    });
    if (!isTaken) continue;
    before = frame;
    const { width, height } = likenessSizeOf(source);
    sentLuma = luma(width, height);
    times.push(at);
  }
  return times;
}

async function takenByPython(python: PythonReference, { frames }: CostScript): Promise<number[]> {
  const running = promisify(execFile)(python.command, [PROGRAM], { timeout: PYTHON_LIMIT_MS });
  running.child.stdin?.end(frames.map(({ at, user }) => `${at} ${user}\n`).join(''));
  const { stdout } = await running;
  return stdout.trim().split('\n').map(Number);
}

/** Changes without a picture for the model in time. */
function missed(times: readonly number[], { changes, frames }: CostScript): number {
  return changes.filter((change) => {
    const spoken = frames.find(({ at, user }) => at >= change && user === 'speaking')?.at;
    return !times.some((at) => at >= change && at <= (spoken ?? change) + LATEST_MS);
  }).length;
}

function costOf(times: readonly number[]): PictureCost {
  const tokens = tokenRule(MODEL)?.(PICTURE, 'auto') ?? 0;
  return { pictures: times.length, tokens: times.length * tokens };
}
