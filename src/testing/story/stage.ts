import { setTimeout as wait } from 'node:timers/promises';
import { llm, voice } from '@livekit/agents';
import { VideoSession, type VideoSessionOptions } from '../../index.ts';
import { createLookTool } from '../../watch/look-tool.ts';
import { WordsInput } from '../push-to-talk/words-input.ts';
import { Application } from './application.ts';
import { markMask } from './masks.ts';
import { INSTRUCTIONS, type StoryModel, StoryModels } from './models.ts';
import { answersIn, questionsIn, StoryRecord } from './record.ts';
import { StorySpeech } from './speech.ts';
import { Stalls } from './stalls.ts';
import {
  type AgentKind,
  hasControl,
  isPushToTalk,
  isSpoken,
  maskOf,
  type Person,
  type StepOf,
  type Story,
} from './steps.ts';
import type { StoryRoom } from './story-room.ts';

/** Duration of the slow tool, in ms. */
const SLOW_MS = 150;

/** The session does not end if a user leaves, and takes no audio. */
export const INPUT = { inputOptions: { audioEnabled: false, closeOnDisconnect: false } };
/** No person listens in a story without speech. */
export const SILENT = { outputOptions: { audioEnabled: false, transcriptionEnabled: false } };

/** Turns that the user ends with a button, without a time for late words. */
const PUSH_TO_TALK = { turnDetection: 'manual', endpointing: { minDelay: 0 } } as const;

/** Short limits for an avatar that does not come or report, in ms. */
const AVATAR_LIMITS = { retryBaseMs: 100, finishSlackMs: 500 };

export interface StageOptions {
  /** Options of the video session, except for the room. */
  readonly video?: Omit<VideoSessionOptions, 'room'>;
  /** Plays the story with an agent session alone. */
  readonly isBare: boolean;
  readonly story: Story;
  /** Closed with the stage. */
  readonly room: StoryRoom;
}

/** The room, agent session and video session of a story. */
export class StoryStage {
  readonly room: StoryRoom;
  readonly record = new StoryRecord();
  readonly stalls = new Stalls();
  /** Whether the pictures of the story have a part that a mask hides. */
  readonly isMasked: boolean;
  /** Set if the story has speech of the agent. */
  readonly speech: StorySpeech | undefined;
  readonly session: voice.AgentSession;
  /** `undefined` in a control without Sightline. */
  readonly video: VideoSession | undefined;
  /** `undefined` in a control without Sightline. */
  readonly application: Application | undefined;
  readonly #models: StoryModels;
  /** Set if the user speaks while they hold a button. */
  readonly #microphone: WordsInput | undefined;
  /** What the recognizer of a pipeline understood. */
  readonly #transcripts = new Set<string>();
  readonly #slow = new AbortController();
  readonly #agents: voice.Agent[] = [];
  /** The kind of the active agent, or of the one that takes over. */
  agent: AgentKind = 'pipeline';
  model: StoryModel | undefined;
  isClosing = false;
  #close = () => {};
  readonly #closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor({ video, isBare, story, room }: StageOptions) {
    this.room = room;
    if (isSpoken(story)) this.speech = new StorySpeech(room, this.record);
    const hasButton = isPushToTalk(story);
    this.#models = new StoryModels(this.record, hasButton);
    this.session = new voice.AgentSession({
      vad: null,
      turnHandling: hasButton ? PUSH_TO_TALK : { turnDetection: null },
      // The framework's `waitForIdle` never ends while the user is away.
      userAwayTimeout: null,
    });
    if (hasButton) {
      this.#microphone = new WordsInput();
      this.session.input.audio = this.#microphone;
      this.session.input.setAudioEnabled(false);
    }
    this.#listen();
    const { avatar } = story.find((step) => step.do === 'start') ?? {};
    const mask = maskOf(story);
    this.isMasked = mask !== undefined;
    if (isBare) return;
    this.video = new VideoSession(this.session, {
      room: room.agent,
      ...(avatar && this.speech ? { avatar: this.speech.avatar(avatar) } : {}),
      avatarLimits: { ...AVATAR_LIMITS, joinTimeoutMs: room.avatarJoinMs },
      ...(hasControl(story) ? { control: 'participant' } : {}),
      ...video,
      ...(mask ? { input: { processors: [markMask(mask)], ...video?.input } } : {}),
    });
    const { record, isMasked } = this;
    this.application = new Application({ video: this.video, room: room.agent, record, isMasked });
  }

  async start({ agent: kind }: StepOf<'start'>): Promise<void> {
    const agent = await this.#makeAgent(kind);
    const inARoom = { ...INPUT, ...(this.speech ? {} : SILENT) };
    if (this.video) await this.video.start({ agent, ...inARoom });
    else
      await this.session.start({
        agent,
        ...(this.room.hasLink ? { room: this.room.agent, ...inARoom } : {}),
      });
  }

  /** The person joins. The user also listens if the agent speaks. */
  async join(who: Person): Promise<void> {
    const own = await this.room.join(who);
    if (own && who === 'user') this.speech?.listen(own);
  }

  /** The user says this, as the agent's model takes speech. */
  say(words: string): void {
    this.#microphone?.say(words, this.model?.sampleRate);
  }

  /** Whether the agent has heard the words that the user says. */
  hears(words: string): boolean {
    const { model, agent } = this;
    if (model?.stt) return this.#transcripts.has(words);
    return (
      agent === 'voiceOnly' || (model?.service?.connections.at(-1)?.speech ?? '').includes(words)
    );
  }

  /** Another agent takes over. Resolves when it has. */
  async handOff(kind: AgentKind): Promise<void> {
    const agent = await this.#makeAgent(kind);
    const { ConversationItemAdded, UserStateChanged } = voice.AgentSessionEventTypes;
    let onItem = (_: voice.ConversationItemAddedEvent) => {};
    let onUserState = (_: voice.UserStateChangedEvent) => {};
    const taken = new Promise<void>((resolve) => {
      onItem = ({ item }) => {
        if (item.type === 'agent_handoff' && item.newAgentId === agent.id) resolve();
      };
    });
    this.session.on(ConversationItemAdded, onItem);
    try {
      this.session.updateAgent(agent);
      await Promise.race([taken, this.#closed]);
      // A user who speaks to the agent before counts as speaking until the next speech: the
      // framework no longer listens to the events of that agent's model.
      const speaking = new Promise<void>((resolve) => {
        onUserState = ({ newState }) => {
          if (newState === 'speaking') resolve();
        };
      });
      this.session.on(UserStateChanged, onUserState);
      const isSpeaking = this.session.userState === 'speaking';
      if (!this.isClosing && !isSpeaking)
        await Promise.race([this.session.waitForIdle(), speaking]);
    } finally {
      this.session.off(ConversationItemAdded, onItem);
      this.session.off(UserStateChanged, onUserState);
    }
  }

  /** Resolves when the video session or the agent session is closed. */
  async end(what: 'video' | 'agent'): Promise<void> {
    this.isClosing = true;
    this.#close();
    if (this.video && what === 'video') await this.video.close();
    else await this.session.close();
  }

  /** Closes everything that the story does not close itself. */
  async release(): Promise<void> {
    this.isClosing = true;
    this.#close();
    this.#slow.abort();
    await this.application?.close();
    await this.video?.close();
    await this.session.close();
    await this.#microphone?.close();
    await this.speech?.close();
    try {
      await this.room.close();
    } finally {
      await this.#models.close();
    }
  }

  /** Number of agents whose `llmNode` is still replaced. */
  get wrappedAgents(): number {
    return this.#agents.filter((agent) => Object.hasOwn(agent, 'llmNode')).length;
  }

  async #makeAgent(kind: AgentKind): Promise<voice.Agent> {
    const model = await this.#models.get(kind);
    this.agent = kind;
    this.model = model;
    const agent = new voice.Agent({
      id: `${kind}-${this.#agents.length + 1}`,
      instructions: INSTRUCTIONS,
      llm: model.llm,
      ...(model.stt ? { stt: model.stt } : {}),
      tools: [...this.#tools()],
    });
    this.#agents.push(agent);
    return agent;
  }

  *#tools() {
    if (this.video) yield createLookTool(this.video);
    else yield llm.tool({ name: 'look', description: 'Sees nothing.', execute: async () => 'no' });
    yield llm.tool({
      name: 'slow',
      description: 'Answers slowly.',
      execute: async () => {
        await pause(SLOW_MS, this.#slow.signal);
        return 'done';
      },
    });
  }

  #listen(): void {
    const { ConversationItemAdded, Close, UserInputTranscribed } = voice.AgentSessionEventTypes;
    this.session.on(ConversationItemAdded, ({ item }) => {
      if (item.type !== 'message') return;
      const text = item.textContent ?? '';
      const isUser = item.role === 'user';
      const numbers = isUser ? questionsIn(text) : answersIn(text);
      for (const question of this.record.questions) {
        if (!numbers.includes(question.number)) continue;
        if (isUser) question.isTaken = true;
        else question.answers.push(Date.now());
      }
    });
    this.session.on(UserInputTranscribed, ({ transcript }) => this.#transcripts.add(transcript));
    this.session.on(Close, ({ reason, error }) => {
      if (!this.isClosing) this.record.closedBy = `${reason}${error ? `: ${String(error)}` : ''}`;
    });
  }
}

/** Resolves after this time, in ms, or as soon as the signal is aborted. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  // It rejects for no other reason than the signal.
  wait(ms, undefined, signal ? { signal } : {}).catch(() => {});
