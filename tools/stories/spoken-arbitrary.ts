import fc from 'fast-check';
import {
  AVATAR_KINDS,
  SPEECH_LENGTHS,
  type Step,
  type Story,
} from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';

/** Speech takes its time. */
const MOST_STEPS = 6;

const step = <const S extends Step>(one: S): fc.Arbitrary<S> => fc.constant(one);
const say: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('say' as const),
  ms: fc.constantFrom(...SPEECH_LENGTHS),
});

/** One thing after the other, or something that happens while the agent speaks. */
const STEPS: readonly { weight: number; arbitrary: fc.Arbitrary<readonly Step[]> }[] = [
  { weight: 5, arbitrary: say.map((one) => [one]) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        say,
        fc.oneof(
          { weight: 3, arbitrary: step({ do: 'bargeIn' }) },
          { weight: 2, arbitrary: step({ do: 'avatarDies' }) },
          { weight: 1, arbitrary: step({ do: 'avatarLeaves' }) },
          { weight: 1, arbitrary: step({ do: 'avatarSwapped', to: 'another' }) },
          { weight: 1, arbitrary: step({ do: 'avatarSwapped', to: 'none' }) },
          { weight: 1, arbitrary: say },
        ),
      )
      .map(([one, during]) => [{ ...one, wait: false }, during]),
  },
  { weight: 2, arbitrary: step({ do: 'avatarDies' }).map((one) => [one]) },
  { weight: 1, arbitrary: step({ do: 'avatarLeaves' }).map((one) => [one]) },
  { weight: 1, arbitrary: step({ do: 'avatarSwapped', to: 'another' }).map((one) => [one]) },
  { weight: 1, arbitrary: step({ do: 'interrupt' }).map((one) => [one]) },
  { weight: 1, arbitrary: step({ do: 'share', what: 'camera' }).map((one) => [one]) },
  {
    weight: 1,
    arbitrary: fc
      .record({ do: fc.constant('still' as const), ms: fc.nat(1000) })
      .map((one) => [one]),
  },
];

const start: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('start' as const),
  agent: fc.constant('pipeline' as const),
  avatar: fc.constantFrom('well' as const, 'well' as const, ...AVATAR_KINDS),
});

/** A story of an agent that speaks to a user, by an avatar or by its own voice. */
export const spokenStory: fc.Arbitrary<Story> = fc
  .tuple(
    start,
    fc.array(fc.oneof(...STEPS), { minLength: 2, maxLength: MOST_STEPS, size: 'max' }),
    say,
  )
  .map(([first, steps, last]) => possibleStory([{ do: 'join' }, first, ...steps.flat(), last]));
