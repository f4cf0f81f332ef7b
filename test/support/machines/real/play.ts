import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { WAIT_LIMIT_MS } from '../../../../src/testing/waits.ts';
import { Coverage } from '../../paths.ts';
import { type RealPath, realPaths, type Search } from './paths.ts';
import type { Watch } from './watch.ts';

/** Real actors in a world of their own, for one path. */
export interface RealWorld {
  readonly watch: Watch;
  /** Starts the actors. */
  start(): unknown;
  end(): unknown;
}

export interface Play<M extends AnyStateMachine, W, R extends RealWorld> extends Search<M, W> {
  /** A new world, before its start. */
  make(): R | Promise<R>;
  /** How each operation is done in it. */
  readonly does: Readonly<Record<string, (world: R) => unknown>>;
  /** Whether its paths run beside each other: in rooms of their own, where they mostly wait. */
  readonly concurrent?: boolean;
  /** For one path. */
  readonly limitMs?: number;
  /** Events that come at any time, such as those of a clock, and leave the state as it is. */
  readonly free?: readonly string[];
}

/** States and transitions that no operation brings about, each with the reason. */
export type LeftOut = Readonly<Record<string, string>>;

/**
 * A test for each path through the machine: all is done in the real world, and after each event the
 * real actor is where the pure machine is. At last it is said how much of the machine that was.
 */
export function testRealPaths<M extends AnyStateMachine, W, R extends RealWorld>(
  plays: readonly Play<M, W, R>[],
  leftOut: LeftOut,
): void {
  const coverage = new Coverage(plays[0]?.machine as M);
  let paths = 0;
  for (const play of plays) {
    for (const path of realPaths(play)) {
      paths += 1;
      const options = { timeout: play.limitMs ?? WAIT_LIMIT_MS };
      (play.concurrent ? test.concurrent : test)(path.name, options, async () => {
        await walk(play, path);
        coverage.follow(play.input, path.events);
      });
    }
  }
  test('they show all that can be brought about on purpose', () => {
    console.info(`${paths} real paths, ${coverage.summary()}`);
    const missed = coverage.missed();
    const unexplained = missed.filter(
      (name) => !Object.keys(leftOut).some((part) => name.includes(part)),
    );
    expect(unexplained).toEqual([]);
    for (const part of Object.keys(leftOut))
      expect(missed.join('\n'), 'left out, and shown all the same').toContain(part);
  });
}

async function walk<M extends AnyStateMachine, W, R extends RealWorld>(
  { make, does, free = [] }: Play<M, W, R>,
  { steps }: RealPath<M>,
): Promise<void> {
  const world = await make();
  const { watch } = world;
  try {
    for (const { operation, expected } of steps) {
      if (operation === 'start') await world.start();
      else await does[operation]?.(world);
      for (const { type, value } of expected) {
        let seen = await watch.next(`${type} of "${operation}"`);
        while (seen.type !== type && free.includes(seen.type)) seen = await watch.next(type);
        expect(seen, operation).toEqual({ type, value });
      }
    }
    expect(watch.rest.filter(({ type }) => !free.includes(type))).toEqual([]);
  } finally {
    watch.end();
    await world.end();
  }
}
