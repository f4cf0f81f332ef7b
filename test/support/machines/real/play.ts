import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { WAIT_LIMIT_MS } from '../../../../src/testing/waits.ts';
import { Coverage } from '../../paths.ts';
import { type RealPath, realPaths, type Search } from './paths.ts';
import type { Watch } from './watch.ts';

/** Real actors in a separate world, for one path. */
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
  /** Whether its paths run at the same time, in separate rooms, since they mostly wait. */
  readonly concurrent?: boolean;
  /** For one path. */
  readonly limitMs?: number;
  /** Events that can come at any time, such as those of a clock, and do not change the state. */
  readonly free?: readonly string[];
}

/** States and transitions that no operation causes, each with the reason. */
export type LeftOut = Readonly<Record<string, string>>;

/**
 * One test for each path through the machine. It does each operation in the real world, and after
 * each event compares the real actor with the pure machine. The last test checks how much of the
 * machine the paths cover.
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
  test('the real paths cover all that an operation can cause', () => {
    console.info(`${paths} real paths, ${coverage.summary()}`);
    const missed = coverage.missed();
    const unexplained = missed.filter(
      (name) => !Object.keys(leftOut).some((part) => name.includes(part)),
    );
    expect(unexplained).toEqual([]);
    for (const part of Object.keys(leftOut))
      expect(missed.join('\n'), 'listed as not covered, but covered').toContain(part);
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
