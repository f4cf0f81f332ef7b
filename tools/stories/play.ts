import fc from 'fast-check';
import { TURN } from '../../src/defaults.ts';
import type { ServerAccess } from '../../src/testing/livekit-server.ts';
import type { Checked, PromiseName } from '../../src/testing/story/promises.ts';
import {
  runStory,
  type StoryOptions,
  type StoryResult,
} from '../../src/testing/story/run-story.ts';
import { serverSteps } from '../../src/testing/story/server-steps.ts';
import { isSpoken, type Step, type Story } from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';
import { anyStory, linkedStory, pushToTalkStory } from './arbitrary.ts';
import { spokenConversation } from './conversation-arbitrary.ts';
import { masked } from './masked-arbitrary.ts';
import { spokenStory } from './spoken-arbitrary.ts';

/** Limit of the stories that are played to shorten one. */
const MOST_SHRINKING = 40;
/** After this time no further one is played, in ms: a story that hangs takes many seconds. */
const SHRINKING_MS = 60_000;
/** How often a story that broke a promise is played again, and its control at most. */
const TIMES_AGAIN = 3;

/** How stories are played. */
export interface PlayOptions {
  /** Puts a mask on what people show. A story with speech is replaced by another one. */
  readonly masks?: boolean;
  /** Plays on this server, without the steps that it cannot play. */
  readonly server?: ServerAccess;
}

/** A promise that a story broke, and the shortest story that still breaks it. */
export interface Failure {
  readonly promise: PromiseName;
  readonly story: Story;
  readonly seed: number;
  readonly message: string;
  /** How often, of `TIMES_AGAIN` times, the short story broke it again. */
  readonly again: number;
}

/** The outcome of the story of one seed. */
export interface Played {
  readonly story: Story;
  readonly promises: Checked;
  readonly failures: readonly Failure[];
  /** Failures that also occur in an agent session without Sightline. */
  readonly framework: readonly string[];
  /** Why the story was not judged. */
  readonly unmeasured?: string;
}

/** The kind of a story depends on the remainder of its seed by this number. */
const ONE_OF = 16;
/**
 * The remainders whose stories are not `anyStory`: few with speech, because that takes its time.
 * Each other seed keeps its story when another kind is added.
 */
const KINDS: Readonly<Record<number, fc.Arbitrary<Story>>> = {
  0: spokenStory,
  1: pushToTalkStory,
  4: linkedStory,
  5: pushToTalkStory,
  6: pushToTalkStory,
  8: spokenStory,
  9: pushToTalkStory,
  12: linkedStory,
  13: pushToTalkStory,
  14: spokenConversation,
};

const DEFAULT_MS = TURN.attachBudgetMs.default ?? 0;
/** Stories with this remainder have the default budget of a turn's picture. */
const HAS_DEFAULT_BUDGET = 10;

/** The story of a seed. */
export function storyOf(seed: number, { masks = false, server }: PlayOptions = {}): Story {
  const story = loopbackStoryOf(seed, masks);
  return server ? possibleStory(serverSteps(story)) : story;
}

function loopbackStoryOf(seed: number, hasMask: boolean): Story {
  const any = sample(KINDS[seed % ONE_OF] ?? anyStory, seed);
  const story = seed % ONE_OF === HAS_DEFAULT_BUDGET ? withDefaultBudget(any) : any;
  if (!hasMask) return story;
  return sample(masked(isSpoken(story) ? sample(anyStory, seed) : story), seed);
}

/** The same story with the budget that a turn's picture has by default. */
const withDefaultBudget = (story: Story): Story =>
  story.map((step) => (step.do === 'start' ? { ...step, attachBudgetMs: DEFAULT_MS } : step));

function sample(arbitrary: fc.Arbitrary<Story>, seed: number): Story {
  const [story] = fc.sample(arbitrary, { seed, numRuns: 1, unbiased: true });
  if (!story) throw new Error(`no story has the seed ${seed}`);
  return story;
}

/**
 * Plays the story of a seed. If it breaks a promise, shortens it, and checks whether Sightline is
 * the cause.
 */
export async function playSeed(seed: number, options: PlayOptions = {}): Promise<Played> {
  const story = storyOf(seed, options);
  const { server } = options;
  const play = (one: Story, more: StoryOptions = {}) =>
    runStory(one, { ...more, ...(server ? { server } : {}) });
  const first = await play(story);
  const failures: Failure[] = [];
  const framework: string[] = [];
  for (const promise of new Set(first.failures.map((failure) => failure.promise))) {
    const short = await shortest(play, story, promise);
    const results: StoryResult[] = [];
    for (let time = 0; time < TIMES_AGAIN; time++) results.push(await play(short));
    const message = messageOf([...results, first], promise);
    const control = await controlBreaks(play, short, promise);
    if (control) framework.push(`${promise}: ${control}`);
    else
      failures.push({
        promise,
        story: short,
        seed,
        message: message ?? '',
        again: results.filter((result) => breaks(result, promise)).length,
      });
  }
  const { promises, unmeasured } = first;
  return { story, promises, failures, framework, ...(unmeasured ? { unmeasured } : {}) };
}

type Play = (story: Story, options?: StoryOptions) => Promise<StoryResult>;

/**
 * Leaves steps out as long as the promise is still broken: half of them, a quarter, one. Each try
 * takes a second, so fast-check's own search, with many more tries, would take too long.
 */
async function shortest(play: Play, story: Story, promise: PromiseName): Promise<Story> {
  let best = story;
  let played = 0;
  const endsAt = performance.now() + SHRINKING_MS;
  const breaksStill = async (steps: readonly Step[]): Promise<boolean> => {
    const shorter = possibleStory(steps);
    if (shorter.length >= best.length || played >= MOST_SHRINKING) return false;
    if (performance.now() > endsAt) return false;
    played += 1;
    if (!breaks(await play(shorter), promise)) return false;
    best = shorter;
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    let from = best.length - size;
    while (from >= 0) {
      await breaksStill([...best.slice(0, from), ...best.slice(from + size)]);
      from -= size;
    }
  }
  return best;
}

/**
 * The control without Sightline, and without steps that only Sightline survives: the connection to
 * the model stays. Pictures are left out, since the control has none.
 */
async function controlBreaks(
  play: Play,
  story: Story,
  promise: PromiseName,
): Promise<string | undefined> {
  if (promise !== 'answered' && promise !== 'heard' && promise !== 'alive') return undefined;
  const calm = possibleStory(story.filter((step) => step.do !== 'drop' && step.do !== 'refuse'));
  // A fault that the framework has only at times would otherwise count as Sightline's.
  for (let time = 0; time < TIMES_AGAIN; time++) {
    const message = messageOf([await play(calm, { withoutVideo: true })], promise);
    if (message !== undefined) return message;
  }
  return undefined;
}

const breaks = ({ failures }: StoryResult, promise: PromiseName): boolean =>
  failures.some((failure) => failure.promise === promise);

const messageOf = (
  results: readonly Pick<StoryResult, 'failures'>[],
  promise: PromiseName,
): string | undefined =>
  results.flatMap(({ failures }) => failures).find((failure) => failure.promise === promise)
    ?.message;
