import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkInput } from '../support/machines/inputs.ts';
import { walks } from '../support/machines/recorded.ts';
import { simulatedLink } from '../support/machines/simulated-link.ts';

type Link = ReturnType<typeof simulatedLink>;
type Step = 'connect' | 'disconnect' | 'closeSilently' | 'revived' | 'not revived' | number;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step[]>('connect', 'disconnect', 'closeSilently', 'revived', 'not revived'),
  fc.nat({ max: 4_000 }),
);
const steps = fc.array(step, { minLength: 20, maxLength: 50 });

/** Runs a walk, and calls `check` after each step. */
async function walk(given: readonly Step[], check: (link: Link) => void) {
  const link = simulatedLink();
  for (const one of given) {
    if (typeof one === 'number') await link.clock.advanceSettling(one);
    else if (one === 'revived') await link.revivals.done();
    else if (one === 'not revived') await link.revivals.failed('it cannot be');
    else link[one]();
    check(link);
  }
  return link;
}

test('the last report matches the state: sighted, waiting or blind', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (link) => {
        const told = link.told().at(-1);
        // An attempt to restore the connection is not reported: it may be back at once.
        if (link.value() !== 'reviving') expect(told).toBe(link.value());
        else expect(['sighted', 'waiting']).toContain(told);
      });
    }),
    walks(40),
  );
});

test('blindness is reported once until the next connection', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const link = await walk(given, () => {});
      const told = link.told();
      for (const [index, one] of told.entries())
        if (one === 'blind') expect([undefined, 'sighted']).toContain(told[index + 1]);
      expect(link.context()).toMatchObject({
        connections: told.filter((one) => one === 'sighted').length,
        blindness: told.filter((one) => one === 'blind').length,
      });
    }),
    walks(40),
  );
});

test('every connection is reported, whenever it comes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      let connections = 0;
      const counted = given.map((one) => one === 'connect');
      let index = 0;
      await walk(given, (link) => {
        if (counted[index++]) connections++;
        expect(link.context().connections).toBe(connections);
      });
    }),
    walks(40),
  );
});

test('a closed connection is restored up to the limit, with one attempt at a time', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      let attempts = 0;
      let connections = 0;
      await walk(given, (link) => {
        if (link.context().connections > connections) {
          connections = link.context().connections;
          attempts = link.revivals.all.length;
        }
        expect(link.context().revivals).toBeLessThanOrEqual(linkInput.maxRevivals);
        const underWay = [...link.leaves].filter((leaf) => leaf.startsWith('revive'));
        expect(underWay.length).toBeLessThanOrEqual(link.value() === 'reviving' ? 1 : 0);
        // One outage of a connection that never came back.
        if (link.value() === 'blind')
          expect(link.revivals.all.length - attempts).toBeLessThanOrEqual(linkInput.maxRevivals);
      });
    }),
    walks(40),
  );
});

test('the link is always sighted, blind, or limited in time', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const { blindAfterMs, maxRevivals, reviveTimeoutMs } = linkInput;
      const link = await walk(given, () => {});
      await link.clock.advanceSettling(blindAfterMs + maxRevivals * reviveTimeoutMs);
      expect(['sighted', 'blind']).toContain(link.value());
      expect(link.clock.pending).toBe(0);
    }),
    walks(40),
  );
});
