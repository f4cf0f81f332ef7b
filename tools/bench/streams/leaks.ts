import { LineChild } from '../../../src/testing/processes/line-child.ts';
import type { Readers, ReplacementFigures, SlowConsumerFigures } from '../result.ts';
import type { Stage } from './stage.ts';

const REOPENS = 200;
const BUSY_MS = 100;
/** For joining, settling and ending, in ms. */
const EXTRA_LIMIT_MS = 60_000;
/** Longest time of one reopening, in ms. */
const REOPEN_LIMIT_MS = 2500;

/** A consumer that is much slower than its stream. */
export function benchSlowConsumer(
  stage: Stage,
  seconds: number,
): Promise<Readers<SlowConsumerFigures>> {
  const program = new URL('./slow-consumer.ts', import.meta.url);
  return eachReader((name) =>
    askOnce(name, program, stage, `consume ${seconds}`, seconds * 1000 + EXTRA_LIMIT_MS),
  );
}

/** A stream that is closed and opened again and again while JavaScript is busy. */
export function benchReplacements(stage: Stage): Promise<Readers<ReplacementFigures>> {
  const program = new URL('./reopener.ts', import.meta.url);
  const limitMs = REOPENS * REOPEN_LIMIT_MS + EXTRA_LIMIT_MS;
  return eachReader((name) =>
    askOnce(name, program, stage, `reopen ${REOPENS} ${BUSY_MS}`, limitMs),
  );
}

/** One after the other, so that they do not disturb each other. */
async function eachReader<Figures>(
  bench: (name: string) => Promise<Figures>,
): Promise<Readers<Figures>> {
  return { sightline: await bench('sightline'), videostream: await bench('videostream') };
}

async function askOnce<Reply>(
  name: string,
  program: URL,
  stage: Stage,
  request: string,
  limitMs: number,
): Promise<Reply> {
  const child = LineChild.startNode(name, program, [name]);
  try {
    return await child.ask<Reply>(`${request} ${await stage.invite()}`, limitMs);
  } finally {
    await child.end();
  }
}
