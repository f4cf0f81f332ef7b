import fc from 'fast-check';
import type { AgentKind, Step, StepOf, Story } from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';

/** More steps make a story slow and find nothing more. */
const MOST_STEPS = 14;

const who = fc.constantFrom('user', 'user', 'user', 'guest');
const what = fc.constantFrom('camera', 'camera', 'screen');
const oneOf = <const T extends string>(...values: readonly T[]) => fc.constantFrom(...values);
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

const tools = fc.constantFrom(...TOOLS);

const asking = <const K extends 'type' | 'speak'>(kind: K) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant(kind) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant(kind), tools }),
    },
  );

const modes = fc.constantFrom('off', 'off', 'sampled', 'sampled', 'onDemand');

/** A kind of step, and how often it comes. */
interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Step>;
}

const USUAL_STEPS: readonly Weighted[] = [
  { weight: 10, arbitrary: asking('type') },
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
      mode: modes,
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

const STEPS: readonly Weighted[] = [{ weight: 4, arbitrary: asking('speak') }, ...USUAL_STEPS];

const pressing = fc.constant('press' as const);
const press: fc.Arbitrary<StepOf<'press'>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: pressing, end: oneOf('release', 'release', 'cancel') }) },
  { weight: 1, arbitrary: fc.record({ do: pressing, end: oneOf('release'), tools }) },
);

/** Steps of a story in which the user asks by voice with a button only. */
const PRESS_STEPS: readonly Weighted[] = [{ weight: 12, arbitrary: press }, ...USUAL_STEPS];

/** Steps that choose the participant whom the agent serves, or that only this one may do. */
const LINK_STEPS: readonly Weighted[] = [
  { weight: 8, arbitrary: ofPerson('setParticipant') },
  { weight: 8, arbitrary: fc.constant({ do: 'setParticipant', who: 'guest' } as const) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('modeByUser' as const), mode: modes, who }),
  },
];

/** Most steps are awaited; steps in quick succession find other faults. */
const step = (steps: readonly Weighted[]): fc.Arbitrary<Step> =>
  fc
    .tuple(fc.oneof(...steps), fc.constantFrom(true, true, true, true, false))
    .map(([one, wait]) => (wait ? one : { ...one, wait: false as const }));

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

/** What happens while the user holds the button, or just after. */
const aroundPress: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    press,
    fc.oneof(
      fc.constantFrom<Step>(
        { do: 'mode', mode: 'off' },
        { do: 'mute', what: 'camera' },
        { do: 'unshare', what: 'camera' },
        { do: 'show', what: 'camera' },
        { do: 'type' },
      ),
      fc.constantFrom(...AGENTS).map((to): Step => ({ do: 'handOff', to })),
      press,
    ),
    fc.nat(900),
    press,
  )
  .map(([first, during, ms, next]) => [{ ...first, ...soon }, { do: 'still', ms }, during, next]);

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

/** Another participant is linked while a look is on its way to the model. */
const linkDuringLook: fc.Arbitrary<readonly Step[]> = fc.nat(200).map((ms): Step[] => [
  { do: 'type', tools: ['look', 'slow'], ...soon },
  { do: 'still', ms },
  { do: 'setParticipant', who: 'guest' },
  { do: 'still', ms: 300 },
]);

/** The user switches the video off, and on again, with a question each. */
const userSwitches: fc.Arbitrary<readonly Step[]> = fc
  .boolean()
  .map((isAsked): Step[] => [
    { do: 'setParticipant' },
    ...(isAsked ? [{ do: 'type' as const, ...soon }] : []),
    { do: 'modeByUser', mode: 'off' },
    { do: 'type' },
    { do: 'modeByUser', mode: 'sampled' },
    { do: 'type' },
  ]);

/** In a story with a guest, both show their cameras. */
const withGuest = fc.constant<readonly Step[]>([
  { do: 'join' },
  { do: 'share', what: 'camera' },
  { do: 'join', who: 'guest' },
  { do: 'share', what: 'camera', who: 'guest' },
]);

const storyOf = (
  opened: fc.Arbitrary<readonly Step[]>,
  steps: readonly Weighted[],
  phrases = phrase,
): fc.Arbitrary<Story> => {
  const next: fc.Arbitrary<readonly Step[]> = fc.oneof(
    { weight: 6, arbitrary: step(steps).map((one) => [one]) },
    { weight: 1, arbitrary: phrases },
  );
  return fc
    .tuple(start, opened, fc.array(next, { minLength: 4, maxLength: MOST_STEPS, size: 'max' }))
    .map(([first, begin, rest]) =>
      possibleStory([first, ...begin, ...rest.flat()].slice(0, MOST_STEPS)),
    );
};

/** Any story that can be played. A story that is shrunk can be played as well. */
export const anyStory = storyOf(opening, STEPS);

/** A story with push-to-talk. */
export const pushToTalkStory = storyOf(
  fc.tuple(opening, press).map(([steps, first]) => [...steps, first]),
  PRESS_STEPS,
  fc.oneof({ weight: 2, arbitrary: aroundPress }, phrase),
);

/** A story of two people: the application links one or the other, and they switch the video. */
export const linkedStory = storyOf(
  withGuest,
  [...STEPS, ...LINK_STEPS],
  fc.oneof(phrase, linkDuringLook, userSwitches),
);
