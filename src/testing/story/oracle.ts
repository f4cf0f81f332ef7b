import { type PictureLike, pixelsOf } from '../pictures/picture.ts';
import { Answered } from './answered.ts';
import type { Evidence } from './evidence.ts';
import { heardBreaks, measuredSpeeches } from './heard.ts';
import { markBreaks, storyLevel } from './masks.ts';
import { Verdict } from './promises.ts';
import { type Asked, isAsked, type Question } from './record.ts';
import { Sight, STALLS_BEFORE_MS } from './sight.ts';
import type { Showing } from './world.ts';

/** Time from a socket to the service, in ms. */
const ON_THE_WIRE_MS = 50;

/** Checks from outside which of Sightline's promises a story kept. */
export class Oracle {
  readonly #verdict = new Verdict();
  readonly #evidence: Evidence;
  readonly #answered: Answered;
  readonly #sight: Sight;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#answered = new Answered(evidence, this.#verdict);
    this.#sight = new Sight(evidence.world, evidence.limits.spreadMs);
  }

  async judge(): Promise<Verdict> {
    const { record, left } = this.#evidence;
    this.#answered.judge();
    this.#checkHeard();
    this.#checkLife();
    for (const asked of record.asked) await this.#checkAsked(asked);
    for (const { at, picture, agent } of record.received) {
      this.#verdict.check('seen', 'off');
      const slack = ON_THE_WIRE_MS + this.#stalled(at - 1000, at);
      await this.#allowed(picture, { at, slack, step: 0, where: `a frame for ${agent}` });
    }
    await this.#checkMasked();
    this.#verdict.check('nothingLeft');
    for (const what of left) this.#verdict.break('nothingLeft', 0, what);
    return this.#verdict;
  }

  #checkHeard(): void {
    const { record, heard } = this.#evidence;
    const measured = measuredSpeeches(record.speeches, heard);
    this.#verdict.checked.heard.checked += measured.size;
    this.#verdict.checked.heard.unmeasured += record.speeches.length - measured.size;
    const stalled = (from: number, to: number) => this.#stalled(from, to);
    for (const { step, message } of heardBreaks(record.speeches, heard, stalled))
      this.#verdict.break('heard', step, message);
  }

  async #checkMasked(): Promise<void> {
    const { record, mask } = this.#evidence;
    if (mask === 'none') return;
    const { checked, breaks } = await markBreaks(record);
    this.#verdict.checked.masked.checked += checked;
    for (const { step, message } of breaks) this.#verdict.break('masked', step, message);
  }

  #checkLife(): void {
    const { record } = this.#evidence;
    this.#verdict.check('alive');
    for (const error of record.uncaught)
      this.#verdict.break('alive', 0, `uncaught error: ${error}`);
    if (record.closedBy !== undefined)
      this.#verdict.break('alive', 0, `the agent session closed by itself: ${record.closedBy}`);
    for (const refusal of record.refused) this.#verdict.break('alive', 0, refusal);
  }

  async #checkAsked(asked: Asked): Promise<void> {
    const { record } = this.#evidence;
    const question = record.questions.find(({ number }) => number === asked.question);
    if (!question || !isAsked(question)) return;
    this.#verdict.check('seen', 'off');
    const { step, number } = question;
    const where = `the request of question ${number} to ${asked.agent}`;
    if (asked.agent === 'textOnly' || asked.agent === 'voiceOnly') {
      if (asked.pictures.length > 0)
        this.#verdict.break('seen', step, `${where} has a picture for a model that takes none`);
      return;
    }
    const isRealtime = asked.agent !== 'pipeline';
    if (!isRealtime)
      for (const picture of asked.pictures)
        await this.#allowed(picture, { at: asked.at, slack: 0, step, where });
    if (asked.isFollowUp) return this.#checkLooks(asked, question);
    if (!isRealtime && asked.pictures.length > 1)
      this.#verdict.break('seen', step, `${where} has ${asked.pictures.length} pictures`);
    await this.#checkNewest(asked, question, where);
  }

  /** Checks that the turn's own picture is the newest one of the watched source. */
  async #checkNewest(asked: Asked, question: Question, where: string): Promise<void> {
    const { step } = question;
    const from = this.#beginOf(question);
    const expected = this.#sight.expected(from, asked.at);
    const isRealtime = asked.agent !== 'pipeline';
    // A spoken turn of a realtime model has what its sampler sent.
    if (isRealtime && (question.isSpoken || asked.isSpeech || expected !== 'one')) return;
    const [picture] = asked.own;
    if (picture === undefined) {
      const { limits, mask } = this.#evidence;
      const isLate =
        this.#stalled(from, asked.at) > limits.budgetMs / 2 || asked.at - from >= limits.budgetMs;
      // A slow mask may still have the frame when the connection is ready again.
      const isWithheld =
        mask === 'withholds' || (mask === 'slow' && this.#answered.isMoving(question));
      if (expected === 'one' && !isLate && !isWithheld)
        this.#verdict.break('seen', step, `${where} has no picture`);
      return;
    }
    if (expected === 'none' && !isRealtime) {
      this.#verdict.break('seen', step, `${where} has a picture, and nothing is shown`);
      return;
    }
    const showing = await this.#showing(picture, asked.at);
    if (!showing) return;
    // The user releases a button when the agent has the picture.
    const until = question.press ? from : asked.at;
    const slack = this.#evidence.limits.spreadMs + this.#stalled(from - STALLS_BEFORE_MS, until);
    // If the turn's own picture is withheld, a realtime model has what its sampler sent before.
    const mayBeEarlier = isRealtime && this.#evidence.mask === 'withholds';
    if (!mayBeEarlier && !this.#sight.isNewest(showing, from, asked.at, slack))
      this.#verdict.break(
        'seen',
        step,
        `${where} has ${nameOf(showing)}, which is not the newest picture`,
      );
    const { width, height } = await pixelsOf(picture);
    if (width > height !== showing.isUpright)
      this.#verdict.break('seen', step, `${where} has a picture that is not upright`);
  }

  /** Checks that a look at a shared source has its newest picture. */
  async #checkLooks(asked: Asked, question: Question): Promise<void> {
    if (asked.agent !== 'pipeline' || this.#evidence.mask === 'withholds') return;
    const { step, number, cutOff } = question;
    const from = this.#beginOf(question);
    const slack = this.#evidence.limits.spreadMs + this.#stalled(from, asked.at);
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
      const share = this.#sight.sharedAllTheTime(what, from, asked.at);
      if (!share) continue;
      const isThere = shown.some(
        (showing) => showing?.share === share && this.#sight.isCurrent(showing, from, slack),
      );
      if (!isThere)
        this.#verdict.break(
          'seen',
          step,
          `the look at the ${what} of question ${number} shows another`,
        );
    }
  }

  /**
   * When the turn of the question began. The framework ends a turn up to 500 ms after the release,
   * and if the user presses again before that, with the words of the new press: before its release.
   */
  #beginOf({ number, at }: Question): number {
    const requests = this.#evidence.record.asked.filter(({ question }) => question === number);
    return Math.min(at, ...requests.map((asked) => asked.at));
  }

  /** Checks that the picture was shown and is not withdrawn. */
  async #allowed(
    picture: PictureLike,
    { at, slack, step, where }: { at: number; slack: number; step: number; where: string },
  ): Promise<void> {
    // A card with a text: reports the end of the video to a model that cannot forget pictures.
    if ((await storyLevel(picture)) === undefined) return;
    const showing = await this.#showing(picture, at);
    if (!showing)
      return this.#verdict.break('seen', step, `${where} has a picture that was never shown`);
    const { taken, hidden } = showing;
    const seen = `${where} has ${nameOf(showing)}`;
    if (taken && taken.at + slack < at)
      this.#verdict.break(taken.by === 'off' ? 'off' : 'seen', step, `${seen}: ${TAKEN[taken.by]}`);
    else if (hidden && hidden.until > at && hidden.from + slack < at)
      this.#verdict.break(hidden.by === 'off' ? 'off' : 'seen', step, `${seen}: ${hidden.by}`);
  }

  /** The newest picture of that grey level that was shown by this time. */
  async #showing(picture: PictureLike, at: number): Promise<Showing | undefined> {
    const level = await storyLevel(picture);
    return this.#evidence.world.showings.findLast((one) => one.level === level && one.from <= at);
  }

  #stalled(from: number, to: number): number {
    return this.#evidence.stalls.between(from, to);
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
