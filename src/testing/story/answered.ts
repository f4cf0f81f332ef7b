import type { Evidence } from './evidence.ts';
import type { Verdict } from './promises.ts';
import { isAsked, type Question } from './record.ts';

/** A turn may take this many times as long as without video, plus the picture's budget. */
const TIMES_AS_LONG = 4;
/** Additional time of a turn with a slow tool or a look at nothing, in ms. */
const TOOL_MS = 2500;
/** Additional time of a turn that ends with a button: the framework waits for late words, in ms. */
const LATE_WORDS_MS = 600;
/** Additional time while the conversation moves to another agent or connection, in ms. */
const MOVING_MS = 4000;

/** Checks that each turn was answered once and in time, and no question that was not asked. */
export class Answered {
  readonly #evidence: Evidence;
  readonly #verdict: Verdict;

  constructor(evidence: Evidence, verdict: Verdict) {
    this.#evidence = evidence;
    this.#verdict = verdict;
  }

  judge(): void {
    const { questions, problems } = this.#evidence.record;
    for (const question of questions)
      if (isAsked(question)) this.#checkAnswer(question);
      else this.#checkUnasked(question);
    for (const { step, what } of problems) this.#verdict.break('answered', step, what);
  }

  #checkAnswer(question: Question): void {
    const { number, step, at, answers, cutOff, gaveUpAt, isTaken, isSpoken, press, tools, agent } =
      question;
    // The framework skips speech between two agents.
    const isSkipped = isSpoken || (press && this.isMoving(question, LATE_WORDS_MS));
    if (isSkipped && !isTaken && answers.length === 0) {
      this.#verdict.checked.answered.unmeasured += 1;
      return;
    }
    this.#verdict.check('answered');
    const name = `question ${number}`;
    if (answers.length > this.#mostAnswers(question))
      this.#verdict.break('answered', step, `${name} was answered ${answers.length} times`);
    if (cutOff) return;
    const [answeredAt] = answers;
    if (answeredAt === undefined) {
      if (gaveUpAt === undefined) return;
      this.#verdict.break('answered', step, `${name} has no answer after ${gaveUpAt - at} ms`);
      return;
    }
    const { limits, stalls } = this.#evidence;
    const took = answeredAt - at;
    const usual = limits.usual(agent);
    const limit =
      TIMES_AS_LONG * usual +
      limits.budgetMs +
      (tools.length > 0 ? TOOL_MS : 0) +
      (press ? LATE_WORDS_MS : 0) +
      (this.isMoving(question) ? MOVING_MS : 0) +
      2 * stalls.between(at, answeredAt);
    if (took > limit)
      this.#verdict.break(
        'answered',
        step,
        `${name} took ${took} ms, without video at most ${usual} ms`,
      );
  }

  /** Checks that the words of a press that was not released are gone. */
  #checkUnasked({ number, step, agent, isTaken, answers }: Question): void {
    // Its plugin cannot clear sound that it has sent.
    if (agent === 'gemini') return;
    this.#verdict.check('answered');
    const isHeard = this.#evidence.record.asked.some(({ question }) => question === number);
    if (isHeard || isTaken || answers.length > 0)
      this.#verdict.break(
        'answered',
        step,
        `the press of question ${number} was cancelled, and is a turn`,
      );
  }

  /** Gemini gets the picture of a look after the tool's result, and may reply a second time. */
  #mostAnswers({ agent, tools }: Question): number {
    return 1 + (agent === 'gemini' ? tools.filter((tool) => tool !== 'slow').length : 0);
  }

  /** Whether the conversation was moving, which makes a turn slower. */
  isMoving({ number, at }: Question, withinMs = 1): boolean {
    const { record } = this.#evidence;
    const before = record.questions.filter((one) => one.number < number);
    const isBusy = before.some(({ answers, cutOff }) => (answers[0] ?? cutOff?.at ?? 0) > at - 100);
    return (
      isBusy || record.moves.some((move) => move.from <= at + withinMs && (move.to ?? at) >= at - 1)
    );
  }
}
