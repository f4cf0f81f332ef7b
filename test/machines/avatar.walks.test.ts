import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walks } from '../support/machines/recorded.ts';
import { type SimulatedFace, simulatedFace } from '../support/machines/simulated-face.ts';

const STEPS = [
  'started',
  'refused',
  'stopped',
  'not stopped',
  'joins',
  'goes',
  'falls silent',
  'user leaves',
  'user returns',
  'agent starts',
] as const;
type Step = (typeof STEPS)[number] | number;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step[]>(...STEPS),
  fc.nat({ max: 9_000 }),
);
const steps = fc.array(step, { minLength: 20, maxLength: 60 });

/** What is true of the outer world, beside what the machine believes. */
interface World {
  isThere: boolean;
}

async function take(face: SimulatedFace, world: World, one: Step): Promise<void> {
  if (typeof one === 'number') await face.clock.advanceSettling(one);
  else if (one === 'started') await face.starts.done();
  else if (one === 'refused') await face.starts.failed('HTTP 500');
  else if (one === 'stopped') await face.stops.done();
  else if (one === 'not stopped') await face.stops.failed('HTTP 500');
  else if (one === 'agent starts') face.agentStarts();
  else if (one === 'user leaves') face.userLeaves();
  else if (one === 'user returns') face.userReturns();
  else if (one === 'joins') {
    world.isThere = true;
    face.joins();
  } else {
    world.isThere = false;
    if (one === 'goes') face.goes();
    else face.fallsSilent(1);
  }
}

async function walk(
  given: readonly Step[],
  check: (face: SimulatedFace, world: World) => void,
): Promise<SimulatedFace> {
  const face = simulatedFace();
  const world = { isThere: false };
  for (const one of given) {
    await take(face, world, one);
    check(face, world);
  }
  return face;
}

test('it is never shown while it is not there', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (face, world) => {
        if (face.value().startsWith('shown')) expect(world.isThere).toBe(true);
      });
    }),
    walks(60),
  );
});

test('what was told last says who speaks', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (face) => {
        const isShown = face.value().startsWith('shown');
        expect(face.told().at(-1) === 'shown').toBe(isShown);
      });
    }),
    walks(60),
  );
});

test('a provider is started at most so often without being stopped in between', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (face) => {
        expect(face.starts.all.length).toBeLessThanOrEqual(face.stops.all.length + 1);
      });
    }),
    walks(60),
  );
});

test('left alone it comes to rest: shown, given up, or away', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const face = await walk(given, () => {});
      for (let round = 0; round < 40; round++) await face.clock.advanceSettling(10_000);
      expect(['shown.live', 'shown.joined', 'voiceOnly.givenUp', 'away.gone']).toContain(
        face.value(),
      );
    }),
    walks(30),
  );
});

test('the end leaves no actor and no timer', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const face = await walk(given, () => {});
      face.actor.stop();
      expect([...face.leaves]).toEqual([]);
      expect(face.clock.pending).toBe(0);
    }),
    walks(30),
  );
});
