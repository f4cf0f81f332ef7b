import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replacementInput } from '../support/machines/inputs.ts';
import { ofType, walks } from '../support/machines/recorded.ts';
import { simulatedStreams } from '../support/machines/simulated-streams.ts';

/** How one stream behaves. It may answer late, fail, fall silent, end, and leave frames behind. */
interface Behaviour {
  openMs: number;
  opens: 'yes' | 'no' | 'never';
  closeMs: number;
  frames: number;
  frameMs: number;
  endsAfterwards: boolean;
  framesAfterClose: number;
}

/** `slow` streams close later than the limit: the next one is opened before they are gone. */
const behaviour = (slow: boolean): fc.Arbitrary<Behaviour> =>
  fc.record({
    openMs: fc.nat({ max: 5_000 }),
    opens: fc.constantFrom('yes', 'yes', 'yes', 'no', 'never'),
    closeMs: fc.nat({ max: slow ? 4_000 : replacementInput.closeTimeoutMs - 1 }),
    frames: fc.nat({ max: 20 }),
    frameMs: fc.integer({ min: 50, max: 3_000 }),
    endsAfterwards: fc.boolean(),
    framesAfterClose: fc.nat({ max: 2 }),
  });
const step = fc.record({
  waitMs: fc.nat({ max: 4_000 }),
  pick: fc.constantFrom('camera', 'screenA', 'screenB', null),
});
const walk = (slow: boolean) =>
  fc.record({
    behaviours: fc.array(behaviour(slow), { minLength: 3, maxLength: 8 }),
    steps: fc.array(step, { minLength: 10, maxLength: 30 }),
  });

/** Streams with independent behaviour, in simulated time. */
class World {
  readonly streams = simulatedStreams();
  readonly open = new Set<number>();
  mostOpen = 0;
  /** Streams that reported that they could not be opened. */
  readonly failed = new Set<number>();
  /** Old streams whose reports changed more than a counter. */
  readonly disturbing: number[] = [];
  #behaviours: readonly Behaviour[];

  constructor(behaviours: readonly Behaviour[]) {
    this.#behaviours = behaviours;
    const { onReport } = this.streams;
    onReport('stream.openRequested', ({ streamId }) => this.#start(streamId));
    onReport('stream.closeRequested', ({ streamId }) => this.#close(streamId));
  }

  /** From now on every stream opens at once and delivers frames. */
  heal() {
    const frames = { frames: 500, frameMs: 100, endsAfterwards: false, framesAfterClose: 0 };
    this.#behaviours = [{ openMs: 10, opens: 'yes', closeMs: 10, ...frames }];
  }

  #of = (streamId: number) =>
    this.#behaviours[streamId % this.#behaviours.length] ?? ({} as Behaviour);

  #later = (ms: number, job: () => void) => this.streams.clock.setTimeout(job, ms);

  #start(streamId: number) {
    const { openMs, opens } = this.#of(streamId);
    this.open.add(streamId);
    this.mostOpen = Math.max(this.mostOpen, this.open.size);
    if (opens === 'never') return;
    this.#later(openMs, () => {
      if (!this.open.has(streamId)) return;
      if (opens === 'yes') {
        this.streams.opened(streamId);
        this.#frame(streamId, 1);
      } else {
        this.open.delete(streamId);
        this.failed.add(streamId);
        this.streams.openFailed('refused', streamId);
      }
    });
  }

  #frame(streamId: number, number: number) {
    const { frames, frameMs, endsAfterwards } = this.#of(streamId);
    this.#later(frameMs, () => {
      if (!this.open.has(streamId)) return;
      if (number <= frames) {
        this.#send(streamId, () => this.streams.frame(streamId));
        this.#frame(streamId, number + 1);
      } else if (endsAfterwards) this.#send(streamId, () => this.streams.ended(streamId));
    });
  }

  #close(streamId: number) {
    const { closeMs, framesAfterClose } = this.#of(streamId);
    this.#later(closeMs, () => {
      if (!this.open.delete(streamId)) return;
      this.#send(streamId, () => this.streams.closed(streamId));
      for (let i = 0; i < framesAfterClose; i++)
        this.#send(streamId, () => this.streams.frame(streamId));
    });
  }

  /** Reports of an old stream must be counted as stale, and change nothing else. */
  #send(streamId: number, report: () => void) {
    const { context, value } = this.streams;
    const before = { ...context(), value: value() };
    report();
    if (streamId === before.streamId) return;
    const after = { ...context(), value: value() };
    const counted = { ...before, staleEvents: before.staleEvents + 1 };
    if (JSON.stringify(after) !== JSON.stringify(counted)) this.disturbing.push(streamId);
  }

  run(steps: readonly { waitMs: number; pick: string | null }[]) {
    for (const { waitMs, pick } of steps) {
      this.streams.pick(pick);
      this.streams.clock.advance(waitMs);
    }
  }
}

test('at most one stream is open at any time if closes are answered in time', () => {
  fc.assert(
    fc.property(walk(false), ({ behaviours, steps }) => {
      const world = new World(behaviours);
      world.run(steps);
      expect(world.mostOpen).toBeLessThanOrEqual(1);
    }),
    walks(60),
  );
});

test('no stream is requested before the previous one is closed or failed to open', () => {
  fc.assert(
    fc.property(walk(true), ({ behaviours, steps }) => {
      const world = new World(behaviours);
      world.run(steps);
      const requests = world.streams.requests();
      const opens = ofType(world.streams.reports, 'stream.openRequested');
      for (const { streamId } of opens.slice(0, -1)) {
        const closed = requests.indexOf(`close ${streamId}`);
        const next = requests.findIndex((r) => r.startsWith(`open ${streamId + 1} `));
        expect(next).toBeGreaterThan(-1);
        if (!world.failed.has(streamId)) expect(closed).toBeGreaterThan(-1);
        expect(closed).toBeLessThan(next);
      }
    }),
    walks(60),
  );
});

test('reports of an old stream are counted and change nothing', () => {
  fc.assert(
    fc.property(walk(true), ({ behaviours, steps }) => {
      const world = new World(behaviours);
      world.run(steps);
      expect(world.disturbing).toEqual([]);
    }),
    walks(60),
  );
});

test('the live stream is the wanted one', () => {
  fc.assert(
    fc.property(walk(true), ({ behaviours, steps }) => {
      const world = new World(behaviours);
      const seen: unknown[] = [];
      const wanted: unknown[] = [];
      world.streams.onReport('streamStatus.changed', ({ streamStatus, pick }) => {
        if (streamStatus !== 'live') return;
        seen.push(pick);
        wanted.push(world.streams.context().wanted);
      });
      world.run(steps);
      expect(seen).toEqual(wanted);
    }),
    walks(60),
  );
});

test('the last pick becomes live once streams work again, whatever happened before', () => {
  fc.assert(
    fc.property(walk(true), ({ behaviours, steps }) => {
      const world = new World(behaviours);
      world.run(steps);
      world.heal();
      world.streams.pick('face');
      world.streams.clock.advance(20_000);
      expect(world.streams.value()).toEqual({ open: { live: 'fresh' } });
      expect(world.streams.context().current?.sid).toBe('face');
    }),
    walks(60),
  );
});
