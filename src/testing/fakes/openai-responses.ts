import { TestingError } from '../errors.ts';
import { type Json, type JsonObject, textAt } from './json.ts';
import { OpenAIRefusal } from './openai-checks.ts';
import type { ConversationItem } from './openai-conversation.ts';
import { type Answer, type Question, type Reply, replyOf, silence } from './reply.ts';

/** The connection, as its responses use it. */
export interface ResponseHost {
  session(): JsonObject;
  send(event: JsonObject): void;
  /** Adds an unfinished item to the conversation, and sends the event for it. */
  added(item: ConversationItem): void;
  /** The question that the conversation asks now. */
  question(asked: Pick<Question, 'cause' | 'instructions'>): Question;
  answer(question: Question): Promise<Answer>;
  newId(kind: 'item' | 'resp' | 'call'): string;
  failed(error: unknown): void;
}

/** An unfinished message with its only content part. */
interface OpenMessage {
  item: ConversationItem;
  outputIndex: number;
  text: string;
}

interface ActiveResponse {
  id: string;
  isSpoken: boolean;
  metadata: Json;
  output: ConversationItem[];
  /** A message whose end is held. */
  message: OpenMessage | undefined;
}

/** The model's responses on one connection, one at a time. */
export class OpenAIResponses {
  readonly #host: ResponseHost;
  readonly #replyDelayMs: number;
  #active: ActiveResponse | undefined;
  #planned: NodeJS.Timeout | undefined;

  constructor(host: ResponseHost, replyDelayMs: number) {
    this.#host = host;
    this.#replyDelayMs = replyDelayMs;
  }

  get isActive(): boolean {
    return this.#active !== undefined;
  }

  /** Begins a response. The model answers a moment later. */
  create(params: JsonObject, cause: Question['cause'], reply?: Reply): void {
    if (this.#active) {
      throw new OpenAIRefusal(
        `Conversation already has an active response in progress: ${this.#active.id}. Wait until the response is finished before creating a new one.`,
        'conversation_already_has_active_response',
      );
    }
    const instructions = textAt(params, 'instructions');
    const modalities = params.output_modalities ?? this.#host.session().output_modalities;
    const active: ActiveResponse = {
      id: this.#host.newId('resp'),
      isSpoken: !(Array.isArray(modalities) && modalities[0] === 'text'),
      metadata: params.metadata ?? null,
      output: [],
      message: undefined,
    };
    this.#active = active;
    this.#host.send({ type: 'response.created', response: resource(active, 'in_progress') });
    // A response covers the conversation at its beginning, not what is added until its first word.
    const question = this.#host.question({ cause, instructions });
    this.#planned = setTimeout(() => {
      const answer = reply ? Promise.resolve(reply) : this.#host.answer(question);
      answer
        .then((given) => {
          if (this.#active === active) this.#play(active, replyOf(given ?? {}));
        })
        .catch((error: unknown) => this.#host.failed(error));
    }, this.#replyDelayMs);
  }

  /** Completes a held response. */
  finish(): void {
    if (!this.#active)
      throw new TestingError(
        'service',
        'no response of the model is active',
        'begin one with `say({ text, hold: true })`',
      );
    this.#done(this.#active, 'completed');
  }

  /** Cancels the active response if `responseId` is not set or is its id. */
  cancel(reason: 'client_cancelled' | 'turn_detected', responseId?: string): void {
    const active = this.#active;
    if (!active || (responseId !== undefined && responseId !== active.id)) {
      throw new OpenAIRefusal(
        'Cancellation failed: no active response found',
        'response_cancel_not_active',
      );
    }
    this.#done(active, 'cancelled', { type: 'cancelled', reason });
  }

  end(): void {
    clearTimeout(this.#planned);
    this.#active = undefined;
  }

  #play(active: ActiveResponse, reply: Reply): void {
    if (reply.text !== undefined) active.message = this.#openMessage(active, reply, reply.text);
    for (const { name, args } of reply.toolCalls ?? []) {
      this.#closeMessage(active, 'completed');
      this.#call(active, name, JSON.stringify(args ?? {}));
    }
    if (!reply.hold) this.#done(active, 'completed');
  }

  #openMessage(active: ActiveResponse, reply: Reply, text: string): OpenMessage {
    const item = this.#openItem(active, { type: 'message', role: 'assistant', content: [] });
    const message = { item, text, outputIndex: active.output.length - 1 };
    const at = this.#place(active, message);
    this.#send('content_part.added', { ...at, part: part(active, '') });
    if (active.isSpoken) {
      this.#send('output_audio_transcript.delta', { ...at, delta: text });
      this.#send('output_audio.delta', { ...at, delta: silence(reply) });
    } else {
      this.#send('output_text.delta', { ...at, delta: text });
    }
    return message;
  }

  #closeMessage(active: ActiveResponse, status: 'completed' | 'incomplete'): void {
    const { message } = active;
    if (!message) return;
    active.message = undefined;
    const { item, text } = message;
    const at = this.#place(active, message);
    if (active.isSpoken) {
      this.#send('output_audio.done', at);
      this.#send('output_audio_transcript.done', { ...at, transcript: text });
    } else {
      this.#send('output_text.done', { ...at, text });
    }
    this.#send('content_part.done', { ...at, part: part(active, text) });
    item.content = [
      active.isSpoken ? { type: 'output_audio', transcript: text } : { type: 'output_text', text },
    ];
    this.#closeItem(active, item, status);
  }

  #call(active: ActiveResponse, name: string, args: string): void {
    const callId = this.#host.newId('call');
    const item = this.#openItem(active, {
      type: 'function_call',
      call_id: callId,
      name,
      arguments: '',
    });
    item.arguments = args;
    const at = {
      response_id: active.id,
      item_id: item.id,
      output_index: active.output.length - 1,
      call_id: callId,
    };
    this.#send('function_call_arguments.delta', { ...at, delta: args });
    this.#send('function_call_arguments.done', { ...at, name, arguments: args });
    this.#closeItem(active, item, 'completed');
  }

  #openItem(active: ActiveResponse, fields: { type: string } & JsonObject): ConversationItem {
    const id = this.#host.newId('item');
    const item = { id, object: 'realtime.item', status: 'in_progress', ...fields };
    active.output.push(item);
    const outputIndex = active.output.length - 1;
    this.#send('output_item.added', { response_id: active.id, output_index: outputIndex, item });
    this.#host.added(item);
    return item;
  }

  #closeItem(active: ActiveResponse, item: ConversationItem, status: string): void {
    item.status = status;
    const outputIndex = active.output.indexOf(item);
    this.#host.send({ type: 'conversation.item.done', item });
    this.#send('output_item.done', { response_id: active.id, output_index: outputIndex, item });
  }

  #done(active: ActiveResponse, status: 'completed' | 'cancelled', details: Json = null): void {
    this.#closeMessage(active, status === 'completed' ? 'completed' : 'incomplete');
    this.end();
    const response = { ...resource(active, status), status_details: details, usage: USAGE };
    this.#host.send({ type: 'response.done', response });
  }

  #place({ id }: ActiveResponse, { item, outputIndex }: OpenMessage): JsonObject {
    return { response_id: id, item_id: item.id, output_index: outputIndex, content_index: 0 };
  }

  #send(type: string, fields: JsonObject): void {
    this.#host.send({ type: `response.${type}`, ...fields });
  }
}

const USAGE: JsonObject = {
  total_tokens: 320,
  input_tokens: 300,
  output_tokens: 20,
  input_token_details: { text_tokens: 300, audio_tokens: 0, cached_tokens: 0 },
  output_token_details: { text_tokens: 20, audio_tokens: 0 },
};

function resource({ id, metadata, output }: ActiveResponse, status: string): JsonObject {
  return { id, object: 'realtime.response', status, status_details: null, output, metadata };
}

function part({ isSpoken }: ActiveResponse, text: string): JsonObject {
  return isSpoken ? { type: 'audio', transcript: text } : { type: 'text', text };
}
