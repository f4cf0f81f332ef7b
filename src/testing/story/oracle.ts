import { type PictureLike, pixelsOf } from '../pictures/picture.ts';
import { type Hearing, heardBreaks, measuredSpeeches } from './heard.ts';
import { markBreaks, storyLevel } from './masks.ts';
import { type Asked, isAsked, type Question, type StoryRecord } from './record.ts';
import { Sight, STALLS_BEFORE_MS } from './sight.ts';
import type { Stalls } from './stalls.ts';
import type { AgentKind } from './steps.ts';
import type { Showing, World } from './world.ts';

export const PROMISES = [
  'answered',
  'seen',
  'heard',
  'alive',
  'off',
  'masked',
  'nothingLeft',
] as const;
/**
 * The promises that a story checks. `answered`: each turn is, once and in time. `seen`: the newest
 * picture, and none that was withdrawn. `heard`: the agent's speech, once. `alive`: the agent stays
 * so. `off`: no picture is seen while the video is off. `masked`: no picture shows what a mask
 * hides. `nothingLeft`: nothing remains at the end.
 */
export type PromiseName = (typeof PROMISES)[number];

export interface Break {
  readonly promise: PromiseName;
  /** Index of the step that broke it. */
  readonly step: number;
  readonly message: string;
}

/** Limits for the turns, in ms. */
export interface TimeLimits {
  /** The longest typed turn of an agent of this kind without video. */
  usual(kind: AgentKind): number;
  /** Longest wait of a turn for its picture. */
  readonly budgetMs: number;
  /** Most time between the arrivals of a picture at two readers of its track. */
  readonly spreadMs: number;
}

export interface Evidence {
  readonly record: StoryRecord;
  readonly world: World;
  /** What the user heard. */
  readonly heard: Hearing;
  /** The effect of the story's masks: `withholds` if one of them fails at times. */
  readonly mask: 'none' | 'covers' | 'slow' | 'withholds';
  readonly stalls: Stalls;
  readonly limits: TimeLimits;
  /** Resources that are left at the end. */
  readonly left: readonly string[];
}

export interface Count {
  checked: number;
  broken: number;
  /**
   * Not checked: speeches during which the machine lost sound, and spoken turns that the agent
   * session never accepted.
   */
  unmeasured: number;
}

export type Checked = { [P in PromiseName]: Count };

/** No promise is checked yet. */
export const nothingChecked = (): Checked =>
  Object.fromEntries(
    PROMISES.map((promise) => [promise, { checked: 0, broken: 0, unmeasured: 0 }]),
  ) as Checked;

/** Time from a socket to the service, in ms. */
const ON_THE_WIRE_MS = 50;
/** A turn may take this many times as long as without video, plus the picture's budget. */
const TIMES_AS_LONG = 4;
/** Additional time of a turn with a slow tool or a look at nothing, in ms. */
const TOOL_MS = 2500;
/** Additional time of a turn that ends with a button: the framework waits for late words, in ms. */
const LATE_WORDS_MS = 600;
/** Additional time while the conversation moves to another agent or connection, in ms. */
const MOVING_MS = 4000;

/** Checks from outside which of Sightline's promises a story kept. */
export class Oracle {
  readonly breaks: Break[] = [];
  readonly checked = nothingChecked();
  readonly #evidence: Evidence;
  readonly #sight: Sight;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#sight = new Sight(evidence.world, evidence.limits.spreadMs);
  }

  async judge(): Promise<void> {
    const { record, left } = this.#evidence;
    for (const question of record.questions)
      if (isAsked(question)) this.#checkAnswer(question);
      else this.#checkUnasked(question);
    for (const { step, what } of record.problems) this.#break('answered', step, what);
    this.#checkHeard();
    this.#checkLife();
    for (const asked of record.asked) await this.#checkAsked(asked);
    for (const { at, picture, agent } of record.received) {
      this.#check('seen', 'off');
      const slack = ON_THE_WIRE_MS + this.#stalled(at - 1000, at);
      await this.#allowed(picture, { at, slack, step: 0, where: `a frame for ${agent}` });
    }
    await this.#checkMasked();
    this.#check('nothingLeft');
    for (const what of left) this.#break('nothingLeft', 0, what);
  }

  #checkAnswer(question: Question): void {
    const { number, step, at, answers, cutOff, gaveUpAt, isTaken, isSpoken, press, tools, agent } =
      question;
    // The framework skips speech between two agents.
    const isSkipped = isSpoken || (press && this.#isMoving(question, LATE_WORDS_MS));
    if (isSkipped && !isTaken && answers.length === 0) {
      this.checked.answered.unmeasured += 1;
      return;
    }
    this.#check('answered');
    const name = `question ${number}`;
    if (answers.length > this.#mostAnswers(question))
      this.#break('answered', step, `${name} was answered ${answers.length} times`);
    if (cutOff) return;
    const [answeredAt] = answers;
    if (answeredAt === undefined) {
      if (gaveUpAt === undefined) return;
      this.#break('answered', step, `${name} has no answer after ${gaveUpAt - at} ms`);
      return;
    }
    const { limits } = this.#evidence;
    const took = answeredAt - at;
    const usual = limits.usual(agent);
    const limit =
      TIMES_AS_LONG * usual +
      limits.budgetMs +
      (tools.length > 0 ? TOOL_MS : 0) +
      (press ? LATE_WORDS_MS : 0) +
      (this.#isMoving(question) ? MOVING_MS : 0) +
      2 * this.#stalled(at, answeredAt);
    if (took > limit)
      this.#break('answered', step, `${name} took ${took} ms, without video at most ${usual} ms`);
  }

  /** Checks that the words of a press that was not released are gone. */
  #checkUnasked({ number, step, agent, isTaken, answers }: Question): void {
    // Its plugin cannot clear sound that it has sent.
    if (agent === 'gemini') return;
    this.#check('answered');
    const isHeard = this.#evidence.record.asked.some(({ question }) => question === number);
    if (isHeard || isTaken || answers.length > 0)
      this.#break('answered', step, `the press of question ${number} was cancelled, and is a turn`);
  }

  /** Gemini gets the picture of a look after the tool's result, and may reply a second time. */
  #mostAnswers({ agent, tools }: Question): number {
    return 1 + (agent === 'gemini' ? tools.filter((tool) => tool !== 'slow').length : 0);
  }

  /** Whether the conversation was moving, which makes a turn slower. */
  #isMoving({ number, at }: Question, withinMs = 1): boolean {
    const { record } = this.#evidence;
    const before = record.questions.filter((one) => one.number < number);
    const isBusy = before.some(({ answers, cutOff }) => (answers[0] ?? cutOff?.at ?? 0) > at - 100);
    return (
      isBusy || record.moves.some((move) => move.from <= at + withinMs && (move.to ?? at) >= at - 1)
    );
  }

  #checkHeard(): void {
    const { record, heard } = this.#evidence;
    const measured = measuredSpeeches(record.speeches, heard);
    this.checked.heard.checked += measured.size;
    this.checked.heard.unmeasured += record.speeches.length - measured.size;
    const stalled = (from: number, to: number) => this.#stalled(from, to);
    for (const { step, message } of heardBreaks(record.speeches, heard, stalled))
      this.#break('heard', step, message);
  }

  async #checkMasked(): Promise<void> {
    const { record, mask } = this.#evidence;
    if (mask === 'none') return;
    const { checked, breaks } = await markBreaks(record);
    this.checked.masked.checked += checked;
    for (const { step, message } of breaks) this.#break('masked', step, message);
  }

  #checkLife(): void {
    const { record } = this.#evidence;
    this.#check('alive');
    for (const error of record.uncaught) this.#break('alive', 0, `uncaught error: ${error}`);
    if (record.closedBy !== undefined)
      this.#break('alive', 0, `the agent session closed by itself: ${record.closedBy}`);
    for (const refusal of record.refused) this.#break('alive', 0, refusal);
  }

  async #checkAsked(asked: Asked): Promise<void> {
    const { record } = this.#evidence;
    const question = record.questions.find(({ number }) => number === asked.question);
    if (!question || !isAsked(question)) return;
    this.#check('seen', 'off');
    const { step, number } = question;
    const where = `the request of question ${number} to ${asked.agent}`;
    if (asked.agent === 'textOnly' || asked.agent === 'voiceOnly') {
      if (asked.pictures.length > 0)
        this.#break('seen', step, `${where} has a picture for a model that takes none`);
      return;
    }
    const isRealtime = asked.agent !== 'pipeline';
    if (!isRealtime)
      for (const picture of asked.pictures)
        await this.#allowed(picture, { at: asked.at, slack: 0, step, where });
    if (asked.isFollowUp) return this.#checkLooks(asked, question);
    if (!isRealtime && asked.pictures.length > 1)
      this.#break('seen', step, `${where} has ${asked.pictures.length} pictures`);
    await this.#checkNewest(asked, question, where);
  }

  /** Checks that the turn's own picture is the newest one of the watched source. */
  async #checkNewest(asked: Asked, question: Question, where: string): Promise<void> {
    const { step } = question;
    const expected = this.#sight.expected(question.at, asked.at);
    const isRealtime = asked.agent !== 'pipeline';
    // A spoken turn of a realtime model has what its sampler sent.
    if (isRealtime && (question.isSpoken || asked.isSpeech || expected !== 'one')) return;
    const [picture] = asked.own;
    if (picture === undefined) {
      const { limits, mask } = this.#evidence;
      const isLate =
        this.#stalled(question.at, asked.at) > limits.budgetMs / 2 ||
        asked.at - question.at >= limits.budgetMs;
      // A slow mask may still have the frame when the connection is ready again.
      const isWithheld = mask === 'withholds' || (mask === 'slow' && this.#isMoving(question));
      if (expected === 'one' && !isLate && !isWithheld)
        this.#break('seen', step, `${where} has no picture`);
      return;
    }
    if (expected === 'none' && !isRealtime) {
      this.#break('seen', step, `${where} has a picture, and nothing is shown`);
      return;
    }
    const showing = await this.#showing(picture, asked.at);
    if (!showing) return;
    // The user releases a button when the agent has the picture.
    const until = question.press ? question.at : asked.at;
    const slack =
      this.#evidence.limits.spreadMs + this.#stalled(question.at - STALLS_BEFORE_MS, until);
    if (!this.#sight.isNewest(showing, question.at, asked.at, slack))
      this.#break('seen', step, `${where} has ${nameOf(showing)}, which is not the newest picture`);
    const { width, height } = await pixelsOf(picture);
    if (width > height !== showing.isUpright)
      this.#break('seen', step, `${where} has a picture that is not upright`);
  }

  /** Checks that a look at a shared source has its newest picture. */
  async #checkLooks(asked: Asked, question: Question): Promise<void> {
    if (asked.agent !== 'pipeline' || this.#evidence.mask === 'withholds') return;
    const { step, number, at, cutOff } = question;
    const slack = this.#evidence.limits.spreadMs + this.#stalled(at, asked.at);
    // The user went on: the look may have ended without a picture.
    if (cutOff && cutOff.at <= asked.at) return;
    const shown = await Promise.all(
      asked.pictures.map((picture) => this.#showing(picture, asked.at)),
    );
    for (const [tool, what] of [
      ['lookAtCamera', 'camera'],
      ['lookAtScreen', 'screen'],
    ] as const) {
      if (!question.tools.includes(tool)) continue;
      const share = this.#sight.sharedAllTheTime(what, at, asked.at);
      if (!share) continue;
      const isThere = shown.some(
        (showing) => showing?.share === share && this.#sight.isCurrent(showing, at, slack),
      );
      if (!isThere)
        this.#break('seen', step, `the look at the ${what} of question ${number} shows another`);
    }
  }

  /** Checks that the picture was shown and is not withdrawn. */
  async #allowed(
    picture: PictureLike,
    { at, slack, step, where }: { at: number; slack: number; step: number; where: string },
  ): Promise<void> {
    // A card with a text: reports the end of the video to a model that cannot forget pictures.
    if ((await storyLevel(picture)) === undefined) return;
    const showing = await this.#showing(picture, at);
    if (!showing) return this.#break('seen', step, `${where} has a picture that was never shown`);
    const { taken, hidden } = showing;
    const seen = `${where} has ${nameOf(showing)}`;
    if (taken && taken.at + slack < at)
      this.#break(taken.by === 'off' ? 'off' : 'seen', step, `${seen}: ${TAKEN[taken.by]}`);
    else if (hidden && hidden.until > at && hidden.from + slack < at)
      this.#break(hidden.by === 'off' ? 'off' : 'seen', step, `${seen}: ${hidden.by}`);
  }

  /** The newest picture of that grey level that was shown by this time. */
  async #showing(picture: PictureLike, at: number): Promise<Showing | undefined> {
    const level = await storyLevel(picture);
    return this.#evidence.world.showings.findLast((one) => one.level === level && one.from <= at);
  }

  #stalled(from: number, to: number): number {
    return this.#evidence.stalls.between(from, to);
  }

  #check(...promises: PromiseName[]): void {
    for (const promise of promises) this.checked[promise].checked += 1;
  }

  #break(promise: PromiseName, step: number, message: string): void {
    this.checked[promise].broken += 1;
    this.breaks.push({ promise, step, message });
  }
}

const TAKEN = {
  off: 'the video is off',
  mute: 'it is muted',
  unshare: 'it is no longer shared',
  leave: 'its owner left',
} as const;

const nameOf = ({ share: { who, what }, level }: Showing): string =>
  `picture ${level} of the ${what} of ${who}`;
