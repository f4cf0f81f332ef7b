import { readToolResponse } from './gemini-checks.ts';
import type { ToolCall } from './gemini-turns.ts';
import { type JsonObject, objectsAt } from './json.ts';

/** An open call, and whether the client has received it. */
interface OpenCall extends ToolCall {
  isKnown: boolean;
  isBlocking: boolean;
  onAnswer(response: JsonObject): void;
}

/** The calls of tools on one connection that wait for their responses. */
export class GeminiCalls {
  readonly #open = new Map<string, OpenCall>();
  readonly #setup: () => JsonObject | undefined;
  readonly #roundTrip: () => Promise<void>;

  /** @param roundTrip resolves when the client has received what was sent before. */
  constructor(setup: () => JsonObject | undefined, roundTrip: () => Promise<void>) {
    this.#setup = setup;
    this.#roundTrip = roundTrip;
  }

  /** A call during which the service refuses realtime input. */
  get blocking(): ToolCall | undefined {
    return [...this.#open.values()].find((call) => call.isKnown && call.isBlocking);
  }

  get areAnswered(): boolean {
    return this.#open.size === 0;
  }

  opened(calls: readonly ToolCall[]): void {
    const declarations = declarationsOf(this.#setup());
    for (const call of calls) {
      const declared = declarations.find(({ name }) => name === call.name);
      const isBlocking = declared?.behavior !== 'NON_BLOCKING';
      const onAnswer = () => undefined;
      this.#open.set(call.id, { ...call, isBlocking, isKnown: false, onAnswer });
    }
    // The client may have sent input before it receives the call.
    void this.#roundTrip().then(() => {
      for (const { id } of calls) {
        const open = this.#open.get(id);
        if (open) open.isKnown = true;
      }
    });
  }

  onAnswer(id: string, listener: (response: JsonObject) => void): void {
    const open = this.#open.get(id);
    if (open) open.onAnswer = listener;
  }

  /** Takes the client's responses. The last one of each call ends it. */
  answered(toolResponse: JsonObject): JsonObject[] {
    const answers = readToolResponse(toolResponse, new Set(this.#open.keys()));
    return answers.flatMap(({ id, response, isLast }) => {
      if (!isLast) return [];
      this.#open.get(id)?.onAnswer(response);
      this.#open.delete(id);
      return [response];
    });
  }

  /** Ends all of them. Returns their ids. */
  cancel(): string[] {
    const ids = [...this.#open.keys()];
    this.#open.clear();
    return ids;
  }
}

/** The functions of a setup. */
export const declarationsOf = (setup: JsonObject | undefined): JsonObject[] =>
  objectsAt(setup, 'tools').flatMap((tool) => objectsAt(tool, 'functionDeclarations'));
