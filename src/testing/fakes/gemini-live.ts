import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { filled } from '../../option-table.ts';
import { FAKE_GEMINI } from '../options.ts';
import { GeminiConnection, type GeminiHost } from './gemini-connection.ts';
import { GeminiSession } from './gemini-session.ts';
import type { JsonObject } from './json.ts';
import { ModelService } from './model-service.ts';
import { DEFAULT_REPLY, type Replier, type Reply, replyOf, type Transcriber } from './reply.ts';
import type { ReceivedFrame } from './service-record.ts';
import type { HttpRefusal } from './websocket-host.ts';

export interface GeminiLiveOptions {
  /** The only key that is accepted. By default, every key is. */
  apiKey?: string;
  /** Plays the model: answers text, speech and tool results. */
  reply?: Replier;
  /** `false` plays an older model without `TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO`. */
  knowsAllVideo?: boolean;
  /** Time until an answer begins, in ms. Another question in this time replaces the first one. */
  replyDelayMs?: number;
  /**
   * Recognizes the speech of an activity that the client ends. By default, it has no transcript, and
   * the model does not hear it.
   */
  transcribe?: Transcriber;
  /** Length of a session without context window compression, in ms: by default 15 minutes. */
  sessionMs?: number;
  /** The same for a session with video: by default 2 minutes. */
  videoSessionMs?: number;
  /** Length of a connection, in ms: by default 10 minutes. Its session continues on another one. */
  connectionMs?: number;
  /** Time between `goAway` and the end of such a session or connection, in ms: by default a minute. */
  goAwayMs?: number;
}

/** The plugin adds a slash, and the base URL may end with one. */
const PATH =
  /^\/{1,2}ws\/google\.ai\.generativelanguage\.v1(alpha|beta)\.GenerativeService\.BidiGenerateContent$/;

/**
 * The Gemini Live API as a server on the loopback interface. It accepts what the service accepts.
 * On anything else it closes the connection, and `violations` has the reason.
 */
export class FakeGeminiLive extends ModelService<GeminiConnection> {
  /** Plays the model. It may be replaced at any time. */
  reply: Replier;
  readonly #options: GeminiLiveOptions;
  readonly #handles = new Map<string, GeminiSession>();
  readonly #connectionHost: GeminiHost;
  #issued = 0;

  constructor(options: GeminiLiveOptions = {}) {
    super();
    const { knowsAllVideo, replyDelayMs, connectionMs, ...limits } = filled(
      '',
      options,
      FAKE_GEMINI,
    );
    this.#options = options;
    this.reply = options.reply ?? (() => DEFAULT_REPLY);
    this.#connectionHost = {
      record: this.record,
      knowsAllVideo,
      gate: this.setup,
      replyDelayMs,
      transcribe: options.transcribe,
      connectionMs,
      goAwayMs: limits.goAwayMs,
      keyProblem: (key) => this.#keyProblem(key),
      answer: async (question) => this.reply(question),
      newSession: (setup) => new GeminiSession(setup, limits),
      issueHandle: (session) => {
        this.#issued += 1;
        const handle = `handle-${this.#issued}`;
        this.#handles.set(handle, session);
        return handle;
      },
      sessionOf: (handle) => {
        const session = this.#handles.get(handle);
        return session?.isOver ? undefined : session;
      },
    };
  }

  /**
   * Pictures that the model of the newest connection sees. A picture that arrived outside of all
   * turns, as the setup's `turnCoverage` defines them, is only in `frames`.
   */
  get pictures(): readonly ReceivedFrame[] {
    return this.connection.pictures;
  }

  /** The model speaks without a question, as it does after the user's speech. */
  say(reply: string | Reply): void {
    this.connection.say(replyOf(reply));
  }

  /** Completes a turn that a reply with `hold` began. */
  finishReply(): void {
    this.connection.finishTurn();
  }

  /** The user speaks into an open turn: `interrupted`, then `turnComplete`. */
  interrupt(): boolean {
    return this.connection.interrupt();
  }

  /** The user begins to speak; {@link hear} ends it. */
  speechStarted(): void {
    this.connection.speechStarted();
  }

  /** The user says this: input transcription, then the model's answer. */
  hear(text: string): Promise<void> {
    return this.connection.hear(text);
  }

  /** Calls a tool that the setup declares. Resolves with the client's response. */
  callTool(name: string, args?: JsonObject): Promise<JsonObject> {
    return this.connection.callTool(name, args);
  }

  /** Announces the end of the connection. Does not close it. */
  goAway({ timeLeft = '10s' }: { timeLeft?: string } = {}): void {
    this.connection.send({ goAway: { timeLeft } });
  }

  /** Sessions can no longer be resumed. */
  forgetSessions(): void {
    this.#handles.clear();
  }

  protected override baseUrl(port: number): string {
    return `http://127.0.0.1:${port}`;
  }

  protected override async admit(request: IncomingMessage): Promise<HttpRefusal | undefined> {
    const { pathname } = new URL(`ws://service${request.url ?? ''}`);
    return PATH.test(pathname) ? undefined : { status: 404 };
  }

  protected override connect(
    socket: WebSocket,
    request: IncomingMessage,
    id: number,
  ): GeminiConnection {
    return new GeminiConnection(socket, request, id, this.#connectionHost);
  }

  #keyProblem(key: string): string | undefined {
    if (key === '') return "Method doesn't allow unregistered callers. Please use API Key.";
    const { apiKey = key } = this.#options;
    return key === apiKey ? undefined : 'API key not valid. Please pass a valid API key.';
  }
}
