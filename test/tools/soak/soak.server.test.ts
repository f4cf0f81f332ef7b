import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { FIGURES, type Held, type Sample } from '../../../src/testing/measure/held.ts';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { Random } from '../../../src/testing/random.ts';
import { within } from '../../../src/testing/waits.ts';
import { ALL_OPERATION_NAMES } from '../../../tools/soak/operations.ts';
import { soakOptions } from '../../../tools/soak/options.ts';
import type { SoakResult } from '../../../tools/soak/run.ts';
import { verdict } from '../../../tools/soak/verdict.ts';
import { describeWithServerInstalled } from '../../support/real-parts.ts';

afterEach(endChildren);

/** Checks only that it works: `.ci/run` soaks for longer, beside its checks. */
const MINUTES = 0.25;
/** Two more programs start, and the way back to rest may be slow on a busy machine. */
const LIMIT_MS = MINUTES * 60_000 + 180_000;

describeWithServerInstalled('sessions with constant changes', () => {
  test(
    'sessions hold as many resources at the end of a soak as after the warm-up',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'soak-'));
      const json = join(folder, 'soak.json');
      try {
        const args = ['--minutes', String(MINUTES), '--seed', '1', '--json', json];
        const soak = new Child(['--expose-gc', 'tools/soak/main.ts', ...args]);
        const { code } = await within('end of the soak', soak.ended, LIMIT_MS);
        expect(code, soak.output).toBe(0);
        const result = JSON.parse(await readFile(json, 'utf8')) as SoakResult;
        expect(result.samples.length).toBeGreaterThan(2);
        // The soak drops connections, and kills avatars.
        const expected = ['model', 'avatar'];
        expect(Object.keys(result.errors).filter((cause) => !expected.includes(cause))).toEqual([]);
        expect(result.tracks.subscribed).toBeGreaterThan(3);
        expect(result.tracks.published).toBeGreaterThan(1);
        expect(Object.keys(result.engine)).toEqual(['subscribed', 'published']);
        expect(result.streamed, 'pictures to the realtime models').toBeGreaterThan(0);
        expect(result.frames.sent, 'pictures to the pipelines').toBeGreaterThan(result.streamed);
        await soak.groupIsGone();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    LIMIT_MS,
  );
});

describe('the verdict', () => {
  const REST: Held = {
    native: 190,
    heap: 60,
    heapSize: 70,
    buffers: 5,
    descriptors: 90,
    listeners: 107,
    timers: 10,
    otherHandles: 17,
    nativeStreams: 4,
    frames: 2,
    actors: 25,
  };
  /** Half an hour of rests, one a minute. */
  const halfHour = (at: (minute: number) => Partial<Held>): Sample[] =>
    Array.from({ length: 31 }, (_, minutes) => ({ minutes, ...REST, ...at(minutes) }));
  const growing = (samples: readonly Sample[]) =>
    verdict({ samples }).flatMap(({ figure, grows }) => (grows ? [figure] : []));

  test('the verdict of a soak is that nothing grows if figures only vary', () => {
    const samples = halfHour((minute) => ({
      native: 190 + 10 * Math.sin(minute),
      timers: 10 + (minute % 4),
      listeners: 107 + (minute % 2),
    }));
    expect(growing(samples)).toEqual([]);
    expect(verdict({ samples }).map(({ figure }) => figure)).toEqual(FIGURES);
  });

  test.each(FIGURES)('the verdict of a soak finds %s that grow a little each minute', (figure) => {
    const samples = halfHour((minute) => ({ [figure]: REST[figure] + 1.2 * minute }));
    expect(growing(samples)).toEqual([figure]);
  });

  test('the verdict of a soak allows the native memory that the engine keeps of tracks, and no more', () => {
    const samples = halfHour((minute) => ({ native: 190 + 3 * minute }));
    const found = (subscribed: number, published = 0) =>
      verdict({
        samples,
        minutes: 30,
        tracks: { subscribed: 3000, published: 300 },
        engine: {
          subscribed: { tracks: 900, mbPerTrack: subscribed },
          published: { tracks: 900, mbPerTrack: published },
        },
      })
        .filter(({ grows }) => grows)
        .map(({ figure }) => figure);
    expect([found(0), found(0.019), found(0.021)]).toEqual([['native'], ['native'], []]);
    expect([found(0, 0.19), found(0, 0.21), found(0.01, 0.11)]).toEqual([['native'], [], []]);
  });

  test('the verdict of a soak ignores the warm-up', () => {
    expect(growing(halfHour((minute) => ({ native: 190 + 40 * Math.min(minute, 4) })))).toEqual([]);
  });

  test('the verdict of a soak leaves out figures that the system does not have', () => {
    const figures = verdict({ samples: halfHour(() => ({ descriptors: Number.NaN })) });
    expect(figures.map(({ figure }) => figure)).not.toContain('descriptors');
  });
});

describe('the operations of a seed', () => {
  const operations = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 200 }, () => random.pick(ALL_OPERATION_NAMES));
  };

  test('the operations of a soak are the same for a seed, and others for another seed', () => {
    expect(operations(5)).toEqual(operations(5));
    expect(operations(5)).not.toEqual(operations(6));
  });

  test('the operations of a soak include every kind', () => {
    expect(new Set(operations(5))).toEqual(new Set(ALL_OPERATION_NAMES));
  });
});

describe('the options', () => {
  test.each([
    [['--minutes', 'x'], /--minutes x: give a number from 0.2 to 1440/],
    [['--minutes', '0'], /--minutes 0: give/],
    [['--seed', '-1'], /--seed -1|ambiguous/],
    [['--seed', '1.5'], /--seed 1.5: give a whole number/],
  ])('invalid options of the soak are refused: %j', (args, message) => {
    expect(() => soakOptions(args)).toThrow(message);
  });

  test('options of the soak have defaults', () => {
    expect(soakOptions([])).toMatchObject({ minutes: 2, json: undefined });
    expect(soakOptions(['--help'])).toBe('help');
  });
});
