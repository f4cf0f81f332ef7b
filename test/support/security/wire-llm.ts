import { APIConnectionError, llm } from '@livekit/agents';

/** One attempt of a request, at the moment at which it leaves. */
export interface Attempt {
  /** All pictures, in base64. */
  readonly pictures: readonly string[];
  /** The last message, as text. */
  readonly last: string;
  /** From 1. */
  readonly number: number;
}

export type WireReply = string | { call: string };

/** Decides what becomes of an attempt; `undefined` if its connection fails. */
export type OnAttempt = (attempt: Attempt) => WireReply | undefined;

/**
 * A model that writes its requests in a provider's form like the plugins: again for each attempt,
 * directly before it is sent.
 */
export class WireLLM extends llm.LLM {
  readonly onWriting: () => void;
  readonly onAttempt: OnAttempt;

  /** @param onWriting - Called when a request is about to be written. */
  constructor(onWriting: () => void, onAttempt: OnAttempt) {
    super();
    this.onWriting = onWriting;
    this.onAttempt = onAttempt;
  }

  override label(): string {
    return 'test.WireLLM';
  }

  override chat({ chatCtx, toolCtx }: Parameters<llm.LLM['chat']>[0]): llm.LLMStream {
    const connOptions = { maxRetry: 3, retryIntervalMs: 1, timeoutMs: 10_000 };
    return new WireStream(this, {
      chatCtx,
      connOptions,
      ...(toolCtx ? { toolCtx: llm.toToolContext(toolCtx) } : {}),
    });
  }
}

let calls = 0;

class WireStream extends llm.LLMStream {
  readonly #model: WireLLM;
  #attempts = 0;

  constructor(model: WireLLM, options: ConstructorParameters<typeof llm.LLMStream>[1]) {
    super(model, options);
    this.#model = model;
  }

  protected override async run(): Promise<void> {
    this.#model.onWriting();
    const messages = (await this.chatCtx.toProviderFormat('openai')) as unknown[];
    const body = JSON.stringify(messages);
    const pictures = [...body.matchAll(/data:image\/\w+;base64,([\w+/=]+)/g)].map(
      ([, bytes = '']) => bytes,
    );
    const last = JSON.stringify(messages.at(-1));
    const reply = this.#model.onAttempt({ pictures, last, number: ++this.#attempts });
    if (reply === undefined) throw new APIConnectionError({ message: 'the connection broke off' });
    this.queue.put({
      id: 'reply',
      delta:
        typeof reply === 'string'
          ? { role: 'assistant', content: reply }
          : {
              role: 'assistant',
              toolCalls: [
                llm.FunctionCall.create({
                  callId: `call_${++calls}`,
                  name: reply.call,
                  args: '{}',
                }),
              ],
            },
    });
  }
}
