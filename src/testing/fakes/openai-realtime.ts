import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { filled } from '../../option-table.ts';
import { FAKE_OPENAI } from '../options.ts';
import { ModelService } from './model-service.ts';
import { OpenAIConnection, type OpenAIHost } from './openai-connection.ts';
import type { ConversationItem } from './openai-conversation.ts';
import { DEFAULT_REPLY, type Replier, type Reply, replyOf, type Transcriber } from './reply.ts';
import type { ReceivedFrame } from './service-record.ts';
import type { HttpRefusal } from './websocket-host.ts';

export interface OpenAIRealtimeOptions {
  /** The only key that is accepted. By default, every key is. */
  apiKey?: string;
  /** Plays the model: answers a `response.create` and speech. */
  reply?: Replier;
  /** `true` plays an older model, which refuses `input_image`. */
  refusesPictures?: boolean;
  /** Time between `response.created` and the answer, in ms. */
  replyDelayMs?: number;
  /** Recognizes the speech that the client commits. By default, it has no transcript. */
  transcribe?: Transcriber;
}

/** Azure's path of the same protocol. */
const AZURE_PATH = '/openai/v1/realtime';

/**
 * The OpenAI Realtime API as a server on the loopback interface, also in Azure's form. It accepts what the
 * service accepts. It answers anything else with an `error` event, and `violations` has the reason. {@link
 * setup} delays or holds the handshake, because this service needs no first message.
 */
export class FakeOpenAIRealtime extends ModelService<OpenAIConnection> {
  /** Plays the model. It may be replaced at any time. */
  reply: Replier;
  readonly #options: OpenAIRealtimeOptions;
  readonly #connectionHost: OpenAIHost;

  constructor(options: OpenAIRealtimeOptions = {}) {
    super();
    const { refusesPictures, replyDelayMs } = filled('', options, FAKE_OPENAI);
    this.#options = options;
    this.reply = options.reply ?? (() => DEFAULT_REPLY);
    this.#connectionHost = {
      record: this.record,
      takesPictures: !refusesPictures,
      replyDelayMs,
      transcribe: options.transcribe,
      answer: async (question) => this.reply(question),
    };
  }

  /** Items of the newest connection's conversation. */
  get conversation(): readonly ConversationItem[] {
    return this.connection.conversation.items;
  }

  /** Pictures in the newest connection's conversation, which the model still sees. */
  get pictures(): ReceivedFrame[] {
    return this.connection.pictures;
  }

  /** The model speaks without a question. */
  say(reply: string | Reply): void {
    this.connection.say(replyOf(reply));
  }

  /** Completes a response that a reply with `hold` began. */
  finishReply(): void {
    this.connection.finishResponse();
  }

  /** The service's VAD detects speech of the user. */
  speechStarted(): void {
    this.connection.speechStarted();
  }

  /** The user stops speaking. */
  speechStopped(transcript = ''): void {
    this.connection.speechStopped(transcript);
  }

  /** The user says this: speech, its transcript, the model's answer. */
  async hear(text: string): Promise<void> {
    const { connection } = this;
    connection.speechStarted();
    // The interrupted client cancels its response. The cancel must not hit the next one.
    await connection.reaction();
    connection.speechStopped(text);
  }

  protected override baseUrl(port: number): string {
    return `http://127.0.0.1:${port}/v1`;
  }

  protected override async admit(request: IncomingMessage): Promise<HttpRefusal | undefined> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'ws://service');
    if (pathname !== '/v1/realtime' && pathname !== AZURE_PATH)
      return refusal(404, 'Not found', 'not_found');
    const key = keyOf(request, pathname);
    if (!key || key !== (this.#options.apiKey ?? key))
      return refusal(401, 'Incorrect API key provided.', 'invalid_api_key');
    if (!searchParams.get('model')) {
      return refusal(400, 'You must provide a model parameter.', 'missing_model');
    }
    if (await this.setup.pass()) return undefined;
    return refusal(503, 'The service is shutting down.', 'service_unavailable');
  }

  protected override connect(
    socket: WebSocket,
    request: IncomingMessage,
    id: number,
  ): OpenAIConnection {
    return new OpenAIConnection(socket, request, id, this.#connectionHost);
  }
}

/** Azure takes its own header for keys, and a bearer for tokens of Entra. */
function keyOf({ headers }: IncomingMessage, pathname: string): string | undefined {
  const own = pathname === AZURE_PATH ? headers['api-key'] : undefined;
  return own?.toString() ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
}

function refusal(status: number, message: string, code: string): HttpRefusal {
  const error = { message, type: 'invalid_request_error', param: null, code };
  return { status, body: JSON.stringify({ error }) };
}
