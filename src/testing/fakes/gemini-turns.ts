import { TestingError } from '../errors.ts';
import { speaks } from './gemini-checks.ts';
import { type JsonObject, objectsAt, textAt } from './json.ts';
import { type Answer, type Question, type Reply, replyOf, silence } from './reply.ts';

/** The part of a question that the connection provides. */
export type Asked = Omit<Question, 'connection'>;

/** The connection, as its turns use it. */
export interface TurnHost {
  setup(): JsonObject;
  send(message: JsonObject): void;
  /** Plays the model. */
  answer(question: Asked): Promise<Answer>;
  /** The model has called these tools, and waits for their results. */
  called(calls: readonly ToolCall[]): void;
  /** A turn has ended. */
  turnEnded(): void;
  /** Resolves when the client had time to continue what it sends. */
  reaction(): Promise<void>;
  failed(error: unknown): void;
}

export interface ToolCall {
  id: string;
  name: string;
  args: JsonObject;
}

/** The model's turns on one connection, at most one at a time. */
export class GeminiTurns {
  readonly #host: TurnHost;
  readonly #replyDelayMs: number;
  /** A turn that began and is not complete. */
  #isOpen = false;
  #planned: NodeJS.Timeout | undefined;
  /** Number of questions so far. Only the answer to the last one is used. */
  #questions = 0;
  /** What the user wrote or asked since the last answer began. */
  readonly #unanswered: string[] = [];
  #calls = 0;

  constructor(host: TurnHost, replyDelayMs: number) {
    this.#host = host;
    this.#replyDelayMs = replyDelayMs;
  }

  /** Adds to what the next answer is for. */
  write(text: string): void {
    if (text !== '') this.#unanswered.push(text);
  }

  /** Asks the model. One answer is for all questions that came before its first part. */
  ask(question: Asked): void {
    if (question.cause !== 'tools') this.interrupt();
    this.write(question.text);
    const number = this.#drop();
    this.#planned = setTimeout(() => {
      this.#answer(question, number).catch((error: unknown) => this.#host.failed(error));
    }, this.#replyDelayMs);
  }

  async #answer(question: Asked, number: number): Promise<void> {
    // The plugin sends a question that interrupts an answer as realtime text, and again as a turn:
    // a model takes longer to begin its answer to the first of them.
    await this.#host.reaction();
    if (number !== this.#questions) return;
    const texts = [...this.#unanswered];
    // The plugin sends a text that interrupts an answer twice.
    const text = [...new Set(texts)].join('\n');
    const answer = await this.#host.answer({ ...question, text });
    if (number !== this.#questions) return;
    this.#unanswered.splice(0, texts.length);
    if (answer !== null) this.say(replyOf(answer));
  }

  /** A complete turn, or the beginning of one. */
  say(reply: Reply): ToolCall[] {
    this.#isOpen = true;
    if (reply.text !== undefined) {
      if (speaks(this.#host.setup())) this.#speak(reply, reply.text);
      else this.#content({ modelTurn: { role: 'model', parts: [{ text: reply.text }] } });
    }
    const calls = (reply.toolCalls ?? []).map(({ name, args = {} }) => {
      this.#requireDeclared(name);
      this.#calls += 1;
      return { id: `function-call-${this.#calls}`, name, args };
    });
    if (calls.length > 0) {
      // The turn continues after the results of the tools.
      this.#host.send({ toolCall: { functionCalls: calls.map((call) => ({ ...call })) } });
      this.#host.called(calls);
    } else if (!reply.hold) this.finish();
    return calls;
  }

  /** Completes a held turn. */
  finish(): void {
    if (!this.#isOpen)
      throw new TestingError(
        'service',
        'no turn of the model is open',
        'begin one with `say({ text, hold: true })`',
      );
    this.#content({ generationComplete: true });
    this.#complete();
  }

  /** The user speaks or writes, which ends an open turn. @returns whether one was open */
  interrupt(): boolean {
    this.#drop();
    if (!this.#isOpen) return false;
    this.#content({ interrupted: true });
    this.#complete();
    return true;
  }

  end(): void {
    this.#drop();
    this.#isOpen = false;
  }

  #speak(reply: Reply, text: string): void {
    const audio = { mimeType: 'audio/pcm;rate=24000', data: silence(reply) };
    this.#content({ modelTurn: { role: 'model', parts: [{ inlineData: audio }] } });
    if (this.#host.setup().outputAudioTranscription) {
      this.#content({ outputTranscription: { text } });
    }
  }

  #complete(): void {
    this.#isOpen = false;
    this.#host.send({
      serverContent: { turnComplete: true },
      usageMetadata: { promptTokenCount: 300, responseTokenCount: 20, totalTokenCount: 320 },
    });
    this.#host.turnEnded();
  }

  #content(serverContent: JsonObject): void {
    this.#host.send({ serverContent });
  }

  #drop(): number {
    clearTimeout(this.#planned);
    this.#questions += 1;
    return this.#questions;
  }

  #requireDeclared(name: string): void {
    const declared = objectsAt(this.#host.setup(), 'tools')
      .flatMap((tool) => objectsAt(tool, 'functionDeclarations'))
      .map((declaration) => textAt(declaration, 'name'));
    if (!declared.includes(name))
      throw new TestingError(
        'service',
        `the setup declares no tool ${name}`,
        `give the agent a tool of that name; it has ${declared.join(', ') || 'none'}`,
      );
  }
}
