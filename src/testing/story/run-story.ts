import type { VideoSessionOptions } from '../../index.ts';
import { logger } from '../../logger.ts';
import { filled } from '../../option-table.ts';
import { SoundControl } from '../avatar/sound-control.ts';
import type { ServerAccess } from '../livekit-server.ts';
import { isNetworkFault } from '../network-fault.ts';
import { STORY } from '../options.ts';
import type { Evidence } from './evidence.ts';
import { Leftovers } from './leftovers.ts';
import { LoopbackStoryRoom } from './loopback-story-room.ts';
import { Oracle } from './oracle.ts';
import { Player } from './player.ts';
import { type Break, type Checked, nothingChecked } from './promises.ts';
import { checkSteps } from './server-steps.ts';
import { ServerStoryRoom } from './server-story-room.ts';
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
  /**
   * Plays the story in a room of this LiveKit server, with a room object for each person. It takes
   * seconds more.
   *
   * @defaultValue a `LoopbackRoom`
   */
  readonly server?: ServerAccess;
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
  /** Why the story was not judged: rtc-node or the server failed. Nothing is checked then. */
  readonly unmeasured?: string;
}

/** Budget of a turn's picture, in ms. Long enough for a busy machine. */
const BUDGET_MS = 1000;
/** Delay of the first reconnect, in ms. Short, to keep stories short. */
const RETRY_BASE_MS = 20;

let playing: Promise<unknown> = Promise.resolve();

/**
 * Plays a story in a room of this process or of a server, with test cameras and fake model services,
 * and checks Sightline's promises from outside: what the models got, what the conversation contains,
 * how long turns took, and what is left at the end. The stories of a process run one after the other.
 *
 * @example
 * ```ts
 * const { failures } = await runStory(story([{ do: 'join' }, { do: 'type' }]));
 * assert.deepEqual(failures, []);
 * ```
 *
 * @throws TestingError for a step that is not possible on a server.
 */
export function runStory(story: Story, options: StoryOptions = {}): Promise<StoryResult> {
  filled('', options, STORY);
  if (options.server) checkSteps(story);
  const result = playing.then(() => played(story, options));
  playing = result.catch(() => undefined);
  return result;
}

async function played(story: Story, options: StoryOptions): Promise<StoryResult> {
  try {
    return await play(story, options);
  } catch (error) {
    if (!options.server || !isNetworkFault(error)) throw error;
    return unmeasured(error.message);
  }
}

function unmeasured(reason: string): StoryResult {
  const promises = nothingChecked();
  promises.answered.unmeasured = 1;
  return { promises, failures: [], unmeasured: reason };
}

async function play(story: Story, { video, withoutVideo = false, server }: StoryOptions) {
  // An AgentSession throws outside a worker if there is none.
  logger();
  const usual = await usualTurns(story, server);
  const start = story.find((step) => step.do === 'start');
  const budgetMs = video?.turn?.attachBudgetMs ?? start?.attachBudgetMs ?? BUDGET_MS;
  const isInspected = maskOf(story) && !withoutVideo && video?.inspect === undefined;
  const inspector = isInspected ? await StoryInspector.start() : undefined;
  const room = server ? await ServerStoryRoom.open(server) : new LoopbackStoryRoom(story);
  const stage = new StoryStage({
    isBare: withoutVideo,
    ...{ story, room },
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
  const control = isSpoken(story) ? new SoundControl(server) : undefined;
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
    const [fault] = record.networkFaults;
    if (fault !== undefined) return unmeasured(fault);
    const limits = { usual, budgetMs, spreadMs: room.spreadMs };
    const { speech } = stage;
    const heard = {
      steps: speech?.steps ?? [],
      sounds: speech?.sounds ?? [],
      isWhole: (from: number, to: number) => control?.isWhole(from, to) ?? true,
    };
    const { world } = player;
    const mask = maskEffect(story);
    const oracle = new Oracle({ record, world, heard, mask, stalls, limits, left });
    const { checked, breaks } = await oracle.judge();
    return { promises: checked, failures: breaks.map((broken) => ({ ...broken, story })) };
  } catch (error) {
    await stage.release();
    await player.close();
    throw error;
  } finally {
    leftovers.stop();
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
