import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stream } from '../support/machines/outside.ts';
import { walks } from '../support/machines/recorded.ts';
import { track } from '../support/machines/simulated-room.ts';
import { type SimulatedSight, simulatedSight } from '../support/machines/simulated-sight.ts';

/** What may happen to the eyes; `number` says which of several, or for how long. */
const happenings = {
  publish: (sight, number) => sight.publish(track(sidOf(number))),
  unpublish: (sight, number) => sight.unpublish(sidOf(number)),
  mute: (sight, number) => sight.room({ type: 'track.muted', sid: sidOf(number) }),
  unmute: (sight, number) => sight.room({ type: 'track.unmuted', sid: sidOf(number) }),
  userLeaves: (sight) => sight.room({ type: 'participant.left', identity: 'user' }),
  userComes: (sight) => sight.room({ type: 'participant.linked', identity: 'user' }),
  opened: (sight) => {
    const stream = theOpen(sight);
    if (!stream || opened.has(stream)) return;
    opened.add(stream);
    stream.report('stream.opened');
  },
  refused: (sight) => {
    const stream = theOpen(sight);
    if (stream && !opened.has(stream)) stream.report('stream.openFailed');
  },
  frame: (sight) => {
    const stream = theOpen(sight);
    if (stream && opened.has(stream)) stream.report('stream.frame');
  },
  ended: (sight) => {
    const stream = theOpen(sight);
    if (stream && opened.has(stream)) stream.report('stream.ended');
  },
  closed: (sight) => {
    for (const { told, report } of [...sight.streams.values()])
      if (told.includes('stream.close')) report('stream.closed');
  },
  sampled: (sight) => sight.sampled(),
  needed: (sight) => sight.needed(),
  slow: (sight) => sight.rate(10_000),
  fast: (sight) => sight.rate(1_000),
  off: (sight) => sight.mode('off'),
  on: (sight) => sight.mode('sampled'),
  time: (sight, number) => sight.clock.advance(number),
} satisfies Record<string, (sight: SimulatedSight, number: number) => void>;
type Happening = keyof typeof happenings;

const sids = ['camera', 'screenA', 'screenB'];
const sidOf = (number: number) => sids[number % sids.length] ?? 'camera';
/** Streams that told that they are open. */
const opened = new WeakSet<Stream>();
/** The stream that is not being closed: one that is tells nothing but its end. */
const theOpen = (sight: SimulatedSight) =>
  [...sight.streams.values()].find(({ told }) => !told.includes('stream.close'));

/** What happens more often than the rest: without it few walks come to see anything. */
const common: Happening[] = ['publish', 'opened', 'frame', 'closed', 'sampled', 'slow', 'time'];
const steps = fc.array(
  fc.record({
    what: fc.constantFrom(...(Object.keys(happenings) as Happening[]), ...common, ...common),
    number: fc.nat({ max: 2_999 }),
  }),
  { minLength: 20, maxLength: 60 },
);
type Steps = readonly { what: Happening; number: number }[];

/** Plays a walk, and calls `check` after each step. */
function walk(given: Steps, check: (sight: SimulatedSight, what: Happening) => void) {
  const sight = simulatedSight();
  sight.rate(10_000);
  for (const { what, number } of given) {
    happenings[what](sight, number);
    check(sight, what);
  }
  return sight;
}

test('the streams of the context are the actors that run', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (sight) => {
        const spawned = sight.children().filter((id) => id.startsWith('stream-'));
        expect(spawned).toEqual(sight.context().streams.map((id) => `stream-${id}`));
        expect([...sight.streams.keys()]).toEqual(sight.context().streams);
      });
    }),
    walks(40),
  );
});

test('at most one stream is not being closed, and none while video is off', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (sight) => {
        const open = [...sight.streams.values()].filter(
          ({ told }) => !told.includes('stream.close'),
        );
        expect(open.length).toBeLessThanOrEqual(sight.value() === 'closed' ? 0 : 1);
      });
    }),
    walks(40),
  );
});

test('every pause of a stream ends with its resume, or with its close', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (sight) => {
        for (const { told } of sight.streams.values())
          expect(told.map((request) => request.slice('stream.'.length)).join(' ')).toMatch(
            /^(resume ?)?(pause resume ?)*(pause ?)?(close( resume| close)*)?$/,
          );
      });
    }),
    walks(40),
  );
});

test('a paused stream is not stalled, and its first frame came before', () => {
  fc.assert(
    fc.property(steps, (given) => {
      walk(given, (sight) => {
        const paused = [...sight.streams.values()].some(
          ({ told }) => told.at(-1) === 'stream.pause',
        );
        expect(sight.inside().pause.value.video === 'paused').toBe(paused);
        if (!paused) return;
        expect(sight.value()).not.toBe('stalled');
        expect(sight.inside().replacement.value).toMatchObject({ open: expect.anything() });
      });
    }),
    walks(40),
  );
});

test('the state is what was told last, unless video is off', () => {
  const states = {
    none: 'blind',
    opening: 'blind',
    lost: 'blind',
    live: 'seeing',
    paused: 'resting',
    stalled: 'stalled',
  };
  fc.assert(
    fc.property(steps, (given) => {
      let justOn = false;
      walk(given, (sight, what) => {
        const told = sight.sights().at(-1) ?? 'none';
        expect(sight.context().sight).toBe(told);
        // Eyes that open are blind until they are told what they see.
        justOn = what === 'on' || (justOn && sight.value() === 'blind');
        if (sight.value() !== 'closed' && !justOn) expect(sight.value()).toBe(states[told]);
      });
    }),
    walks(40),
  );
});

test('what the eyes rest on wakes up in time, and nothing goes on for ever without a stream', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const sight = walk(given, () => {});
      sight.clock.advance(60_000);
      expect(sight.inside().pause.value.video).not.toBe('paused');
      sight.mode('off');
      for (let round = 0; round < 10; round++) {
        happenings.closed(sight);
        sight.clock.advance(10_000);
      }
      expect(sight.watched()).toEqual([]);
      expect(sight.clock.pending).toBe(0);
    }),
    walks(40),
  );
});
