import { expect, test } from 'vitest';
import { SegmentLedger } from '../../../src/avatar/worker/segment-ledger.ts';

/** A segment of which this much was pushed, and which will have been played at this time, in ms. */
function speak(ledger: SegmentLedger, pushedMs: number, endsAt: number): void {
  ledger.onTaken(false);
  ledger.onTaken(true);
  const segment = ledger.onSpoken();
  if (!segment) throw new Error('the ledger has no segment that is being spoken');
  Object.assign(segment, { pushedMs, endsAt });
}

test('a clear reports how much of each unreported segment was heard, oldest first', () => {
  const ledger = new SegmentLedger();
  // Fully played, played for 300 of 400 ms, waiting behind it, and never begun.
  speak(ledger, 500, 900);
  speak(ledger, 400, 1100);
  speak(ledger, 200, 1300);
  ledger.onTaken(false);
  expect(ledger.cut(1000)).toEqual([500, 300, 0, 0]);
});

test('the parts of one segment are one segment, and the part after its end begins another', () => {
  const ledger = new SegmentLedger();
  for (const isEnd of [false, false, true, true]) ledger.onTaken(isEnd);
  expect(ledger.cut(0)).toEqual([0, 0]);
});

test('a segment that was heard is not reported by a clear, and the next one is still spoken', () => {
  const ledger = new SegmentLedger();
  speak(ledger, 500, 900);
  ledger.onTaken(false);
  const second = ledger.speaking;
  ledger.onHeard();
  expect(ledger.speaking).toBe(second);
  expect(ledger.cut(0)).toHaveLength(1);
});

test('after a clear in the middle of a segment, the next part begins a new segment', () => {
  const ledger = new SegmentLedger();
  speak(ledger, 500, 900);
  ledger.onTaken(false);
  ledger.cut(0);
  expect(ledger.speaking).toBeUndefined();
  ledger.onTaken(false);
  expect(ledger.speaking).toMatchObject({ pushedMs: 0 });
  expect(ledger.cut(0)).toEqual([0]);
});

test('a generator that speaks without a segment finishes none', () => {
  const ledger = new SegmentLedger();
  expect(ledger.onSpoken()).toBeUndefined();
  ledger.onTaken(false);
  expect(ledger.speaking).toBeDefined();
});
