import { DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';

/** A piece of a message as the model got it: the history's own may change later. */
export type Part = string | llm.ImageContent;

/** A message as the model got it. */
export interface RecordedMessage {
  readonly id: string;
  readonly role: llm.ChatRole;
  readonly parts: readonly Part[];
}

/** One call of the model. */
export interface RecordedRequest {
  readonly messages: readonly RecordedMessage[];
  /** Pictures in the whole context, oldest first. */
  readonly pictures: readonly llm.ImageContent[];
  /** Pictures in the last user message. */
  readonly ownPictures: readonly llm.ImageContent[];
  /** Text of the last user message. */
  readonly text: string;
}

/** One call of a tool; without `args`, a call without arguments. */
export interface ToolCall {
  readonly call: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** What the model says: a text, a call of a tool, or several calls at once. */
export type Reply = string | ToolCall | readonly ToolCall[];

/** Answers one request; a promise makes the model slow. */
export type Responder = (request: RecordedRequest) => Reply | Promise<Reply>;

type ChatOptions = Parameters<llm.LLM['chat']>[0];

/** A model that writes down every request, at the time it comes. */
export class RecordingLLM extends llm.LLM {
  readonly requests: RecordedRequest[] = [];
  /** Answers of the next requests; then `Yes.` for each. */
  readonly replies: (Reply | Responder)[] = [];
  readonly #model: string;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  constructor(model = 'recording') {
    super();
    this.#model = model;
  }

  override label(): string {
    return 'test.RecordingLLM';
  }

  override get model(): string {
    return this.#model;
  }

  /** The newest request. */
  get last(): RecordedRequest {
    const request = this.requests.at(-1);
    if (!request) throw new Error('the model was not asked');
    return request;
  }

  /** Done when it was asked this often. */
  asked(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.requests.length >= count) resolve();
      else this.#waiting.push({ count, resolve });
    });
  }

  override chat({ chatCtx, toolCtx, connOptions }: ChatOptions): llm.LLMStream {
    const request = recorded(chatCtx);
    this.requests.push(request);
    for (const { count, resolve } of this.#waiting) if (count <= this.requests.length) resolve();
    const reply = this.replies.shift() ?? 'Yes.';
    const options = { chatCtx, connOptions: connOptions ?? DEFAULT_API_CONNECT_OPTIONS };
    return new ReplyStream(this, toolCtx ? { ...options, toolCtx } : options, async () =>
      typeof reply === 'function' ? reply(request) : reply,
    );
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

function recorded(context: llm.ChatContext): RecordedRequest {
  const messages = context.items.filter((item) => item.type === 'message').map(recordedMessage);
  const own = messages.findLast(({ role }) => role === 'user');
  return {
    messages,
    pictures: messages.flatMap(({ parts }) => parts.filter(isPicture)),
    ownPictures: own?.parts.filter(isPicture) ?? [],
    text: own?.parts.filter((part) => typeof part === 'string').join('\n') ?? '',
  };
}

/** The message as it is now. */
export function recordedMessage({ id, role, content }: llm.ChatMessage): RecordedMessage {
  const parts = content.flatMap((part): Part[] => {
    if (typeof part === 'string') return [part];
    return part.type === 'image_content' ? [{ ...part }] : [];
  });
  return { id, role, parts };
}

export const isPicture = (part: Part): part is llm.ImageContent => typeof part !== 'string';
