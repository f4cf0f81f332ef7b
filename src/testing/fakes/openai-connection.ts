import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { TestingError } from '../errors.ts';
import { FakeConnection } from './fake-connection.ts';
import { type JsonObject, objectAt, parseObject, textAt } from './json.ts';
import {
  type ClientEventType,
  OpenAIRefusal,
  readAudio,
  readEventType,
  readItem,
  readResponse,
  readSession,
  requireText,
} from './openai-checks.ts';
import { Conversation, type ConversationItem, isPicture, textOf } from './openai-conversation.ts';
import { OpenAIResponses } from './openai-responses.ts';
import { newSession, updatedSession } from './openai-session.ts';
import type { Answer, Question, Reply, Transcriber } from './reply.ts';
import type { ReceivedFrame, ServiceRecord } from './service-record.ts';
import { SpeechBuffer } from './speech-buffer.ts';

/** The service, as a connection uses it. */
export interface OpenAIHost {
  readonly record: ServiceRecord;
  /** Whether the model supports `input_image`. */
  readonly takesPictures: boolean;
  readonly replyDelayMs: number;
  readonly transcribe?: Transcriber | undefined;
  answer(question: Question): Promise<Answer>;
}

/** 100 ms of PCM16 at 24 kHz. */
const LEAST_COMMITTED_BYTES = 4800;

/** The service's side of one session of the Realtime API. */
export class OpenAIConnection extends FakeConnection {
  readonly conversation = new Conversation();
  /** All error events that were sent, including harmless ones. */
  readonly errors: JsonObject[] = [];
  /** The session after all updates. */
  session: JsonObject;
  readonly #host: OpenAIHost;
  readonly #responses: OpenAIResponses;
  #sent = 0;
  #ids = 0;
  readonly #buffer: SpeechBuffer;
  /** Id of the item for the user's current speech. */
  #speechItemId: string | undefined;
  /** What the current response answers: the user's items at its beginning. */
  #asked: readonly ConversationItem[] = [];
  readonly #handlers: Record<ClientEventType, (event: JsonObject) => void> = {
    'session.update': ({ session }) => {
      this.session = updatedSession(this.session, readSession(session));
      this.send({ type: 'session.updated', session: this.session });
    },
    'input_audio_buffer.append': (event) => this.#append(event),
    'input_audio_buffer.commit': () => this.#commitBuffer(),
    'input_audio_buffer.clear': () => {
      this.#buffer.clear();
      this.send({ type: 'input_audio_buffer.cleared' });
    },
    'conversation.item.create': (event) => this.#createItem(event),
    'conversation.item.delete': ({ item_id }) => {
      this.conversation.delete(requireText(item_id, 'item_id'));
      this.send({ type: 'conversation.item.deleted', item_id });
    },
    'conversation.item.retrieve': ({ item_id }) => {
      const item = this.conversation.get(requireText(item_id, 'item_id'), 'retrieve');
      this.send({ type: 'conversation.item.retrieved', item });
    },
    'conversation.item.truncate': ({ item_id, content_index, audio_end_ms }) => {
      this.conversation.get(requireText(item_id, 'item_id'), 'truncate');
      const place = { item_id, content_index, audio_end_ms };
      this.send({ type: 'conversation.item.truncated', ...place });
    },
    'response.create': ({ response }) => this.#responses.create(readResponse(response), 'text'),
    'response.cancel': (event) => {
      this.#responses.cancel('client_cancelled', textAt(event, 'response_id') || undefined);
    },
  };

  constructor(socket: WebSocket, request: IncomingMessage, id: number, host: OpenAIHost) {
    super(socket, request, id, () => host.record.changed.arrived());
    this.#host = host;
    this.#buffer = new SpeechBuffer(host.transcribe);
    const responseHost = {
      session: () => this.session,
      send: (event: JsonObject) => this.send(event),
      added: (item: ConversationItem) => {
        this.conversation.answered(this.#asked);
        this.#add(item);
      },
      question: (asked: Pick<Question, 'cause' | 'instructions'>) => this.#question(asked),
      answer: (question: Question) => host.answer(question),
      newId: (kind: string) => this.#newId(kind),
      failed: (error: unknown) => host.record.violation(id, `the replier failed: ${error}`),
    };
    this.#responses = new OpenAIResponses(responseHost, host.replyDelayMs);
    void this.closed.then(() => this.#responses.end());
    const model = new URL(this.path, 'ws://service').searchParams.get('model') ?? '';
    this.session = newSession(`sess_${id}`, model);
    this.send({ type: 'session.created', session: this.session });
  }

  /** Pictures in the conversation. */
  get pictures(): ReceivedFrame[] {
    return this.#host.record.frames.filter(
      ({ connection, itemId }) =>
        connection === this.id && itemId !== undefined && this.conversation.has(itemId),
    );
  }

  /** The recognized speech that the client has neither committed nor cleared. */
  get speech(): string {
    return this.#buffer.words ?? '';
  }

  override send(event: JsonObject): void {
    this.#sent += 1;
    super.send({ event_id: `event_${this.id}_${this.#sent}`, ...event });
  }

  /** The model speaks without a question. */
  say(reply: Reply): void {
    this.#responses.create({}, 'speech', reply);
  }

  finishResponse(): void {
    this.#responses.finish();
  }

  /** The service's VAD detects speech of the user. */
  speechStarted(): void {
    const detection = this.#turnDetection();
    this.#speechItemId = this.#newId('item');
    this.send({
      type: 'input_audio_buffer.speech_started',
      audio_start_ms: 0,
      item_id: this.#speechItemId,
    });
    if (detection.interrupt_response !== false && this.#responses.isActive) {
      this.#responses.cancel('turn_detected');
    }
  }

  /** The user stops speaking. The model answers if the turn detection asks for a response. */
  speechStopped(transcript: string): void {
    const detection = this.#turnDetection();
    const itemId = this.#speechItemId;
    if (!itemId)
      throw new TestingError(
        'service',
        'the user is not speaking',
        'call speechStarted() before speechStopped(), or hear() for both',
      );
    this.#speechItemId = undefined;
    this.send({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: 1000, item_id: itemId });
    this.#commit(itemId, transcript);
    if (detection.create_response !== false) this.#responses.create({}, 'speech');
  }

  protected override receive(text: string, isBinary: boolean): void {
    const event = isBinary ? undefined : parseObject(text);
    try {
      if (!event) throw new OpenAIRefusal('The event is not valid JSON.', 'invalid_json');
      if (event.type !== 'input_audio_buffer.append') this.#host.record.message(this.id, event);
      this.#handlers[readEventType(event)](event);
    } catch (error) {
      if (!(error instanceof OpenAIRefusal)) throw error;
      this.#refuse(error, event?.event_id);
    }
  }

  #append(event: JsonObject): void {
    const sound = readAudio(event.audio);
    this.#buffer.add(sound);
    this.#host.record.audioChunk(sound.length);
  }

  #commitBuffer(): void {
    const { bytes, words } = this.#buffer;
    if (bytes < LEAST_COMMITTED_BYTES) {
      const ms = Math.round(bytes / 48);
      throw new OpenAIRefusal(
        `Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ${ms}.00ms of audio.`,
        'input_audio_buffer_commit_empty',
      );
    }
    this.#commit(this.#newId('item'), words);
  }

  #commit(itemId: string, transcript?: string): void {
    this.#buffer.clear();
    const previous = this.conversation.items.at(-1)?.id ?? null;
    this.send({
      type: 'input_audio_buffer.committed',
      previous_item_id: previous,
      item_id: itemId,
    });
    const content: JsonObject = { type: 'input_audio', transcript: null };
    const item = { id: itemId, object: 'realtime.item', type: 'message', role: 'user' };
    this.#add({ ...item, status: 'completed', content: [content] }, undefined, true);
    const isTranscribed = objectAt(objectAt(this.session, 'audio'), 'input').transcription;
    if (transcript === undefined || !isTranscribed) return;
    content.transcript = transcript;
    this.send({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: itemId,
      content_index: 0,
      transcript,
    });
  }

  #createItem(event: JsonObject): void {
    const { item, images } = readItem(event.item, this.conversation.ids);
    if (images.length > 0 && !this.#host.takesPictures)
      throw new OpenAIRefusal(
        "Invalid value: 'input_image'. Supported values are: 'input_text' and 'input_audio'.",
        'invalid_value',
        'item.content[0].type',
      );
    const previousId = textAt(event, 'previous_item_id') || undefined;
    const id = textAt(item, 'id') || this.#newId('item');
    const type = textAt(item, 'type');
    this.#add(
      { ...item, id, type, object: 'realtime.item', status: 'completed' },
      previousId,
      true,
    );
    if (item.role === 'assistant') this.conversation.answeredBefore(id);
    for (const { picture, data } of images) {
      const via = 'conversation.item.create' as const;
      this.#host.record.frame({ ...picture, data, connection: this.id, via, itemId: id });
    }
  }

  #add(item: ConversationItem, previousId?: string, isDone = false): void {
    const previous = this.conversation.add(item, previousId);
    this.send({ type: 'conversation.item.added', previous_item_id: previous, item });
    if (!isDone) return;
    this.send({ type: 'conversation.item.done', previous_item_id: previous, item });
  }

  #question({ cause, instructions }: Pick<Question, 'cause' | 'instructions'>): Question {
    // The picture of a look may be behind its result.
    const last = this.conversation.items.findLast((item) => !isPicture(item));
    const isToolResult = last?.type === 'function_call_output';
    this.#asked = this.conversation.open;
    return {
      connection: this.id,
      cause: isToolResult ? 'tools' : cause,
      instructions,
      text: isToolResult ? textAt(last, 'output') : this.#asked.map(textOf).join('\n'),
      frames: this.pictures,
    };
  }

  #turnDetection(): JsonObject {
    const detection = objectAt(objectAt(this.session, 'audio'), 'input').turn_detection;
    if (!detection)
      throw new TestingError(
        'service',
        'the session has no turn detection, so the service ignores speech',
        "set the model's turn detection, or commit the turn in the agent",
      );
    return objectAt({ detection }, 'detection');
  }

  #newId(kind: string): string {
    this.#ids += 1;
    return `${kind}_fake${this.id}_${this.#ids}`;
  }

  #refuse(refusal: OpenAIRefusal, eventId: JsonObject[string] = null): void {
    const { message, code, param } = refusal;
    const error = { type: 'invalid_request_error', code, message, param, event_id: eventId };
    this.errors.push(error);
    if (!refusal.isHarmless) this.#host.record.violation(this.id, `${code}: ${message}`);
    this.send({ type: 'error', error });
  }
}
