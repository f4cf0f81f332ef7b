import type { llm, stt } from '@livekit/agents';
import { TestingError } from '../errors.ts';
import { FakeGeminiLive } from '../fakes/gemini-live.ts';
import type { JsonObject } from '../fakes/json.ts';
import { FakeOpenAIRealtime } from '../fakes/openai-realtime.ts';
import type { Answer, Question as Asking } from '../fakes/reply.ts';
import { wordsIn } from '../push-to-talk/words.ts';
import { WordsSTT } from '../push-to-talk/words-stt.ts';
import { RecordingLLM, type Reply } from '../recording-llm.ts';
import { Answers } from './answers.ts';
import { answerText, questionIn, type StoryRecord } from './record.ts';
import type { AgentKind } from './steps.ts';
import { VoiceOnlyRealtime } from './voice-only-realtime.ts';

export const INSTRUCTIONS = 'You see.';

/** The model of an agent in a story, with its service. */
export interface StoryModel {
  readonly llm: llm.LLM | llm.RealtimeModel;
  readonly service?: FakeGeminiLive | FakeOpenAIRealtime;
  /** The recognizer of a pipeline with push-to-talk. */
  readonly stt?: stt.STT;
  /** The sample rate of the speech that it takes, if it is not the usual one. */
  readonly sampleRate?: number;
  close(): Promise<void>;
}

/** Of speech to OpenAI Realtime, in Hz. */
const OPENAI_RATE = 24_000;

/** Gemini does not end the turns of the user. */
const NO_DETECTION = { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };

/** Refusals that no client can avoid: a question may arrive while the answer to speech begins. */
const HARMLESS = ['conversation_already_has_active_response'];

/** The model of a pipeline: answers the question of a request, and records its pictures. */
class AnsweringLLM extends RecordingLLM {
  readonly #kind: AgentKind;
  readonly #record: StoryRecord;
  readonly #answers: Answers;

  constructor(kind: AgentKind, record: StoryRecord, answers: Answers) {
    super(kind === 'textOnly' ? 'gpt-3.5-turbo' : 'story');
    this.#kind = kind;
    this.#record = record;
    this.#answers = answers;
  }

  override chat(options: Parameters<RecordingLLM['chat']>[0]): llm.LLMStream {
    const newest = options.chatCtx.items.findLast(({ type }) => type !== 'message');
    const number = questionIn(textOf(options.chatCtx));
    const calls = this.#answers.calls([number]);
    const reply: Reply = calls.length > 0 ? calls : answerText(number);
    this.replies.splice(0, Number.POSITIVE_INFINITY, reply);
    const stream = super.chat(options);
    const { at, ownPictures: own, pictures } = this.last;
    const isFollowUp = newest?.type === 'function_call_output' && isBehind(options.chatCtx, newest);
    this.#record.asked.push({
      at,
      agent: this.#kind,
      question: number,
      isFollowUp,
      isSpeech: false,
      own,
      pictures,
    });
    return stream;
  }
}

/** Whether a question of the user is in front of the item, and none behind it. */
function isBehind({ items }: llm.ChatContext, item: llm.ChatItem): boolean {
  const asked = items.findLastIndex(
    (one) => one.type === 'message' && one.role === 'user' && questionIn(one.textContent ?? '') > 0,
  );
  return items.indexOf(item) > asked;
}

const textOf = ({ items }: llm.ChatContext): string =>
  items
    .flatMap((item) => (item.type === 'message' && item.role === 'user' ? [item.textContent] : []))
    .join('\n');

/** Creates the models of one story, each at its first use. */
export class StoryModels {
  readonly #record: StoryRecord;
  readonly #answers: Answers;
  readonly #models = new Map<AgentKind, Promise<StoryModel>>();
  /** Set if the user ends the spoken turns with a button, and no model detects their ends. */
  readonly #recognizer: WordsSTT | undefined;

  constructor(record: StoryRecord, isPushToTalk = false) {
    this.#record = record;
    if (isPushToTalk) this.#recognizer = new WordsSTT();
    this.#answers = new Answers(record);
  }

  get(kind: AgentKind): Promise<StoryModel> {
    const model = this.#models.get(kind) ?? this.#make(kind);
    this.#models.set(kind, model);
    return model;
  }

  /** Closes the services. */
  async close(): Promise<void> {
    const models = await Promise.all(this.#models.values());
    await Promise.all(models.map((model) => model.close()));
  }

  async #make(kind: AgentKind): Promise<StoryModel> {
    if (kind === 'gemini') return this.#gemini();
    if (kind === 'openai') return this.#openai();
    if (kind === 'voiceOnly') {
      const model = new VoiceOnlyRealtime(() => this.#lastAnswer(kind), !this.#recognizer);
      return { llm: model, close: () => model.close() };
    }
    const model = new AnsweringLLM(kind, this.#record, this.#answers);
    const stt = this.#recognizer;
    return { llm: model, ...(stt ? { stt } : {}), close: () => model.aclose() };
  }

  async #gemini(): Promise<StoryModel> {
    // The plugin connects without tools first, and again with them.
    const hasTools = ({ connection }: Asking): boolean =>
      service.connections.some(({ id, toolNames }) => id === connection && toolNames.length > 0);
    const service = new FakeGeminiLive({
      transcribe: wordsIn,
      reply: (asking) => this.#reply('gemini', asking, hasTools(asking)),
    });
    const { baseUrl } = await service.listen();
    const google = await plugin('google', () => import('@livekit/agents-plugin-google'));
    // The same instructions as the agent's, so that it connects only once.
    const model = new google.realtime.RealtimeModel({
      apiKey: 'k',
      httpOptions: { baseUrl },
      instructions: INSTRUCTIONS,
      ...(this.#recognizer ? NO_DETECTION : {}),
    });
    return this.#realtime('gemini', model, service);
  }

  async #openai(): Promise<StoryModel> {
    const service = new FakeOpenAIRealtime({
      transcribe: wordsIn,
      reply: (asking) => this.#reply('openai', asking),
    });
    const { baseUrl } = await service.listen();
    const openai = await plugin('openai', () => import('@livekit/agents-plugin-openai'));
    const model = new openai.realtime.RealtimeModel({
      apiKey: 'k',
      baseURL: baseUrl,
      ...(this.#recognizer ? { turnDetection: null } : {}),
    });
    return { ...this.#realtime('openai', model, service), sampleRate: OPENAI_RATE };
  }

  #realtime(
    kind: AgentKind,
    model: llm.RealtimeModel,
    service: FakeGeminiLive | FakeOpenAIRealtime,
  ): StoryModel {
    const close = async () => {
      for (const picture of service.frames)
        this.#record.received.push({ at: picture.at, agent: kind, picture });
      for (const violation of service.violations)
        if (!HARMLESS.some((code) => violation.includes(code)))
          this.#record.refused.push(`the service of ${kind} refused: ${violation}`);
      await model.close();
      await service.close();
    };
    return { llm: model, service, close };
  }

  #reply(kind: AgentKind, { text, cause, frames, connection }: Asking, hasTools = true): Answer {
    const isFollowUp = cause === 'tools';
    const due = this.#answers.due(text, isFollowUp, connection);
    if (due.length === 0) return 'As I said.';
    for (const number of due) this.#asked(kind, number, frames, isFollowUp, cause === 'speech');
    const calls = isFollowUp || !hasTools ? [] : this.#answers.calls(due, connection);
    if (calls.length === 0) return this.#answers.given(due, connection);
    const toolCalls = calls.map(({ call, args }) => ({ name: call, args: args as JsonObject }));
    return { toolCalls };
  }

  /** This model does not get the question, so it answers the last one. */
  #lastAnswer(kind: AgentKind): string {
    const number = this.#record.lastAsked;
    this.#asked(kind, number, [], false);
    return answerText(number);
  }

  #asked(
    agent: AgentKind,
    question: number,
    pictures: Asking['frames'],
    isFollowUp: boolean,
    isSpeech = false,
  ): void {
    const own = pictures.slice(-1);
    this.#record.asked.push({
      at: Date.now(),
      agent,
      question,
      isFollowUp,
      isSpeech,
      own,
      pictures,
    });
  }
}

/** @throws TestingError if the plugin is not installed. */
async function plugin<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const missing = `@livekit/agents-plugin-${name}`;
    throw new TestingError('story', `${missing} is not there`, `npm install ${missing}`, { cause });
  }
}
