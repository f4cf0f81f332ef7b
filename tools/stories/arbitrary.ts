import fc from 'fast-check';
import type { AgentKind, Step, Story } from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';

/** More steps make a story slow and find nothing more. */
const MOST_STEPS = 14;

const who = fc.constantFrom('user', 'user', 'user', 'guest');
const what = fc.constantFrom('camera', 'camera', 'screen');
const ofPerson = <const K extends string>(kind: K) => fc.record({ do: fc.constant(kind), who });
const ofShare = <const K extends string>(kind: K) =>
  fc.record({ do: fc.constant(kind), what, who });

const AGENTS: readonly AgentKind[] = ['pipeline', 'gemini', 'openai', 'textOnly', 'voiceOnly'];

const TOOLS = [
  ['look'],
  ['lookAtCamera'],
  ['lookAtCamera', 'lookAtScreen'],
  ['look', 'slow'],
  ['slow'],
] as const;

const asking = <const K extends 'type' | 'speak'>(kind: K) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant(kind) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant(kind), tools: fc.constantFrom(...TOOLS) }),
    },
  );

/** The kinds of steps, and how often each comes. */
const STEPS: readonly { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 10, arbitrary: asking('type') },
  { weight: 4, arbitrary: asking('speak') },
  { weight: 4, arbitrary: ofShare('show') },
  { weight: 4, arbitrary: ofShare('share') },
  { weight: 2, arbitrary: ofShare('unshare') },
  { weight: 2, arbitrary: ofShare('mute') },
  { weight: 2, arbitrary: ofShare('unmute') },
  { weight: 1, arbitrary: ofPerson('join') },
  { weight: 1, arbitrary: ofPerson('leave') },
  { weight: 1, arbitrary: ofPerson('rejoin') },
  { weight: 1, arbitrary: fc.constant({ do: 'turnPhone' } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('still' as const), ms: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'interrupt' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('mode' as const),
      mode: fc.constantFrom('off', 'off', 'sampled', 'sampled', 'onDemand'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pin' as const),
      what: fc.constantFrom('camera', 'screen', null),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'look' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('handOff' as const), to: fc.constantFrom(...AGENTS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('drop' as const),
      code: fc.constantFrom(1000, 1006, 1011),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('refuse' as const),
      how: fc.constantFrom('tcp', '503'),
      ms: fc.nat(200),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('reconnect' as const),
      how: fc.constantFrom('resume', 'full'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'close' } as const) },
];

/** Most steps are awaited; steps in quick succession find other faults. */
const step: fc.Arbitrary<Step> = fc
  .tuple(fc.oneof(...STEPS), fc.constantFrom(true, true, true, true, false))
  .map(([one, wait]) => (wait ? one : { ...one, wait: false as const }));

const oneOf = <const T extends string>(...values: readonly T[]) => fc.constantFrom(...values);
const soon = { wait: false } as const;

/** What people do in one go: rare if each step came by chance. */
const phrase: fc.Arbitrary<readonly Step[]> = fc.oneof(
  // A look that the user cuts off, and another question.
  fc
    .nat(200)
    .map((ms): Step[] => [
      { do: 'type', tools: ['look', 'slow'], ...soon },
      { do: 'still', ms },
      { do: 'interrupt' },
      { do: 'show', what: 'camera' },
      { do: 'type' },
    ]),
  // Two questions quickly.
  fc
    .tuple(oneOf('type', 'speak'), oneOf('type', 'speak'))
    .map(([first, second]): Step[] => [{ do: first, ...soon }, { do: second }]),
  // A question while another agent takes over, or just before.
  fc.tuple(fc.constantFrom(...AGENTS), fc.boolean()).map(([to, isFirst]): Step[] => {
    const ask: Step = { do: 'type', ...(isFirst ? soon : {}) };
    const handOff: Step = { do: 'handOff', to, ...(isFirst ? {} : soon) };
    return isFirst ? [ask, handOff, { do: 'type' }] : [handOff, ask, { do: 'type' }];
  }),
  // A picture that is taken away while a question is under way.
  fc
    .constantFrom<Step>(
      { do: 'mode', mode: 'off' },
      { do: 'mute', what: 'camera' },
      { do: 'unshare', what: 'camera' },
      { do: 'leave' },
    )
    .map((away): Step[] => [{ do: 'type', ...soon }, away, { do: 'type' }]),
);

const start: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('start' as const),
  agent: fc.constantFrom('pipeline', 'pipeline', 'gemini', 'openai'),
});

/** Most users join and share their camera first. */
const opening = fc.constantFrom<readonly Step[]>(
  [{ do: 'join' }, { do: 'share', what: 'camera' }],
  [{ do: 'join' }, { do: 'share', what: 'camera' }],
  [{ do: 'join' }, { do: 'share', what: 'camera' }, { do: 'share', what: 'screen' }],
  [{ do: 'join' }],
);

const next: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 6, arbitrary: step.map((one) => [one]) },
  { weight: 1, arbitrary: phrase },
);

/** Any story that can be played. A story that is shrunk can be played as well. */
export const anyStory: fc.Arbitrary<Story> = fc
  .tuple(start, opening, fc.array(next, { minLength: 4, maxLength: MOST_STEPS, size: 'max' }))
  .map(([first, opened, steps]) =>
    possibleStory([first, ...opened, ...steps.flat()].slice(0, MOST_STEPS)),
  );
