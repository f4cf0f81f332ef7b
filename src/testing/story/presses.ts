import { turnMethods } from '../push-to-talk/turn-methods.ts';
import { PATIENCE_MS, type Questions } from './questions.ts';
import { type Question, questionText } from './record.ts';
import { STALLS_BEFORE_MS } from './sight.ts';
import { pause, type StoryStage } from './stage.ts';
import type { StepOf } from './steps.ts';

/** Interval of the repetitions of words that the agent does not hear, in ms. */
const REPEAT_MS = 200;
/** Limit of the wait until the agent has another picture for certain, in ms. */
const LONGEST_HOLD_MS = 1500;

export interface PressDeps {
  readonly stage: StoryStage;
  readonly questions: Questions;
  /** Each camera shows another picture. */
  readonly showAnew: () => Promise<void>;
}

/** The user's button of push-to-talk, whose page calls the agent's methods. */
export class Presses {
  readonly #deps: PressDeps;
  /** Resolves when the button is not held. */
  #isFree: Promise<unknown> = Promise.resolve();

  constructor(deps: PressDeps) {
    this.#deps = deps;
  }

  /** Asks with the button. Resolves with the answer, or after the cancel. */
  async press(step: number, how: StepOf<'press'>): Promise<void> {
    const held = this.#isFree.then(() => this.#hold(step, how));
    this.#isFree = held.catch(() => {});
    const question = await held;
    if (question) await this.#deps.questions.answered(question);
  }

  /** Resolves with the question if the button was released. */
  async #hold(step: number, { end, tools }: StepOf<'press'>): Promise<Question | undefined> {
    const { stage, questions } = this.#deps;
    const methods = turnMethods(stage.session);
    const question = questions.ask(step, tools, { press: 'held' });
    let words = questionText(question.number);
    let pressedAt: number;
    // Words may be lost on the way to another agent or connection: the user begins again.
    for (;;) {
      if (!(await this.#isCalm(question))) return undefined;
      pressedAt = Date.now();
      stage.record.cutOff('a press');
      methods.start_turn();
      await this.#say(words, question, pressedAt);
      await this.#showAnew();
      if (!this.#hasMoved(pressedAt)) break;
      // Other words, so that the ones before do not count as heard.
      words += ' Again.';
    }
    if (stage.isClosing) return undefined;
    if (end === 'release') {
      stage.record.cutOff('another question');
      questions.released(question);
      methods.end_turn();
      return question;
    }
    question.press = 'cancelled';
    methods.cancel_turn();
    await this.#showAnew();
    return undefined;
  }

  /**
   * Shows another picture, and waits until the agent has it: the oracle then knows an earlier one,
   * such as that of the beginning of the press.
   */
  async #showAnew(): Promise<void> {
    const { stalls, room } = this.#deps.stage;
    await this.#deps.showAnew();
    const shownAt = Date.now();
    const heldFor = () => Date.now() - shownAt;
    const slack = () =>
      2 * room.spreadMs + stalls.between(Date.now() - STALLS_BEFORE_MS, Date.now());
    while (heldFor() <= Math.min(slack(), LONGEST_HOLD_MS)) await pause(5);
  }

  /** Waits while the conversation moves. Resolves to `false` if the user gives up. */
  async #isCalm(question: Question): Promise<boolean> {
    const { stage } = this.#deps;
    while (stage.record.moves.some(({ to }) => to === undefined)) {
      if (this.#isLate(question)) return false;
      await pause(5);
    }
    return !stage.isClosing;
  }

  /**
   * Says the words until the agent has heard them: a recognizer that restarts loses them.
   *
   * @throws Error if the agent never hears them.
   */
  async #say(words: string, question: Question, pressedAt: number): Promise<void> {
    const { stage } = this.#deps;
    while (!stage.hears(words) && !this.#hasMoved(pressedAt) && !stage.isClosing) {
      if (this.#isLate(question)) throw new Error('the agent does not hear the user');
      stage.say(words);
      const saidAt = Date.now();
      while (!stage.hears(words) && Date.now() - saidAt < REPEAT_MS) await pause(5);
    }
  }

  /** Whether another agent or connection took over since that time, or does so now. */
  #hasMoved(since: number): boolean {
    const { isClosing, record } = this.#deps.stage;
    return !isClosing && record.moves.some(({ to }) => to === undefined || to >= since);
  }

  #isLate({ at }: Question): boolean {
    const { isClosing, stalls } = this.#deps.stage;
    return isClosing || stalls.isOver(PATIENCE_MS, at);
  }
}
