import { ReadableStream } from 'node:stream/web';
import { llm } from '@livekit/agents';

type Generation = Awaited<ReturnType<llm.RealtimeSession['generateReply']>>;

const streamOf = <T>(...items: T[]): ReadableStream<T> =>
  new ReadableStream<T>({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });

/** A minimal session of a realtime model, which answers with a text. */
class VoiceOnlySession extends llm.RealtimeSession {
  closed = false;
  readonly #reply: () => string;

  constructor(model: VoiceOnlyRealtime, reply: () => string) {
    super(model);
    this.#reply = reply;
  }

  override readonly chatCtx = llm.ChatContext.empty();
  override readonly tools = llm.ToolContext.empty();
  override async updateInstructions(): Promise<void> {}
  override async updateChatCtx(): Promise<void> {}
  override async updateTools(): Promise<void> {}
  override updateOptions(): void {}
  override pushAudio(): void {}
  override async generateReply(): Promise<Generation> {
    const message: llm.MessageGeneration = {
      messageId: 'message',
      textStream: streamOf(this.#reply()),
      audioStream: streamOf(),
      modalities: Promise.resolve(['text']),
    };
    return {
      messageStream: streamOf(message),
      functionStream: streamOf(),
      userInitiated: true,
      responseId: 'response',
    };
  }
  override async commitAudio(): Promise<void> {}
  override async clearAudio(): Promise<void> {}
  override async interrupt(): Promise<void> {}
  override async truncate(): Promise<void> {}
  override async close(): Promise<void> {
    this.closed = true;
  }
}

/** A realtime model that takes no video. */
export class VoiceOnlyRealtime extends llm.RealtimeModel {
  /** The newest session. */
  last: VoiceOnlySession | undefined;
  readonly #reply: () => string;

  /** @param reply - Returns the answer to each question. */
  constructor(reply = () => 'I hear you.', turnDetection = true) {
    super({
      messageTruncation: false,
      turnDetection,
      userTranscription: false,
      autoToolReplyGeneration: false,
      audioOutput: true,
      manualFunctionCalls: false,
    });
    this.#reply = reply;
  }
  override readonly model = 'voice-only-1';
  override label(): string {
    return 'test.VoiceOnlyRealtime';
  }
  override session(): VoiceOnlySession {
    const session = new VoiceOnlySession(this, this.#reply);
    this.last = session;
    return session;
  }
  override async close(): Promise<void> {}
}
