import { endSpokenTurn } from '../../internals/spoken-turn.ts';
import { type Question, questionText } from './record.ts';
import { pause, type StoryStage } from './stage.ts';

/** How long the user waits for an answer, in ms. */
export const PATIENCE_MS = 4000;

type Tools = Question['tools'];

/** Asks the user's questions, and waits for the answers. */
export class Questions {
  readonly #stage: StoryStage;

  constructor(stage: StoryStage) {
    this.#stage = stage;
  }

  /** Asks a typed question. Resolves with the answer. */
  async type(step: number, tools: Tools = []): Promise<void> {
    const { session, record } = this.#stage;
    // As the framework's own text input does.
    record.cutOff('another question');
    this.interrupt();
    const question = this.ask(step, tools);
    const userInput = questionText(question.number);
    // A question that was cut off before the agent took it is not asked later, after the next one.
    while (!question.isTaken && !question.cutOff && !this.#isLate(question)) {
      try {
        const speech = session.generateReply({ userInput });
        question.isTaken = true;
        await Promise.race([speech.waitForPlayout(), this.#patience(question)]);
      } catch {
        // The framework refuses questions until the agent has started.
        await pause(10);
      }
    }
    await this.answered(question);
  }

  /** Asks a spoken question. Resolves with the answer. */
  async speak(step: number, tools: Tools = []): Promise<void> {
    const { session, record, model, agent } = this.#stage;
    if (agent === 'voiceOnly') return this.type(step, tools);
    record.cutOff('another question');
    const question = this.ask(step, tools, { isSpoken: true });
    const text = questionText(question.number);
    if (!model?.service) await endSpokenTurn(session, text);
    else {
      // A busy machine connects only after the hand-off. Without a connection, speech is not heard.
      if (!model.service.connections.at(-1)?.isOpen)
        await model.service.nextConnection(PATIENCE_MS).catch(() => undefined);
      const connection = model.service.connections.at(-1);
      if (!connection?.isOpen && (this.#stage.agent !== agent || this.#stage.isClosing)) {
        // The agent that was spoken to handed off, or was closed, before it was connected.
        record.cutOff('a hand-off');
        return;
      }
      // A service may refuse speech while it answers.
      const heard = model.service.hear(text).catch(() => record.cutOff('another answer'));
      if (connection?.isOpen) await Promise.race([heard, connection.closed]);
    }
    await this.answered(question);
  }

  /** Notes a question from now on. */
  ask(
    step: number,
    tools: Tools = [],
    how: Partial<Pick<Question, 'isSpoken' | 'press'>> = {},
  ): Question {
    const { record, agent } = this.#stage;
    const question: Question = {
      number: record.questions.length + 1,
      step,
      at: Date.now(),
      agent,
      isSpoken: false,
      ...how,
      tools,
      isTaken: false,
      answers: [],
    };
    record.questions.push(question);
    return question;
  }

  /** The user releases the button: the question is asked now, and not cut off before. */
  released(question: Question): void {
    question.press = 'released';
    question.at = Date.now();
    question.agent = this.#stage.agent;
    delete question.cutOff;
  }

  /** Resolves with the answer, or when none is expected any more. */
  async answered(question: Question): Promise<void> {
    while (question.answers.length === 0 && !question.cutOff && !this.#isLate(question))
      await pause(5);
    if (question.answers.length > 0 || question.cutOff) return;
    question.gaveUpAt = Date.now();
    // A hanging answer would also block the next questions and the end.
    this.interrupt(true);
  }

  async #patience(question: Question): Promise<void> {
    while (!this.#isLate(question)) await pause(20);
  }

  interrupt(force = false): void {
    try {
      this.#stage.session.interrupt({ force });
    } catch {
      // No agent has started, or all have ended.
    }
  }

  /** Whether the user stops waiting. */
  #isLate({ at, cutOff }: Question): boolean {
    const { isClosing, stalls } = this.#stage;
    return isClosing || (cutOff === undefined && stalls.isOver(PATIENCE_MS, at));
  }
}
