import type { ToolCall } from '../recording-llm.ts';
import { answerText, questionsIn, type StoryRecord } from './record.ts';
import type { StoryToolCall } from './steps.ts';

const CALLS: Readonly<Record<StoryToolCall, ToolCall>> = {
  look: { call: 'look' },
  lookAtCamera: { call: 'look', args: { source: 'camera' } },
  lookAtScreen: { call: 'look', args: { source: 'screen' } },
  slow: { call: 'slow' },
};

/** The answers of the models in a story, with tool calls first if the question has them. */
export class Answers {
  readonly #record: StoryRecord;
  /** Questions that called tools, and the connection of the calls. */
  readonly #called = new Map<number, number>();
  readonly #given = new Set<number>();
  /** The questions whose answer began with tool calls last, and those of them that have tools. */
  #last: { readonly all: readonly number[]; readonly calling: readonly number[] } = {
    all: [],
    calling: [],
  };
  /** Questions that were answered together with another one. */
  readonly #together = new Set<number>();
  /** Questions that were answered since the last tool calls, and the connection of the answer. */
  readonly #meanwhile = new Map<number, number>();

  constructor(record: StoryRecord) {
    this.#record = record;
  }

  /** The tool calls of these questions, at the first request of each. */
  calls(numbers: readonly number[], connection = 0): readonly ToolCall[] {
    const calling = this.#record.questions.filter(
      ({ number, tools }) =>
        tools.length > 0 && numbers.includes(number) && !this.#called.has(number),
    );
    if (calling.length === 0) return [];
    for (const { number } of calling) this.#called.set(number, connection);
    this.#meanwhile.clear();
    this.#last = { all: numbers, calling: calling.map(({ number }) => number) };
    return calling.flatMap(({ tools }) => tools.map((tool) => CALLS[tool]));
  }

  /**
   * The questions that a realtime model answers now; none if it has answered them already.
   *
   * @param text - The questions that have no answer by the service's account.
   * @param isFollowUp - The model has the results of its tools.
   * @param connection - What was said on another one is lost.
   */
  due(text: string, isFollowUp: boolean, connection = 0): readonly number[] {
    const numbers = questionsIn(text).filter((number) => !this.#isCancelled(number));
    const results = isFollowUp ? undefined : this.#results(numbers, connection);
    if (results) return results;
    // The framework also requests an answer to a text that the answer to speech covers.
    const [only, another] = numbers;
    const isCovered = another === undefined && only !== undefined && this.#together.has(only);
    if (isCovered && !isFollowUp) return [];
    // What the model has said counts for it before it is heard.
    const isSaid = (number: number) => isFollowUp && this.#meanwhile.has(number);
    const due = new Set(this.#unanswered(numbers).filter((number) => !isSaid(number)));
    // The results may come when the user has already asked something else. Without a question,
    // Sightline asks Gemini to continue with the picture of a look, which may cut off the answer to
    // the results.
    const { all, calling } = this.#last;
    const open = numbers.length === 0 ? [...calling, ...this.#unanswered(all)] : [];
    for (const number of isFollowUp ? all : open) due.add(number);
    if (due.size === 0) due.add(numbers.at(-1) ?? this.#record.lastAsked);
    return [...due].sort((one, other) => one - other);
  }

  /**
   * The questions whose results of tools a request is for, if the model has already answered all that
   * it seems to be for, or waits for the results of that: the framework sends the results together
   * with what was asked meanwhile, and requests their answer after that.
   */
  #results(numbers: readonly number[], connection: number): readonly number[] | undefined {
    if (numbers.length === 0) return undefined;
    const isGiven = (number: number) => this.#meanwhile.get(number) === connection;
    const open = this.#last.calling.filter((number) => !isGiven(number));
    if (open.length > 0 && numbers.every(isGiven)) return open;
    const isUnanswered = (number: number) => !this.#given.has(number);
    const isPending = (number: number) =>
      this.#called.get(number) === connection && isUnanswered(number);
    if (!numbers.every(isPending)) return undefined;
    return [...this.#called.keys()].filter((one) => isUnanswered(one) && !numbers.includes(one));
  }

  /** The answer to these questions. */
  given(numbers: readonly number[], connection = 0): string {
    for (const number of numbers) {
      this.#given.add(number);
      this.#meanwhile.set(number, connection);
    }
    if (numbers.length > 1) for (const number of numbers) this.#together.add(number);
    return numbers.map(answerText).join(' ');
  }

  /** Gemini hears what the user said before a cancel. */
  #isCancelled(number: number): boolean {
    return this.#record.questions.some((one) => one.number === number && one.press === 'cancelled');
  }

  /** A new connection gets the history too, with questions that are answered. */
  #unanswered(numbers: readonly number[]): readonly number[] {
    const answered = this.#record.questions.filter(({ answers }) => answers.length > 0);
    return numbers.filter((number) => answered.every((one) => one.number !== number));
  }
}
