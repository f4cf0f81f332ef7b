import type { VideoSessionOptions } from '../../index.ts';
import { logger } from '../../logger.ts';
import { filled } from '../../option-table.ts';
import { SoundControl } from '../avatar/sound-control.ts';
import { STORY } from '../options.ts';
import { Leftovers } from './leftovers.ts';
import { type Break, type Checked, type Evidence, Oracle } from './oracle.ts';
import { Player } from './player.ts';
import { StoryStage } from './stage.ts';
import { isSpoken, maskOf, masksOf, type Story } from './steps.ts';
import { StoryInspector } from './story-inspector.ts';
import { usualTurns } from './usual-turns.ts';

export interface StoryOptions {
  /** Options of the video session, except for the room. */
  readonly video?: Omit<VideoSessionOptions, 'room'>;
  /**
   * Plays the story with an agent session alone, to see which failures are the framework's.
   *
   * @defaultValue false
   */
  readonly withoutVideo?: boolean;
}

/** A promise that a story broke. */
export interface StoryFailure extends Break {
  /** The story, for playing it again. */
  readonly story: Story;
}

export interface StoryResult {
  /** How often each promise was checked and broken, and how often it could not be checked. */
  readonly promises: Checked;
  readonly failures: readonly StoryFailure[];
}

/** Budget of a turn's picture, in ms. Long enough for a busy machine. */
const BUDGET_MS = 1000;
/** Delay of the first reconnect, in ms. Short, to keep stories short. */
const RETRY_BASE_MS = 20;

let playing: Promise<unknown> = Promise.resolve();

/**
 * Plays a story in a room of this process, with test cameras and fake model services, and checks
 * Sightline's promises from outside: what the models got, what the conversation contains, how long
 * turns took, and what is left at the end. The stories of a process run one after the other.
 *
 * @example
 * ```ts
 * const { failures } = await runStory(story([{ do: 'join' }, { do: 'type' }]));
 * assert.deepEqual(failures, []);
 * ```
 */
export function runStory(story: Story, options: StoryOptions = {}): Promise<StoryResult> {
  filled('', options, STORY);
  const result = playing.then(() => play(story, options));
  playing = result.catch(() => undefined);
  return result;
}

async function play(story: Story, { video, withoutVideo = false }: StoryOptions) {
  // An AgentSession throws outside a worker if there is none.
  logger();
  const usual = await usualTurns(story);
  const start = story.find((step) => step.do === 'start');
  const budgetMs = video?.turn?.attachBudgetMs ?? start?.attachBudgetMs ?? BUDGET_MS;
  const isInspected = maskOf(story) && !withoutVideo && video?.inspect === undefined;
  const inspector = isInspected ? await StoryInspector.start() : undefined;
  const stage = new StoryStage({
    isBare: withoutVideo,
    story,
    video: {
      ...(inspector ? { inspect: inspector.option } : {}),
      ...video,
      turn: { ...video?.turn, attachBudgetMs: budgetMs },
      realtime: { reconnect: { retryBaseMs: RETRY_BASE_MS }, ...video?.realtime },
    },
  });
  const { record, stalls } = stage;
  const uncaught = (error: unknown) => void record.uncaught.push(String(error));
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
  const player = new Player(stage);
  const leftovers = new Leftovers(stage);
  const control = isSpoken(story) ? new SoundControl() : undefined;
  try {
    await inspector?.connected;
    await control?.start();
    await player.play(story);
    await stage.speech?.quiet();
    await control?.close();
    await stage.release();
    await player.close();
    for (const picture of inspector?.pictures ?? [])
      record.handed.push({ step: 0, by: 'the inspector', picture });
    await inspector?.close();
    const left = await leftovers.found();
    const limits = { usual, budgetMs };
    const { speech } = stage;
    const heard = {
      steps: speech?.steps ?? [],
      sounds: speech?.sounds ?? [],
      isWhole: (from: number, to: number) => control?.isWhole(from, to) ?? true,
    };
    const { world } = player;
    const mask = maskEffect(story);
    const oracle = new Oracle({ record, world, heard, mask, stalls, limits, left });
    await oracle.judge();
    const failures = oracle.breaks.map((broken) => ({ ...broken, story }));
    return { promises: oracle.checked, failures };
  } finally {
    await control?.close();
    await inspector?.close();
    stalls.stop();
    process.off('uncaughtException', uncaught);
    process.off('unhandledRejection', uncaught);
  }
}

function maskEffect(story: Story): Evidence['mask'] {
  const masks = masksOf(story);
  if (masks.length === 0) return 'none';
  if (masks.includes('failing')) return 'withholds';
  return masks.includes('slow') ? 'slow' : 'covers';
}
