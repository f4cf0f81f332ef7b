import { randomUUID } from 'node:crypto';
import { type APIConnectOptions, DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';
import sharp from 'sharp';
import { answerTo, SELF } from './eyes/answers.ts';
import type { OfflineEyes, Sight } from './eyes/offline-eyes.ts';
import { objectIn } from './objects.ts';
import { pointAnswer, pointCall } from './pointing.ts';
import { topicOf } from './questions.ts';
import { type ReadWord, TextReader, textOf } from './text-reader.ts';

/** The picture of a request, as the model received it. */
interface SeenPicture {
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly dataUrl: string;
}

/** One call of the model. */
export interface ReaderRequest {
  /** When it arrived, in ms since the epoch. */
  readonly at: number;
  /** Pictures in the whole chat context: more than one means that old ones pile up. */
  readonly images: number;
  /** Text of the last user message. */
  readonly userText: string;
  /** The newest picture of the last user message. */
  picture: SeenPicture | null;
  /** Empty until the answer is given; stays empty if the framework discarded the request before. */
  answer: string;
  /** Discarded by the framework, for example a superseded preemptive generation. */
  cancelled: boolean;
}

export interface OfflineReaderOptions {
  /** Called for each request after it was answered or discarded. */
  readonly onRequest?: (request: ReaderRequest) => void;
  /** Number of requests that are kept. @defaultValue 200 */
  readonly keep?: number;
  /** The answer to a request without a picture; the model cannot know why there is none. */
  readonly withoutPicture?: () => string;
  /** For more than text: people, faces, objects, colours and brightness. The caller closes them. */
  readonly eyes?: OfflineEyes;
}

type ChatOptions = Parameters<llm.LLM['chat']>[0];

/**
 * A model that needs no network and really looks at pictures: it reads the text in the newest
 * picture of the last user message, and answers with it. If the instructions ask for JSON, as a
 * watch does, the answer is `{ text }`. If the question asks where something is, it calls the tool
 * `point`.
 */
export class OfflineReader extends llm.LLM {
  readonly #requests: ReaderRequest[] = [];
  readonly #reader = new TextReader();
  readonly #keep: number;
  readonly #onRequest: ((request: ReaderRequest) => void) | undefined;
  readonly #withoutPicture: () => string;
  readonly #eyes: OfflineEyes | undefined;

  constructor(options: OfflineReaderOptions = {}) {
    super();
    this.#keep = options.keep ?? 200;
    this.#onRequest = options.onRequest;
    this.#eyes = options.eyes;
    this.#withoutPicture = options.withoutPicture ?? (() => 'I see no picture');
  }

  /** The newest requests, oldest first. */
  get requests(): readonly ReaderRequest[] {
    return this.#requests;
  }

  override label(): string {
    return 'sightline.demo.OfflineReader';
  }

  override get model(): string {
    return 'offline-reader';
  }

  override get provider(): string {
    return 'tesseract';
  }

  override chat({
    chatCtx,
    toolCtx,
    connOptions = DEFAULT_API_CONNECT_OPTIONS,
  }: ChatOptions): llm.LLMStream {
    return new ReaderStream(this, chatCtx, toolCtx, connOptions);
  }

  /** @internal Answers one request, with words or a call of a tool; used by its stream. */
  async answer(
    chatCtx: llm.ChatContext,
    toolCtx: llm.ToolContext | undefined,
    signal: AbortSignal,
  ): Promise<string | llm.FunctionCall> {
    const message = chatCtx.items.findLast(isUserMessage);
    const request: ReaderRequest = {
      at: Date.now(),
      images: chatCtx.items.flatMap(imagesOf).length,
      userText: message?.textContent ?? '',
      picture: null,
      answer: '',
      cancelled: false,
    };
    this.#requests.push(request);
    if (this.#requests.length > this.#keep) this.#requests.shift();
    try {
      const pointed = pointAnswer(chatCtx);
      if (pointed !== undefined) return pointed;
      const image = message && imagesOf(message).at(-1);
      const seen = image && (await this.#look(image, request, signal));
      const call = pointCall(
        request.userText,
        seen ? placesIn(seen, request.userText) : [],
        toolCtx,
      );
      if (call) return call;
      const said = isToldJson(chatCtx)
        ? JSON.stringify({ text: seen ? textOf(seen.words) : '' })
        : this.#said(request.userText, seen);
      if (!signal.aborted) request.answer = said;
      return said;
    } finally {
      request.cancelled = signal.aborted;
      this.#onRequest?.(request);
    }
  }

  #said(question: string, seen: Seen | undefined): string {
    if (this.#eyes && topicOf(question) === 'self') return SELF;
    if (!seen) return this.#withoutPicture();
    return seen.sight ? answerTo(question, seen.sight) : inWords(textOf(seen.words));
  }

  async #look(image: llm.ImageContent, request: ReaderRequest, signal: AbortSignal): Promise<Seen> {
    const { base64Data, mimeType = 'image/jpeg' } = await llm.serializeImage(image);
    if (!base64Data)
      throw new Error('the offline reader does not download pictures: pass a data URL');
    const bytes = Buffer.from(base64Data, 'base64');
    const { width, height } = await sharp(bytes).metadata();
    const dataUrl = `data:${mimeType};base64,${base64Data}`;
    request.picture = { mimeType, width, height, bytes: bytes.length, dataUrl };
    const [words, found] = await Promise.all([
      this.#reader.words(bytes, signal),
      this.#eyes?.look(bytes),
    ]);
    if (!found) return { words };
    // One of them reads a sheet in a room, the other a whole screen: the longer text is right.
    const best = textOf(words).length > textOf(found.words).length ? words : found.words;
    return { words: best, sight: { ...found, words: best } };
  }

  protected override async _prewarmImpl(): Promise<void> {
    await this.#reader.open();
  }

  /** Stops the reader's worker, and cancels the current picture. */
  override async aclose(): Promise<void> {
    // The worker first: the base class waits for a prewarm, which waits for the worker.
    await this.#reader.close();
    await super.aclose();
  }
}

/** What was found in a picture; `sight` with eyes only. */
interface Seen {
  readonly words: readonly ReadWord[];
  readonly sight?: Sight;
}

/** The places that a question may ask for: an object that it names, or else the words. */
function placesIn({ words, sight }: Seen, question: string): readonly ReadWord[] {
  const name = objectIn(question);
  const objects = sight?.objects.filter((object) => object.name === name) ?? [];
  return objects.length > 0 ? objects.map(({ box }) => ({ text: name ?? '', box })) : words;
}

class ReaderStream extends llm.LLMStream {
  readonly #reader: OfflineReader;

  constructor(
    reader: OfflineReader,
    chatCtx: llm.ChatContext,
    toolCtx: ChatOptions['toolCtx'],
    connOptions: APIConnectOptions,
  ) {
    super(reader, toolCtx ? { chatCtx, toolCtx, connOptions } : { chatCtx, connOptions });
    this.#reader = reader;
  }

  protected override async run(): Promise<void> {
    const { signal } = this.abortController;
    const answer = await this.#reader.answer(this.chatCtx, this.toolCtx, signal);
    if (signal.aborted) return;
    const delta = typeof answer === 'string' ? { content: answer } : { toolCalls: [answer] };
    this.queue.put({ id: randomUUID(), delta: { role: 'assistant', ...delta } });
  }
}

/** The text that was read, as a spoken answer. */
const inWords = (text: string): string =>
  text ? `I see: ${text}` : 'I see a picture without text';

/** Whether the instructions ask for JSON. */
function isToldJson({ items }: llm.ChatContext): boolean {
  return items.some(
    (item) =>
      item.type === 'message' && item.role === 'system' && /\bJSON\b/.test(item.textContent ?? ''),
  );
}

function isUserMessage(item: llm.ChatItem): item is llm.ChatMessage {
  return item.type === 'message' && item.role === 'user';
}

function imagesOf(item: llm.ChatItem): llm.ImageContent[] {
  if (item.type !== 'message') return [];
  return item.content.filter(
    (part): part is llm.ImageContent =>
      typeof part === 'object' && 'type' in part && part.type === 'image_content',
  );
}
