import { llm, type voice } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { WatchInput } from '../machines/watch.types.ts';
import { assertOneFramework } from '../models/framework-copy.ts';
import { SceneChange, type SceneChangeOptions } from '../scene/scene-change.ts';
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
 * instructions and the picture, which then is in the history (`turn.keepImages`, which has to be 1
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
  every?: number;
  /**
   * Times of the day (`'09:00'`) and cron expressions (`'*\/15 9-17 * * MON-FRI'`), or a function
   * that gives the next time after one.
   * @defaultValue none
   */
  schedule?: readonly string[] | ((after: Date) => Date | null);
  /** Time zone of `schedule`, such as `'Europe/Berlin'`. @defaultValue that of the machine */
  timeZone?: string;
  /** Looks when the scene changes. @defaultValue false */
  onChange?: boolean | SceneChangeOptions;
  decide: WatchDetector<Answer> | WatchQuestion<Answer>;
  /** `looks` of `of` looks, `everyMs` apart, and the first one `forMs` ago. @defaultValue one look */
  confirm?: { looks?: number; of?: number; everyMs?: number; forMs?: number };
  act: WatchAct<Answer>;
  /** @defaultValue 10000 */
  coolDownMs?: number;
  /** Where somebody speaks: `wait`, `drop` or `ignore`. @defaultValue 'wait', 'ignore' for 'event' */
  floor?: WatchInput['floor'];
  /** @defaultValue 30 looks a minute, 60 acts an hour */
  budget?: { looksPerMinute?: number; actsPerHour?: number };
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

const DAY_MS = 86_400_000;

/**
 * Checks the options, and makes of them what the machine gets.
 * @param session - Whose voice and floor it is.
 * @throws OptionError
 */
export function watchInput<Answer>(
  options: VideoWatchOptions<Answer>,
  session: voice.AgentSession | undefined = options.session,
): WatchInput {
  const { every, schedule, onChange, confirm = {}, act, budget = {}, limits = {} } = options;
  if (every === undefined && schedule === undefined && !onChange)
    throw new OptionError('every', every, 'give one of every, schedule and onChange');
  checkDecision(options.decide);
  const speaks = typeof act === 'object' && act !== null && ('say' in act || 'reply' in act);
  if (!speaks && act !== 'event' && typeof act !== 'function')
    throw new OptionError('act', act, "give { say }, { reply }, a function, or 'event'");
  if (speaks && !session)
    throw new OptionError('session', session, 'an act that speaks needs the AgentSession');
  if (onChange) new SceneChange(onChange === true ? {} : onChange);
  const looks = whole('confirm.looks', confirm.looks ?? 1, 1, 1000);
  return {
    everyMs: every === undefined ? null : time('every', every, 1, DAY_MS),
    lookTimeoutMs: time('limits.lookTimeoutMs', limits.lookTimeoutMs ?? 5000),
    decideTimeoutMs: time('limits.decideTimeoutMs', limits.decideTimeoutMs ?? 15_000),
    actTimeoutMs: time('limits.actTimeoutMs', limits.actTimeoutMs ?? 60_000),
    confirm: {
      looks,
      of: whole('confirm.of', confirm.of ?? looks, looks, 1000),
      everyMs: time('confirm.everyMs', confirm.everyMs ?? 500, 0),
      forMs: time('confirm.forMs', confirm.forMs ?? 0, 0),
    },
    floor: policy(options.floor ?? (act === 'event' ? 'ignore' : 'wait')),
    floorTimeoutMs: time('limits.floorTimeoutMs', limits.floorTimeoutMs ?? 30_000),
    coolDownMs: time('coolDownMs', options.coolDownMs ?? 10_000, 0, DAY_MS),
    budget: {
      looksPerMinute: whole('budget.looksPerMinute', budget.looksPerMinute ?? 30, 1, 3600),
      actsPerHour: whole('budget.actsPerHour', budget.actsPerHour ?? 60, 0, 36_000),
    },
    backOff: {
      baseMs: time('limits.backOffMs', limits.backOffMs ?? 1000),
      maxMs: time('limits.maxBackOffMs', limits.maxBackOffMs ?? 60_000),
    },
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
  if (typeof decide.question !== 'string' || decide.question.trim() === '')
    throw new OptionError('decide.question', decide.question, 'give the question as text');
}

function policy(value: WatchInput['floor']): WatchInput['floor'] {
  if (['wait', 'drop', 'ignore'].includes(value)) return value;
  throw new OptionError('floor', value, "use 'wait', 'drop' or 'ignore'");
}

function time(option: string, value: number, min = 1, max = 3_600_000): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new OptionError(option, value, `use a time from ${min} to ${max} ms`);
}

function whole(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new OptionError(option, value, `use a whole number from ${min} to ${max}`);
}
