import { llm, type voice } from '@livekit/agents';
import {
  CONFIRM,
  SCENE_CHANGE,
  WATCH,
  WATCH_BUDGET,
  WATCH_LIMITS,
  WATCH_QUESTION,
} from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { checkedPicture, type EncodeOptions } from '../frames/encode-options.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { WatchInput } from '../machines/watch.types.ts';
import { assertOneFramework } from '../models/framework-copy.ts';
import { filled } from '../option-table.ts';
import type { SceneChangeOptions } from '../scene/scene-change.ts';
import type { AnswerSchema } from './answer.ts';
import type { JsonSchema } from './json-schema.ts';

/** A question that a model is asked about each picture. */
export interface WatchQuestion<Answer> {
  /**
   * Any model of the framework that takes pictures; not the one of the conversation, as a rule.
   *
   * A realtime model answers by the call of a tool, on a connection of its own for each question:
   * the conversation hears and knows nothing of it. That costs a handshake a look. OpenAI is made
   * to call the tool; Gemini is told to, and a look where it does not is a failed one. Models of
   * Google that take no text after the setup (Gemini 3.1) cannot be asked. The plugins themselves
   * end the process where their service refuses the connection: a watch that has to outlive that
   * asks a model of the other kind.
   */
  llm: llm.LLM | llm.RealtimeModel;
  question: string;
  /**
   * What the answer has to be: a zod schema, or a plain JSON schema, whose type is given to the
   * watch: `new VideoWatch<{ open: boolean }>(...)`. One of a string takes the model's words.
   */
  answer: AnswerSchema<Answer> | JsonSchema;
  /** Whether the answer is a reason to act. @defaultValue it is truthy, or its `act` is */
  when?: (answer: Answer) => boolean;
  /** @defaultValue JPEG, quality 75, fitted inside 1024x1024 */
  image?: EncodeOptions;
}

/**
 * The application's own detector. What it gives back is the answer that `act` gets: a reason to act
 * where it is truthy (an object with an `act`: where that is).
 */
export type WatchDetector<Answer> = (
  frame: SeenFrame,
  options: { signal: AbortSignal },
) => Answer | Promise<Answer>;

/** What an act knows. */
export interface WatchSighting<Answer> {
  readonly answer: Answer;
  readonly frame: SeenFrame;
  /** Where the watch has one. */
  readonly session: voice.AgentSession | undefined;
  /** Aborted when the act took too long, or the watch was stopped. */
  readonly signal: AbortSignal;
}

type Words<Answer> = string | ((answer: Answer) => string);

/**
 * What is done: the agent says a line (a realtime model is asked to), gives a reply of its own to
 * instructions and the picture, which then is in the history (`turn.keepPictures`, which has to be 1
 * or more), or a function runs. `'event'`: nothing but the event `acted`.
 */
export type WatchAct<Answer> =
  | { say: Words<Answer> }
  | { reply: Words<Answer> }
  | 'event'
  | ((sighting: WatchSighting<Answer>) => unknown);

/** Times are in ms. */
export interface VideoWatchOptions<Answer> {
  /** Looks this often, from the end of one look to the next. @defaultValue not by time */
  everyMs?: number;
  /**
   * Times of the day (`'09:00'`) and cron expressions (`'*\/15 9-17 * * MON-FRI'`), or a function
   * that gives the next time after one.
   * @defaultValue none
   */
  schedule?: readonly string[] | ((after: Date) => Date | null);
  /** Time zone of `schedule`, such as `'Europe/Berlin'`. @defaultValue that of the machine */
  timeZone?: string;
  /** Looks when the scene changes. @defaultValue false */
  onSceneChange?: boolean | SceneChangeOptions;
  decide: WatchDetector<Answer> | WatchQuestion<Answer>;
  /** `looks` of `of` looks say yes, `everyMs` apart, and the first of them `forMs` ago. */
  confirm?: {
    /** @defaultValue 1 */
    looks?: number;
    /** @defaultValue as many as `looks` */
    of?: number;
    /** @defaultValue 500 */
    everyMs?: number;
    /** @defaultValue 0 */
    forMs?: number;
  };
  act: WatchAct<Answer>;
  /** @defaultValue 10000 */
  coolDownMs?: number;
  /** Where somebody speaks: `wait`, `drop` or `ignore`. @defaultValue 'wait', 'ignore' for 'event' */
  floor?: WatchInput['floor'];
  budget?: {
    /** @defaultValue 30 */
    looksPerMinute?: number;
    /** @defaultValue 60 */
    actsPerHour?: number;
  };
  limits?: {
    /** @defaultValue 5000 */
    lookTimeoutMs?: number;
    /** @defaultValue 15000 */
    decideTimeoutMs?: number;
    /** @defaultValue 60000 */
    actTimeoutMs?: number;
    /** @defaultValue 30000 */
    floorTimeoutMs?: number;
    /** After a failure, doubled with each in a row. @defaultValue 1000 */
    backOffMs?: number;
    /** @defaultValue 60000 */
    maxBackOffMs?: number;
  };
  /**
   * Whose voice and floor it is; needed by `say` and `reply`.
   * @defaultValue the agent session of the VideoSession; none for other video
   */
  session?: voice.AgentSession;
}

/**
 * Checks the options, and makes of them what the machine gets.
 * @param session - Whose voice and floor it is.
 * @throws OptionError
 */
export function watchInput<Answer>(
  options: VideoWatchOptions<Answer>,
  session: voice.AgentSession | undefined = options.session,
): WatchInput {
  const { act, schedule, onSceneChange } = options;
  const { everyMs, floor, coolDownMs } = filled('', options, WATCH);
  if (everyMs === undefined && schedule === undefined && !onSceneChange)
    throw new OptionError('everyMs', everyMs, 'give one of everyMs, schedule and onSceneChange');
  checkDecision(options.decide);
  const speaks =
    typeof act === 'object' && act !== null && ['say', 'reply'].includes(Object.keys(act).join());
  if (!speaks && act !== 'event' && typeof act !== 'function')
    throw new OptionError('act', act, "give { say }, { reply }, a function, or 'event'");
  if (speaks && !session)
    throw new OptionError('session', session, 'an act that speaks needs the AgentSession');
  if (typeof onSceneChange !== 'boolean') filled('onSceneChange', onSceneChange, SCENE_CHANGE);
  const confirm = filled('confirm', options.confirm, CONFIRM);
  const of = options.confirm?.of ?? confirm.looks;
  if (of < confirm.looks)
    throw new OptionError('confirm.of', of, 'use a number that is not below confirm.looks');
  const { backOffMs, maxBackOffMs, ...limits } = filled('limits', options.limits, WATCH_LIMITS);
  return {
    ...limits,
    everyMs: everyMs ?? null,
    confirm: { ...confirm, of },
    floor: options.floor === undefined && act === 'event' ? 'ignore' : floor,
    coolDownMs,
    budget: filled('budget', options.budget, WATCH_BUDGET),
    backOff: { baseMs: backOffMs, maxMs: maxBackOffMs },
  };
}

function checkDecision<Answer>(decide: VideoWatchOptions<Answer>['decide']): void {
  if (typeof decide === 'function') return;
  const model = decide?.llm;
  assertOneFramework(model);
  const isModel =
    model instanceof llm.RealtimeModel ||
    typeof (model as llm.LLM | undefined)?.chat === 'function';
  if (!isModel)
    throw new OptionError('decide', decide, 'give a function, or { llm, question, answer }');
  filled('decide', decide, WATCH_QUESTION);
  if (decide.image !== undefined) checkedPicture('decide.image', decide.image);
}
