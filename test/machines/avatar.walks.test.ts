import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walks } from '../support/machines/recorded.ts';
import { type SimulatedAvatar, simulatedAvatar } from '../support/machines/simulated-avatar.ts';

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
  'speech ends',
  'another avatar is set',
  'the avatar is removed',
] as const;
type Step = (typeof STEPS)[number] | number;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step[]>(...STEPS),
  fc.nat({ max: 9_000 }),
);
const steps = fc.array(step, { minLength: 20, maxLength: 60 });

/** The state of the outside world, independent of the machine's state. */
interface World {
  isThere: boolean;
}

async function take(avatar: SimulatedAvatar, world: World, one: Step): Promise<void> {
  if (typeof one === 'number') await avatar.clock.advanceSettling(one);
  else if (one === 'started') await avatar.starts.done();
  else if (one === 'refused') await avatar.starts.failed('HTTP 500');
  else if (one === 'stopped') await avatar.stops.done();
  else if (one === 'not stopped') await avatar.stops.failed('HTTP 500');
  else if (one === 'speech ends') await avatar.speechEnds.done();
  else if (one === 'another avatar is set') avatar.personaIsSet(true);
  else if (one === 'the avatar is removed') avatar.personaIsSet(false);
  else if (one === 'agent starts') avatar.agentStarts();
  else if (one === 'user leaves') avatar.userLeaves();
  else if (one === 'user returns') avatar.userReturns();
  else if (one === 'joins') {
    world.isThere = true;
    avatar.joins();
  } else {
    world.isThere = false;
    if (one === 'goes') avatar.goes();
    else avatar.fallsSilent(1);
  }
}

async function walk(
  given: readonly Step[],
  check: (avatar: SimulatedAvatar, world: World) => void,
): Promise<SimulatedAvatar> {
  const avatar = simulatedAvatar();
  const world = { isThere: false };
  for (const one of given) {
    await take(avatar, world, one);
    check(avatar, world);
  }
  return avatar;
}

test('an avatar that is not in the room is never shown', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (avatar, world) => {
        if (avatar.value().startsWith('shown')) expect(world.isThere).toBe(true);
      });
    }),
    walks(60),
  );
});

test('the last report says whether the avatar or the agent speaks', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (avatar) => {
        const isShown = avatar.value().startsWith('shown');
        expect(avatar.told().at(-1) === 'shown').toBe(isShown);
      });
    }),
    walks(60),
  );
});

test('a provider is never started twice without a stop in between', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      await walk(given, (avatar) => {
        expect(avatar.starts.all.length).toBeLessThanOrEqual(avatar.stops.all.length + 1);
      });
    }),
    walks(60),
  );
});

test('an avatar without further events ends as shown, given up or away', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const avatar = await walk(given, () => {});
      for (let round = 0; round < 40; round++) await avatar.clock.advanceSettling(10_000);
      expect(['shown.live', 'shown.joined', 'voiceOnly.givenUp', 'away.gone', 'absent']).toContain(
        avatar.value(),
      );
    }),
    walks(30),
  );
});

test('a stopped avatar machine leaves no actor and no timer', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const avatar = await walk(given, () => {});
      avatar.actor.stop();
      expect([...avatar.leaves]).toEqual([]);
      expect(avatar.clock.pending).toBe(0);
    }),
    walks(30),
  );
});
