import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { Consent, type TakenAway } from '../../src/frames/consent.ts';

const frame = (trackSid: string, identity: string): FrameRef => ({
  id: 1,
  trackSid,
  identity,
  source: 'camera',
  width: 96,
  height: 64,
  receivedAt: 0,
});

const frames = [frame('a1', 'ada'), frame('a2', 'ada'), frame('b1', 'bob')];
const concerns = ({ trackSid, identity }: FrameRef, what: TakenAway): boolean => {
  if (what === 'all') return true;
  return 'trackSid' in what ? what.trackSid === trackSid : what.identity === identity;
};

test('a frame has another consent exactly if consent was withdrawn since', () => {
  const taken = fc.constantFrom<TakenAway>(
    'all',
    { trackSid: 'a1' },
    { trackSid: 'b1' },
    { identity: 'ada' },
    { identity: 'carl' },
  );
  fc.assert(
    fc.property(fc.array(taken, { maxLength: 6 }), (list) => {
      const consent = new Consent();
      const before = list.map((what) => {
        const stamps = frames.map((one) => consent.stamp(one));
        consent.revoke(what);
        return stamps;
      });
      for (const [from, stamps] of before.entries())
        for (const [index, one] of frames.entries())
          expect(consent.stamp(one) === stamps[index]).toBe(
            !list.slice(from).some((what) => concerns(one, what)),
          );
    }),
  );
});

test('a returned picture is withdrawn once, with the pictures of its track only', () => {
  const consent = new Consent();
  const withdrawn: string[] = [];
  const contents = frames.map((ref) => ({ of: ref.trackSid }));
  for (const [index, ref] of frames.entries())
    consent.keep(ref, contents[index] as { of: string }, ({ of }) => withdrawn.push(of));
  consent.revoke({ trackSid: 'a1' });
  expect(withdrawn).toEqual(['a1']);
  consent.revoke('all');
  consent.revoke('all');
  expect(withdrawn).toEqual(['a1', 'a2', 'b1']);
});

test('a returned picture stays revocable however many follow it', () => {
  const consent = new Consent();
  const contents = Array.from({ length: 1000 }, (_, index) => ({ index }));
  const withdrawn: number[] = [];
  for (const content of contents)
    consent.keep(frame('a1', 'ada'), content, ({ index }) => withdrawn.push(index));
  consent.revoke('all');
  expect(withdrawn).toEqual(contents.map(({ index }) => index));
});

test('pictures that are no longer in use are forgotten, in few rounds', () => {
  let alive = true;
  let reads = 0;
  /** The test decides when V8 has collected what it refers to. */
  class TestRef<T extends object> {
    readonly #target: T;
    constructor(target: T) {
      this.#target = target;
    }
    deref(): T | undefined {
      reads += 1;
      return alive ? this.#target : undefined;
    }
  }
  vi.stubGlobal('WeakRef', TestRef);
  onTestFinished(() => void vi.unstubAllGlobals());
  const consent = new Consent();
  const keep = (count: number) => {
    for (let index = 0; index < count; index++) consent.keep(frame('a1', 'ada'), {}, () => {});
  };
  const PICTURES = 1024;
  keep(PICTURES);
  // Each picture, once in each round.
  expect(reads).toBeLessThan(PICTURES * 16);
  alive = false;
  keep(64);
  reads = 0;
  consent.revoke('all');
  expect(reads).toBeLessThan(64);
});
