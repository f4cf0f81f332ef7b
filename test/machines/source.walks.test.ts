import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stream } from '../support/machines/outside.ts';
import { walks } from '../support/machines/recorded.ts';
import { track } from '../support/machines/simulated-room.ts';
import { type SimulatedSource, simulatedSource } from '../support/machines/simulated-source.ts';

/** An event of a source. `number` selects one of several, or a duration. */
const happenings = {
  publish: (source, number) => source.publish(track(sidOf(number))),
  unpublish: (source, number) => source.unpublish(sidOf(number)),
  mute: (source, number) => source.room({ type: 'track.muted', sid: sidOf(number) }),
  unmute: (source, number) => source.room({ type: 'track.unmuted', sid: sidOf(number) }),
  userLeaves: (source) => source.room({ type: 'participant.left', identity: 'user' }),
  userComes: (source) => source.room({ type: 'participant.linked', identity: 'user' }),
  opened: (source) => {
    const stream = theOpen(source);
    if (!stream || opened.has(stream)) return;
    opened.add(stream);
    stream.report('stream.opened');
  },
  refused: (source) => {
    const stream = theOpen(source);
    if (stream && !opened.has(stream)) stream.report('stream.openFailed');
  },
  frame: (source) => {
    const stream = theOpen(source);
    if (stream && opened.has(stream)) stream.report('stream.frame');
  },
  ended: (source) => {
    const stream = theOpen(source);
    if (stream && opened.has(stream)) stream.report('stream.ended');
  },
  closed: (source) => {
    for (const { told, report } of [...source.streams.values()])
      if (told.includes('stream.close')) report('stream.closed');
  },
  sampled: (source) => source.sampled(),
  needed: (source) => source.needed(),
  slow: (source) => source.rate(10_000),
  fast: (source) => source.rate(1_000),
  off: (source) => source.mode('off'),
  on: (source) => source.mode('sampled'),
  time: (source, number) => source.clock.advance(number),
} satisfies Record<string, (source: SimulatedSource, number: number) => void>;
type Happening = keyof typeof happenings;

const sids = ['camera', 'screenA', 'screenB'];
const sidOf = (number: number) => sids[number % sids.length] ?? 'camera';
/** Streams that reported that they are open. */
const opened = new WeakSet<Stream>();
/** The stream that is not closing. A stream that is closing reports only its end. */
const theOpen = (source: SimulatedSource) =>
  [...source.streams.values()].find(({ told }) => !told.includes('stream.close'));

/** The frequent events: without them, few walks reach a live stream. */
const common: Happening[] = ['publish', 'opened', 'frame', 'closed', 'sampled', 'slow', 'time'];
const steps = fc.array(
  fc.record({
    what: fc.constantFrom(...(Object.keys(happenings) as Happening[]), ...common, ...common),
    number: fc.nat({ max: 2_999 }),
  }),
  { minLength: 20, maxLength: 60 },
);
type Steps = readonly { what: Happening; number: number }[];

/** Runs a walk, and calls `check` after each step. */
function walk(given: Steps, check: (source: SimulatedSource, what: Happening) => void) {
  const source = simulatedSource();
  source.rate(10_000);
  for (const { what, number } of given) {
    happenings[what](source, number);
    check(source, what);
  }
  return source;
}

test('the streams of the context are the actors that run', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (source) => {
        const spawned = source.children().filter((id) => id.startsWith('stream-'));
        expect(spawned).toEqual(source.context().streams.map((id) => `stream-${id}`));
        expect([...source.streams.keys()]).toEqual(source.context().streams);
      });
    }),
    walks(40),
  );
});

test('at most one stream is not closing, and none while video is off', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (source) => {
        const open = [...source.streams.values()].filter(
          ({ told }) => !told.includes('stream.close'),
        );
        expect(open.length).toBeLessThanOrEqual(source.value() === 'closed' ? 0 : 1);
      });
    }),
    walks(40),
  );
});

test('every pause and every rest of a stream ends with its resume or its close', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (source) => {
        for (const { told } of source.streams.values())
          expect(told.map((request) => request.slice('stream.'.length)).join(' ')).toMatch(
            /^((resume|read) ?)?((pause resume|rest read) ?)*((pause|rest) ?)?(close( resume| read| close)*)?$/,
          );
      });
    }),
    walks(40),
  );
});

test('a paused stream is not stalled, and had its first frame before', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (source) => {
        const paused = [...source.streams.values()].some(
          ({ told }) => told.at(-1) === 'stream.pause',
        );
        expect(source.inside().pause.value.video === 'paused').toBe(paused);
        if (!paused) return;
        expect(source.value()).not.toBe('stalled');
        expect(source.inside().replacement.value).toMatchObject({ open: expect.anything() });
      });
    }),
    walks(40),
  );
});

test('the state matches the last report, unless video is off', () => {
  const states = {
    none: 'blind',
    opening: 'blind',
    lost: 'blind',
    live: ['seeing', 'resting'],
    paused: 'paused',
    stalled: 'stalled',
  };
  fc.assert(
    fc.property(steps, (given) => {
      let justOn = false;
      walk(given, (source, what) => {
        const told = source.statuses().at(-1) ?? 'none';
        expect(source.context().streamStatus).toBe(told);
        // A source that is switched on is blind until its stream reports.
        justOn = what === 'on' || (justOn && source.value() === 'blind');
        if (source.value() !== 'closed' && !justOn)
          expect([states[told]].flat()).toContain(source.value());
      });
    }),
    walks(40),
  );
});

test('a paused video is resumed in time, and no wait without a stream is endless', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const source = walk(given, () => {});
      source.clock.advance(60_000);
      expect(source.inside().pause.value.video).not.toBe('paused');
      source.mode('off');
      for (let round = 0; round < 10; round++) {
        happenings.closed(source);
        source.clock.advance(10_000);
      }
      expect(source.watched()).toEqual([]);
      expect(source.clock.pending).toBe(0);
    }),
    walks(40),
  );
});
