import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { AnnouncedEnd } from './announced-end.ts';
import { FakeConnection } from './fake-connection.ts';
import { declarationsOf, GeminiCalls } from './gemini-calls.ts';
import {
  checkSetup,
  GeminiRefusal,
  includesSilence,
  readAudio,
  readContent,
  readImage,
  readInput,
  readMessage,
} from './gemini-checks.ts';
import type { GeminiSession } from './gemini-session.ts';
import { type Asked, GeminiTurns, type ToolCall } from './gemini-turns.ts';
import { isObject, type JsonObject, objectAt, parseObject, textAt } from './json.ts';
import type { Answer, Question, Reply, Transcriber } from './reply.ts';
import type { ReceivedFrame, ServiceRecord } from './service-record.ts';
import { SpeechBuffer } from './speech-buffer.ts';
import type { Gate } from './waiting.ts';

/** The service, as a connection uses it. */
export interface GeminiHost {
  readonly record: ServiceRecord;
  readonly gate: Gate;
  readonly knowsAllVideo: boolean;
  readonly replyDelayMs: number;
  readonly transcribe?: Transcriber | undefined;
  readonly connectionMs: number;
  readonly goAwayMs: number;
  /** `undefined` if the key is valid. */
  keyProblem(key: string): string | undefined;
  answer(question: Question): Promise<Answer>;
  newSession(setup: JsonObject): GeminiSession;
  /** A handle that resumes this session. */
  issueHandle(session: GeminiSession): string;
  /** The session with this handle, if it still exists. */
  sessionOf(handle: string): GeminiSession | undefined;
}

/** The service's side of one session of the Live API. */
export class GeminiConnection extends FakeConnection {
  /** The client's setup; `undefined` until it arrives. */
  setup: JsonObject | undefined;
  /** Whether `setupComplete` was sent. */
  isReady = false;
  /** The handle of the session that this one resumes. */
  resumedFrom: string | undefined;
  /** The newest handle that the client got. */
  handle: string | undefined;
  readonly #host: GeminiHost;
  readonly #turns: GeminiTurns;
  readonly #calls: GeminiCalls;
  #session: GeminiSession | undefined;
  readonly #end = new AnnouncedEnd();
  /** The user is speaking. */
  #isUserActive = false;
  readonly #buffer: SpeechBuffer;
  /** Texts of the model's role that arrived since the last question. */
  readonly #instructions: string[] = [];

  constructor(socket: WebSocket, request: IncomingMessage, id: number, host: GeminiHost) {
    super(socket, request, id, () => host.record.changed.arrived());
    this.#host = host;
    this.#buffer = new SpeechBuffer(host.transcribe);
    this.#calls = new GeminiCalls(
      () => this.setup,
      () => this.roundTrip(),
    );
    const turnHost = {
      setup: () => this.setup ?? {},
      send: (message: JsonObject) => this.send(message),
      answer: (question: Asked) => host.answer({ ...question, connection: id }),
      called: (calls: readonly ToolCall[]) => this.#calls.opened(calls),
      turnEnded: () => this.#sendHandle(),
      reaction: () => this.reaction(),
      failed: (error: unknown) => host.record.violation(id, `the replier failed: ${error}`),
    };
    this.#turns = new GeminiTurns(turnHost, host.replyDelayMs);
    void this.closed.then(() => {
      this.#turns.end();
      this.#end.cancel();
      this.#session?.leave(this);
    });
    const key = new URL(this.path, 'ws://service').searchParams.get('key') ?? '';
    const problem = host.keyProblem(key);
    if (problem) this.#refuse(new GeminiRefusal(problem));
  }

  /** The setup's `contextWindowCompression`; `undefined` if it has none. */
  get contextWindowCompression(): JsonObject | undefined {
    const compression = this.setup?.contextWindowCompression;
    return isObject(compression) ? compression : undefined;
  }

  /** Tools of the setup, by name. */
  get toolNames(): string[] {
    return declarationsOf(this.setup).map((declaration) => textAt(declaration, 'name'));
  }

  /** The pictures that the model sees. */
  get pictures(): readonly ReceivedFrame[] {
    return this.#session?.seen ?? [];
  }

  /** The recognized speech of the activity that the client has not ended. */
  get speech(): string {
    return this.#buffer.words ?? '';
  }

  /** The model speaks without a question. */
  say(reply: Reply): void {
    this.#turns.say(reply);
  }

  finishTurn(): void {
    this.#turns.finish();
  }

  interrupt(): boolean {
    return this.#turns.interrupt();
  }

  /** The user begins to speak; {@link hear} ends it. */
  speechStarted(): void {
    this.#isUserActive = true;
    this.#turns.interrupt();
  }

  /** The user speaks: the service transcribes it, and the model answers. */
  async hear(text: string): Promise<void> {
    if (this.#turns.interrupt()) await this.reaction();
    this.#transcribed(text);
    this.#ask('speech', text);
    this.#isUserActive = false;
  }

  /** Calls a tool. Resolves with its response. */
  callTool(name: string, args: JsonObject = {}): Promise<JsonObject> {
    const [call] = this.#turns.say({ toolCalls: [{ name, args }] });
    return new Promise((resolve) => {
      if (call) this.#calls.onAnswer(call.id, resolve);
    });
  }

  /** Cancels all open calls. */
  cancelToolCalls(): void {
    this.send({ toolCallCancellation: { ids: this.#calls.cancel() } });
  }

  /** The service sends its JSON in binary messages. */
  protected override encode(message: JsonObject): Buffer {
    return Buffer.from(JSON.stringify(message));
  }

  protected override receive(text: string): void {
    try {
      const message = parseObject(text);
      if (!message) throw new GeminiRefusal('Invalid JSON payload received.');
      const isAudio = objectAt(message, 'realtimeInput').audio !== undefined;
      if (!isAudio) this.#host.record.message(this.id, message);
      this.#handle(message);
    } catch (error) {
      if (!(error instanceof GeminiRefusal)) throw error;
      this.#refuse(error);
    }
  }

  #handle(message: JsonObject): void {
    const { type, value } = readMessage(message);
    if (type === 'setup') {
      if (this.setup) throw new GeminiRefusal('setup must be the first message and only the first');
      checkSetup(value, this.#host.knowsAllVideo);
      void this.#begin(value);
      return;
    }
    if (!this.setup) {
      throw new GeminiRefusal('setup must be the first message and only the first');
    }
    if (!this.isReady) throw new GeminiRefusal(`${type} came before setupComplete`);
    if (type === 'clientContent') this.#takeContent(value, this.setup);
    else if (type === 'toolResponse') this.#takeToolResponse(value);
    else this.#takeInput(value, this.setup);
  }

  async #begin(setup: JsonObject): Promise<void> {
    this.setup = setup;
    const handle = textAt(objectAt(setup, 'sessionResumption'), 'handle');
    const resumed = handle === '' ? undefined : this.#host.sessionOf(handle);
    if (handle !== '') {
      if (resumed?.setup.model !== setup.model) {
        this.#refuse(new GeminiRefusal('BidiGenerateContent session not found', 1008));
        return;
      }
      this.resumedFrom = handle;
    }
    if (!(await this.#host.gate.pass()) || !this.isOpen) return;
    this.#session = resumed ?? this.#host.newSession(setup);
    this.#session.open(this, setup);
    this.isReady = true;
    this.send({ setupComplete: {} });
    const { connectionMs, goAwayMs } = this.#host;
    // The session outlasts it.
    this.#end.plan(
      connectionMs,
      goAwayMs,
      () => this.send({ goAway: { timeLeft: `${goAwayMs / 1000}s` } }),
      () => this.close(1008, 'The operation was aborted.'),
    );
    // Not sent with `setupComplete`, because the plugin drops the rest of that message.
    void this.roundTrip().then(() => this.#sendHandle());
  }

  #takeContent(content: JsonObject, setup: JsonObject): void {
    const { user, model, images, turnComplete } = readContent(content, textAt(setup, 'model'));
    for (const image of images) this.#takePicture(image, 'clientContent', true);
    for (const text of user) this.#turns.write(text);
    this.#instructions.push(...model);
    if (turnComplete) this.#ask('text');
  }

  #takeInput(input: JsonObject, setup: JsonObject): void {
    const field = readInput(input, setup);
    const { blocking } = this.#calls;
    if (blocking) {
      // The service refuses realtime input while a blocking call waits for its response.
      const what = `realtime_input.${field} while ${blocking.name} was not answered`;
      const reason = 'Operation is not implemented, or supported, or enabled.';
      throw new GeminiRefusal(`${reason} (${what})`, 1008);
    }
    if (field === 'audio') this.#takeAudio(readAudio(input.audio));
    if (field === 'text') this.#ask('text', textAt(input, 'text'));
    if (field === 'activityStart') this.speechStarted();
    if (field === 'activityEnd') this.#endActivity();
    if (field === 'video') {
      const isOfTurn = this.#isUserActive || includesSilence(setup);
      const image = readImage(input.video, 'realtime_input.video');
      this.#takePicture(image, 'realtimeInput', isOfTurn);
    }
  }

  #takeAudio(sound: Buffer): void {
    this.#buffer.add(sound);
    this.#host.record.audioChunk(sound.length);
  }

  /** What the user said is a part of the turn that the client completes. */
  #endActivity(): void {
    this.#isUserActive = false;
    const { words } = this.#buffer;
    this.#buffer.clear();
    if (!words) return;
    this.#transcribed(words);
    this.#turns.write(words);
  }

  #transcribed(text: string): void {
    if (this.setup?.inputAudioTranscription)
      this.send({ serverContent: { inputTranscription: { text } } });
  }

  #takePicture(
    { picture, data }: ReturnType<typeof readImage>,
    via: 'clientContent' | 'realtimeInput',
    isOfTurn: boolean,
  ): void {
    const frame = this.#host.record.frame({ ...picture, data, connection: this.id, via });
    this.#session?.add(frame, isOfTurn);
  }

  #takeToolResponse(response: JsonObject): void {
    const results = this.#calls.answered(response);
    if (this.#calls.areAnswered && results.length > 0) this.#ask('tools', JSON.stringify(results));
  }

  #ask(cause: Question['cause'], text = ''): void {
    const instructions = this.#instructions.splice(0).join('\n');
    const frames = this.#session?.completeTurn() ?? [];
    this.#turns.ask({ cause, text, instructions, frames });
  }

  #sendHandle(): void {
    if (!this.setup?.sessionResumption || !this.#session) return;
    this.handle = this.#host.issueHandle(this.#session);
    this.send({ sessionResumptionUpdate: { newHandle: this.handle, resumable: true } });
  }

  #refuse({ code, message }: GeminiRefusal): void {
    this.#host.record.violation(this.id, message);
    this.close(code, message);
  }
}
