import { llm } from '@livekit/agents';
import { keepGoogleAlive } from '../internals/google-connection.ts';
import { keepOpenAIAlive } from '../internals/openai-connection.ts';
import { keepOpenAIHistory } from '../internals/openai-history.ts';
import { makeSession } from '../internals/realtime-birth.ts';
import { askAgainAfterDrops, writeAgainAfterDrops } from './asked-again.ts';
import { showBeforeCommittedReply } from './committed-speech.ts';
import { compressContext, isGoogleSession, prepareVideo, writeWithPictures } from './google.ts';
import { type LifeReport, ModelLife, type ReconnectLimits } from './model-life.ts';
import type { PictureRefusal } from './openai.ts';
import { idsOf, withNewer } from './openai-context.ts';
import { isOpenAISession, opensByConstructor } from './openai-session.ts';
import { makeSink, type RealtimeSinkOptions } from './realtime-sink.ts';
import type { RealtimeVideoSink } from './video-sink.ts';

type MakeSession = llm.RealtimeModel['session'];

export interface RealtimeSessionsDeps {
  readonly options: RealtimeSinkOptions;
  readonly reconnect: ReconnectLimits;
  /**
   * Called before a typed turn is sent to the model, which waits for it.
   * @returns the pictures for the turn's own message, if the model takes them there.
   */
  beforeText(session: llm.RealtimeSession): Promise<readonly llm.ImageContent[]>;
  /**
   * Called before the reply to speech that the application committed, and before a request is
   * repeated on the next connection. Both wait for it.
   */
  beforeReply(session: llm.RealtimeSession): Promise<void>;
  /** A session takes no pictures. @returns whether the conversation continues without them. */
  onUnsupported(error: unknown): boolean;
  /** The service refused a picture. */
  onRefused(refusal: PictureRefusal): void;
  /** A connection was lost or restored. */
  onLife(report: LifeReport): void;
  /** The model does not get a part of what it was given. */
  onError(error: Error): void;
}

/**
 * The sinks of all sessions that the models create. Each model's `session()` is wrapped: a hand-off
 * may keep the session or create a new one, and OpenAI's sink must exist before the session
 * connects.
 */
export class RealtimeSessions {
  readonly #deps: RealtimeSessionsDeps;
  /** The models' own `session()`, if they had one that is not of their class. */
  readonly #own = new WeakMap<llm.RealtimeModel, MakeSession | undefined>();
  /** Weak, because an application may make a new model for each hand-off. */
  #models: WeakRef<llm.RealtimeModel>[] = [];
  /** `null` for a session that takes no pictures. */
  readonly #sinks = new WeakMap<llm.RealtimeSession, RealtimeVideoSink | null>();
  /** A model may return the same session again. */
  readonly #lives = new WeakMap<llm.RealtimeSession, ModelLife>();
  /** Sessions whose texts come after their pictures. */
  readonly #prepared = new WeakSet<llm.RealtimeSession>();

  constructor(deps: RealtimeSessionsDeps) {
    this.#deps = deps;
  }

  /** Wraps a model's `session()`. Ignores anything but realtime models. Idempotent. */
  watch(model: unknown): void {
    if (!(model instanceof llm.RealtimeModel) || this.#own.has(model)) return;
    compressContext(model);
    prepareVideo(model);
    const own = Object.hasOwn(model, 'session') ? model.session : undefined;
    this.#own.set(model, own);
    this.#models = [...this.#models.filter((one) => one.deref()), new WeakRef(model)];
    const make = model.session.bind(model);
    model.session = () => {
      const session = this.#makeLasting(make);
      if (this.#prepared.has(session)) return session;
      try {
        const sink = this.#sinkFor(session);
        const life = this.#lives.get(session);
        const isOpenAI = isOpenAISession(session);
        if (isOpenAI) keepOpenAIHistory(session);
        if (sink) {
          this.#letPicturesComeFirst(session, life);
          showBeforeCommittedReply(session, () => this.#deps.beforeReply(session));
        }
        // The outermost: a text comes after its picture on the connection that it is written on.
        if (isOpenAI && life) writeAgainAfterDrops(session, life);
        this.#prepared.add(session);
      } catch (error) {
        // The session connects by itself, and would otherwise stay open.
        void session.close();
        throw error;
      }
      return session;
    };
  }

  /** The sink of a session; created late if the session already existed. */
  sink(session: llm.RealtimeSession | undefined): RealtimeVideoSink | undefined {
    return (session && this.#sinkFor(session)) ?? undefined;
  }

  /** Restores every model's own `session()`. */
  close(): void {
    for (const one of this.#models.splice(0)) {
      const model = one.deref();
      if (!model) continue;
      const own = this.#own.get(model);
      this.#own.delete(model);
      if (own) model.session = own;
      else Reflect.deleteProperty(model, 'session');
    }
  }

  #sinkFor(session: llm.RealtimeSession): RealtimeVideoSink | null {
    const known = this.#sinks.get(session);
    if (known !== undefined) return known;
    let sink: RealtimeVideoSink | null = null;
    try {
      sink = makeSink(session, this.#deps.options, this.#deps.onRefused);
    } catch (error) {
      if (!this.#deps.onUnsupported(error)) throw error;
    }
    this.#sinks.set(session, sink);
    return sink;
  }

  /** Creates a session that survives a lost connection. */
  #makeLasting(make: MakeSession): llm.RealtimeSession {
    const life = new ModelLife(this.#deps.reconnect, this.#deps.onLife);
    const session = makeSession(make, (made) => {
      if (this.#lives.has(made)) return;
      if (opensByConstructor(made)) keepOpenAIAlive(made, life);
    });
    if (this.#lives.has(session)) return session;
    this.#lives.set(session, life);
    if (isGoogleSession(session)) keepGoogleAlive(session, life, this.#deps.onError);
    if (isGoogleSession(session) || opensByConstructor(session))
      askAgainAfterDrops(session, life, () => this.#deps.beforeReply(session));
    return session;
  }

  /**
   * A typed turn reaches the model through `updateChatCtx`; the newest frame is sent just before, or
   * in the same message. Both belong on one connection: a picture that an earlier one got is lost.
   */
  #letPicturesComeFirst(session: llm.RealtimeSession, life: ModelLife | undefined): void {
    const update = session.updateChatCtx.bind(session);
    session.updateChatCtx = async (context) => {
      if (!hasNewUserText(session.chatCtx, context)) return update(context);
      const before = idsOf(session.chatCtx);
      const pictures = await this.#picturesBefore(session, life);
      return pictures.length > 0
        ? writeWithPictures(session, context, pictures, update)
        : update(withNewer(context, session.chatCtx, before));
    };
  }

  /** Shows the newest frame, and again on the next connection if this one is lost meanwhile. */
  async #picturesBefore(
    session: llm.RealtimeSession,
    life: ModelLife | undefined,
  ): Promise<readonly llm.ImageContent[]> {
    for (;;) {
      const isUp = life?.isRetrying ? await life.up() : false;
      const drops = life?.drops ?? 0;
      const pictures = await this.#picturesOrSpeech(session);
      const isLost = isUp && life !== undefined && life.drops > drops && !life.isOver;
      // Pictures for the turn's own message have not left yet.
      if (!isLost || pictures.length > 0) return pictures;
    }
  }

  /**
   * OpenAI answers speech with what the conversation has at its end. A text that waited longer
   * would have no answer: the framework drops the reply to it when the user speaks. The model has
   * the pictures of the speech.
   */
  async #picturesOrSpeech(session: llm.RealtimeSession): Promise<readonly llm.ImageContent[]> {
    const pictures = this.#deps.beforeText(session);
    if (!isOpenAISession(session)) return pictures;
    let end = () => {};
    const speech = new Promise<[]>((resolve) => {
      const onSpeech = () => resolve([]);
      session.on('input_speech_started', onSpeech);
      end = () => session.off('input_speech_started', onSpeech);
    });
    return Promise.race([pictures, speech]).finally(end);
  }
}

function hasNewUserText(before: llm.ChatContext, after: llm.ChatContext): boolean {
  const last = after.items.at(-1);
  return last?.type === 'message' && last.role === 'user' && before.getById(last.id) === undefined;
}
