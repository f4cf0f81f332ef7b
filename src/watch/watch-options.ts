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

/** A question to a model about each picture. */
export interface WatchQuestion<Answer> {
  /**
   * Any model of the framework that takes pictures; usually not the one of the conversation.
   *
   * A realtime model answers with a tool call, on a separate connection for each question, so the
   * conversation is not affected. Each look then costs a handshake. OpenAI is forced to call the
   * tool; Gemini is instructed to, and a look without the call counts as failed. Google models that
   * accept no text after their setup (Gemini 3.1) cannot be used. The plugins themselves end the
   * process if their service refuses the connection; use a chat model if the watch must survive
   * that.
   */
  llm: llm.LLM | llm.RealtimeModel;
  question: string;
  /**
   * Schema of the answer: a zod schema, or a plain JSON schema, whose type is an argument of the
   * watch: `new VideoWatch<{ open: boolean }>(...)`. A string schema accepts the model's text as it
   * is.
   */
  answer: AnswerSchema<Answer> | JsonSchema;
  /** Whether the answer is a reason to act. @defaultValue it is truthy, or has a truthy `act` */
  when?: (answer: Answer) => boolean;
  /** @defaultValue JPEG, quality 75, fitted inside 1024x1024 */
  image?: EncodeOptions;
}

/**
 * The application's own detector. It returns the answer that `act` gets. The answer is a reason to
 * act if it is truthy; of an object with a property `act`, if that property is truthy.
 */
export type WatchDetector<Answer> = (
  frame: SeenFrame,
  options: { signal: AbortSignal },
) => Answer | Promise<Answer>;

/** The arguments of an act. */
export interface WatchSighting<Answer> {
  readonly answer: Answer;
  readonly frame: SeenFrame;
  /** The agent session of the watch, if it has one. */
  readonly session: voice.AgentSession | undefined;
  /** Aborts if the act exceeds its limit, or the watch stops. */
  readonly signal: AbortSignal;
}

type Words<Answer> = string | ((answer: Answer) => string);

/**
 * What the watch does. `say`: the agent says a line; a realtime model is instructed to. `reply`:
 * the agent replies to instructions and the picture, which is added to the history
 * (`turn.keepPictures` must be 1 or more). A function is called. `'event'`: only the event `acted`.
 */
export type WatchAct<Answer> =
  | { say: Words<Answer> }
  | { reply: Words<Answer> }
  | 'event'
  | ((sighting: WatchSighting<Answer>) => unknown);

/** Times are in ms. */
export interface VideoWatchOptions<Answer> {
  /** Time from the end of one look to the next. @defaultValue no interval */
  everyMs?: number;
  /**
   * Times of day (`'09:00'`) and cron expressions (`'*\/15 9-17 * * MON-FRI'`), or a function that
   * returns the next time after a date.
   * @defaultValue none
   */
  schedule?: readonly string[] | ((after: Date) => Date | null);
  /** Time zone of `schedule`, such as `'Europe/Berlin'`. @defaultValue the machine's */
  timeZone?: string;
  /** Looks after each scene change. @defaultValue false */
  onSceneChange?: boolean | SceneChangeOptions;
  decide: WatchDetector<Answer> | WatchQuestion<Answer>;
  /** Act if `looks` of `of` looks say yes, `everyMs` apart, and the first yes is `forMs` old. */
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
  /**
   * While the user or the agent speaks: `wait`, `drop` or `ignore`. @defaultValue 'wait', 'ignore'
   * for 'event'
   */
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
    /** Pause after a failure; doubles with each failure in a row. @defaultValue 1000 */
    backOffMs?: number;
    /** @defaultValue 60000 */
    maxBackOffMs?: number;
  };
  /**
   * The agent session that speaks and has the floor; `say` and `reply` need it.
   * @defaultValue the agent session of the VideoSession; none for other video
   */
  session?: voice.AgentSession;
}

/**
 * Checks the options, and converts them to the machine's input.
 * @param session - The agent session that speaks and has the floor.
 * @throws OptionError
 */
export function watchInput<Answer>(
  options: VideoWatchOptions<Answer>,
  session: voice.AgentSession | undefined = options.session,
): WatchInput {
  const { act, schedule, onSceneChange } = options;
  const { everyMs, floor, coolDownMs } = filled('', options, WATCH);
  if (everyMs === undefined && schedule === undefined && !onSceneChange)
    throw new OptionError('everyMs', everyMs, 'set everyMs, schedule or onSceneChange');
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
