import { DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import { TestingError } from './errors.ts';
import { type RecordedRequest, recordedRequest } from './recorded-request.ts';
import { within } from './waits.ts';

/** A tool call by name. `args` defaults to no arguments. */
export interface ToolCall {
  readonly call: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The model's answer: a text, a tool call, or several calls at once. */
export type Reply = string | ToolCall | readonly ToolCall[];

/** Answers one request; a promise makes the model slow. */
export type Responder = (request: RecordedRequest) => Reply | Promise<Reply>;

type ChatOptions = Parameters<llm.LLM['chat']>[0];

/**
 * A model that keeps a copy of every request with its pictures and messages. It gives scripted
 * answers, or records the requests to another model.
 *
 * @example
 * ```ts
 * const model = new RecordingLLM();
 * model.replies.push('It is a cup.');
 * const session = new voice.AgentSession({ llm: model, vad: null });
 * ```
 */
export class RecordingLLM extends llm.LLM {
  readonly requests: RecordedRequest[] = [];
  /** Answers to the next requests, then `Yes.` to each. Not used if another model is recorded. */
  readonly replies: (Reply | Responder)[] = [];
  readonly #name: string;
  readonly #model: llm.LLM | undefined;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  /**
   * @param model - The model to record, which then answers; or this model's own name.
   * @throws TestingError for a realtime model; OptionError for anything else that is not a model.
   */
  constructor(model: llm.LLM | string = 'recording') {
    super();
    if (model instanceof llm.RealtimeModel) throw realtimeModel();
    if (typeof model !== 'string' && typeof model?.chat !== 'function')
      throw new OptionError('model', model, 'pass a model to record, a name, or nothing');
    this.#model = typeof model === 'string' ? undefined : model;
    this.#name = typeof model === 'string' ? model : model.model;
    this.#model?.on('metrics_collected', (metrics) => this.emit('metrics_collected', metrics));
    this.#model?.on('error', (error) => this.emit('error', error));
  }

  override label(): string {
    return this.#model?.label() ?? 'test.RecordingLLM';
  }

  override get model(): string {
    return this.#name;
  }

  override get provider(): string {
    return this.#model?.provider ?? super.provider;
  }

  /** The newest request. @throws TestingError if there is none. */
  get last(): RecordedRequest {
    const request = this.requests.at(-1);
    if (request) return request;
    throw new TestingError(
      'request',
      'the model got no request',
      'wait for the turn first: `await session.run({ userInput }).wait()`, or `await model.asked(1)`',
    );
  }

  /** Resolves at this number of requests. @throws TestingError if that takes longer than 60 s. */
  asked(count: number): Promise<void> {
    const asked = new Promise<void>((resolve) => {
      if (this.requests.length >= count) resolve();
      else this.#waiting.push({ count, resolve });
    });
    const inTime = within(`request ${count} of the model`, asked);
    // A test may end without awaiting this.
    inTime.catch(() => undefined);
    return inTime;
  }

  override chat(asked: ChatOptions): llm.LLMStream {
    const { chatCtx, connOptions } = asked;
    const toolCtx = asked.toolCtx && llm.toToolContext(asked.toolCtx);
    const request = recordedRequest(chatCtx, Object.keys(toolCtx?.functionTools ?? {}));
    this.requests.push(request);
    for (const { count, resolve } of this.#waiting) if (count <= this.requests.length) resolve();
    if (this.#model) return this.#model.chat(asked);
    const reply = this.replies.shift() ?? 'Yes.';
    const options = { chatCtx, connOptions: connOptions ?? DEFAULT_API_CONNECT_OPTIONS };
    return new ReplyStream(this, toolCtx ? { ...options, toolCtx } : options, async () =>
      typeof reply === 'function' ? reply(request) : reply,
    );
  }

  override prewarm(): void {
    this.#model?.prewarm();
  }

  override async aclose(): Promise<void> {
    await this.#model?.aclose();
    await super.aclose();
  }
}

class ReplyStream extends llm.LLMStream {
  readonly #reply: () => Promise<Reply>;

  constructor(
    model: llm.LLM,
    options: ConstructorParameters<typeof llm.LLMStream>[1],
    reply: () => Promise<Reply>,
  ) {
    super(model, options);
    this.#reply = reply;
  }

  protected override async run(): Promise<void> {
    const reply = await this.#reply();
    if (this.abortController.signal.aborted) return;
    const delta: llm.ChoiceDelta =
      typeof reply === 'string'
        ? { role: 'assistant', content: reply }
        : { role: 'assistant', toolCalls: [reply].flat().map(toolCall) };
    this.queue.put({ id: 'reply', delta });
  }
}

const toolCall = ({ call, args = {} }: ToolCall, index: number): llm.FunctionCall =>
  llm.FunctionCall.create({
    callId: index === 0 ? `call_${call}` : `call_${call}_${index + 1}`,
    name: call,
    args: JSON.stringify(args),
  });

const realtimeModel = (): TestingError =>
  new TestingError(
    'request',
    'the requests of a realtime model cannot be recorded',
    "use FakeGeminiLive or FakeOpenAIRealtime as the base URL of the model's plugin",
  );
