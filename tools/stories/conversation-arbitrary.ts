import fc from 'fast-check';
import {
  type AgentKind,
  AVATAR_KINDS,
  SPEECH_LENGTHS,
  type Step,
  type Story,
} from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';

/** Speech takes its time. */
const MOST_STEPS = 7;

const say = fc.constantFrom(...SPEECH_LENGTHS).map((ms): Step => ({ do: 'say', ms }));
const handOff = fc
  .constantFrom<AgentKind>('pipeline', 'gemini', 'openai', 'textOnly', 'voiceOnly')
  .map((to): Step => ({ do: 'handOff', to }));
const type = fc.constant<Step>({ do: 'type' });
const speak = fc.constant<Step>({ do: 'speak' });
const leave = fc.constant<Step>({ do: 'leave' });
const rejoin = fc.constant<Step>({ do: 'rejoin' });
const join = fc.constant<Step>({ do: 'join' });

const soon = (step: Step): Step => ({ ...step, wait: false });

/** One thing after the other, or something that happens while the agent speaks or takes over. */
const STEPS: readonly { weight: number; arbitrary: fc.Arbitrary<readonly Step[]> }[] = [
  { weight: 4, arbitrary: say.map((one) => [one]) },
  { weight: 3, arbitrary: type.map((one) => [one]) },
  { weight: 2, arbitrary: speak.map((one) => [one]) },
  { weight: 3, arbitrary: handOff.map((one) => [one]) },
  { weight: 1, arbitrary: fc.tuple(leave, join).map((both) => both) },
  { weight: 1, arbitrary: rejoin.map((one) => [one]) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(say, fc.oneof(type, speak, handOff, leave, rejoin))
      .map(([first, during]) => [soon(first), during, { do: 'join' }]),
  },
  { weight: 1, arbitrary: fc.tuple(type, say).map(([first, during]) => [soon(first), during]) },
  { weight: 1, arbitrary: fc.constant([{ do: 'share', what: 'camera' }] as const) },
];

/** The avatar of a conversation; in half of them, the agent has none. */
const avatar = fc.option(fc.constantFrom('well' as const, 'well' as const, ...AVATAR_KINDS), {
  nil: undefined,
});

/**
 * A story of an agent that speaks to a user, who asks, leaves and comes back while other agents take
 * over.
 */
export const spokenConversation: fc.Arbitrary<Story> = fc
  .tuple(
    fc.constantFrom<'pipeline' | 'gemini' | 'openai'>('pipeline', 'gemini', 'openai'),
    avatar,
    fc.array(fc.oneof(...STEPS), { minLength: 2, maxLength: MOST_STEPS, size: 'max' }),
    say,
  )
  .map(([agent, face, steps, last]) => {
    const first: Step = { do: 'start', agent, ...(face ? { avatar: face } : {}) };
    return possibleStory([{ do: 'join' }, first, ...steps.flat(), last]);
  });
