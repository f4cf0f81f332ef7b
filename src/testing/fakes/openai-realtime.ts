import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { filled } from '../../option-table.ts';
import { FAKE_OPENAI } from '../options.ts';
import { ModelService } from './model-service.ts';
import { OpenAIConnection, type OpenAIHost } from './openai-connection.ts';
import type { ConversationItem } from './openai-conversation.ts';
import { DEFAULT_REPLY, type Replier, type Reply, replyOf } from './reply.ts';
import type { ReceivedFrame } from './service-record.ts';
import type { HttpRefusal } from './websocket-host.ts';

export interface OpenAIRealtimeOptions {
  /** The only key that is taken; without it, each is. */
  apiKey?: string;
  /** Plays the model: what it answers to a `response.create` and to speech. */
  reply?: Replier;
  /** An older model: it refuses `input_image`. */
  refusesPictures?: boolean;
  /** Time between `response.created` and the answer. */
  replyDelayMs?: number;
}

/**
 * The OpenAI Realtime API as a server on the loopback interface. It takes what the service takes,
 * and answers all else with an `error` event: `violations` then says why. {@link setup} is about
 * the handshake: this service asks for no message before it works.
 */
export class FakeOpenAIRealtime extends ModelService<OpenAIConnection> {
  /** Plays the model; may be replaced at any time. */
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
      answer: async (question) => this.reply(question),
    };
  }

  /** Items of the newest connection's conversation. */
  get conversation(): readonly ConversationItem[] {
    return this.connection.conversation.items;
  }

  /** Pictures in the newest connection's conversation: those that the model still sees. */
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

  /** The VAD of the service hears the user. */
  speechStarted(): void {
    this.connection.speechStarted();
  }

  /** The user fell silent. */
  speechStopped(transcript = ''): void {
    this.connection.speechStopped(transcript);
  }

  /** The user said this: speech, its transcript, the model's answer. */
  async hear(text: string): Promise<void> {
    const { connection } = this;
    connection.speechStarted();
    // Who is interrupted cancels a response: it should not be the next one.
    await connection.reaction();
    connection.speechStopped(text);
  }

  protected override baseUrl(port: number): string {
    return `http://127.0.0.1:${port}/v1`;
  }

  protected override async admit(request: IncomingMessage): Promise<HttpRefusal | undefined> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'ws://service');
    if (pathname !== '/v1/realtime') return refusal(404, 'Not found', 'not_found');
    const [scheme, key = ''] = (request.headers.authorization ?? '').split(' ');
    const { apiKey = key } = this.#options;
    if (scheme !== 'Bearer' || key === '' || key !== apiKey) {
      return refusal(401, 'Incorrect API key provided.', 'invalid_api_key');
    }
    if (!searchParams.get('model')) {
      return refusal(400, 'You must provide a model parameter.', 'missing_model');
    }
    if (await this.setup.pass()) return undefined;
    return refusal(503, 'The service ends.', 'service_unavailable');
  }

  protected override connect(
    socket: WebSocket,
    request: IncomingMessage,
    id: number,
  ): OpenAIConnection {
    return new OpenAIConnection(socket, request, id, this.#connectionHost);
  }
}

function refusal(status: number, message: string, code: string): HttpRefusal {
  const error = { message, type: 'invalid_request_error', param: null, code };
  return { status, body: JSON.stringify({ error }) };
}
