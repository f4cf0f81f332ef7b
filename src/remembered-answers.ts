/** Answers that are kept at a time. */
const MOST = 2000;
/** Longest text whose answer is kept, in characters. */
const LONGEST = 200;

/** Answers about texts that are asked for again and again. It keeps few of them, about short texts. */
export class RememberedAnswers<Answer> {
  readonly #answers = new Map<string, Answer>();

  get(text: string): Answer | undefined {
    return this.#answers.get(text);
  }

  keep(text: string, answer: Answer): Answer {
    if (text.length > LONGEST) return answer;
    if (this.#answers.size === MOST) this.#answers.clear();
    this.#answers.set(text, answer);
    return answer;
  }

  clear(): void {
    this.#answers.clear();
  }
}
