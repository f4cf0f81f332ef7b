import { llm, voice } from '@livekit/agents';
import type { Random } from '../../../src/testing/random.ts';
import { perform } from '../../../src/watch/acts.ts';
import { createLookTool } from '../../../src/watch/look-tool.ts';
import { asker } from '../../../src/watch/question.ts';
import { nextEvent, nextItem, type Stage, setStage } from '../loopback.ts';
import { Offs, type OffsDeps } from './offs.ts';
import { onSentPictures } from './sent-pictures.ts';
import { type OnAttempt, WireLLM } from './wire-llm.ts';

/** What an agent with a pipeline uses pictures for. */
export const PIPELINE_PURPOSES = [
  'turn',
  'strip',
  'own llmNode',
  'retry',
  'history',
  'look tool',
  'judge',
  'reply of a watch',
  'inspector',
] as const;
type Purpose = (typeof PIPELINE_PURPOSES)[number];
/** What leaves with a request of the conversation. */
const WITH_REQUEST = PIPELINE_PURPOSES.filter((one) => one !== 'judge' && one !== 'inspector');

/** Of one turn. */
const MAX_PICTURES = 4;
/** A new conversation begins after this many turns, since a long one is slow to copy. */
const TURNS = 12;
/** What is rare among the others has its share. */
const KINDS = ['typed', 'spoken', 'spoken', 'look', 'look', 'reply', 'reply'] as const;
/** Share of the requests whose connection fails the first time. */
const FAILING = 0.5;

const hasPicture = ({ items }: Pick<llm.ChatContext, 'items'>): boolean =>
  items.some(
    (item) =>
      item.type === 'message' &&
      item.content.some((part) => typeof part === 'object' && part.type === 'image_content'),
  );

/** A few turns of the event loop. */
async function hesitate(random: Random): Promise<void> {
  for (let i = random.next() * 6; i > 0; i--) await new Promise(setImmediate);
}

export interface PipelineUses extends Pick<OffsDeps, 'camera' | 'random' | 'tally'> {
  readonly inspectorUrl: string;
}

/** A conversation that uses pictures in every way, one turn after the other. */
class Conversation {
  readonly stage: Stage;
  readonly offs: Offs;
  readonly #random: Random;
  #isLooking = false;
  #isSpoken = false;

  constructor({ camera, random, tally, inspectorUrl }: PipelineUses) {
    this.#random = random;
    this.stage = setStage(camera, {
      session: { llm: new WireLLM(() => this.offs.approaches(), this.#leaves) },
      video: {
        turn: { pictures: MAX_PICTURES, keepPictures: MAX_PICTURES },
        inspect: { url: inspectorUrl, pixels: true },
      },
    });
    const { video, room } = this.stage;
    this.offs = new Offs({ video, room, camera, random, tally, awaited: 'conversation' });
    video.on('look.answered', () => {
      if (this.#isLooking) this.#begin('look tool');
      this.#isLooking = false;
    });
    onSentPictures(inspectorUrl, (pictures) =>
      this.offs.leaves('inspector', ['inspector'], pictures),
    );
  }

  async start(): Promise<void> {
    const { video } = this.stage;
    const hold = (context: llm.ChatContext) => this.#hold(context);
    class Waiter extends voice.Agent {
      override async llmNode(...args: Parameters<voice.Agent['llmNode']>) {
        await hold(args[0]);
        return super.llmNode(...args);
      }
    }
    const tools = [createLookTool(video)];
    await video.start({ agent: new Waiter({ instructions: 'See.', tools }) });
  }

  async run(): Promise<void> {
    for (let turn = 1; ; turn++) {
      if (!(await this.#takeTurn(`question ${turn}`))) return;
      const agent = this.stage.session.currentAgent;
      if (turn % TURNS === 0) await agent.updateChatCtx(llm.ChatContext.empty());
      if (hasPicture(agent.chatCtx)) this.#begin('history');
    }
  }

  #begin(purpose: Purpose): () => void {
    return this.offs.begin(purpose);
  }

  /** @returns whether the video goes on. */
  async #takeTurn(question: string): Promise<boolean> {
    const { session } = this.stage;
    const kind = this.#random.pick(KINDS);
    let frame = await this.offs.fresh();
    if (frame && this.#random.next() < 0.5) frame = await this.#speak();
    if (!frame) return false;
    if (kind === 'reply') {
      this.#begin('reply of a watch');
      const { signal } = new AbortController();
      const sighting = { answer: true, frame, session, signal };
      // A frame that was taken away meanwhile is refused.
      await perform({ reply: 'Say what is there.' }, sighting).catch(() => undefined);
      return true;
    }
    this.#begin('turn');
    if (kind === 'spoken') await this.#say(question);
    else
      await session
        .generateReply({ userInput: kind === 'look' ? 'look, please' : question })
        .waitForPlayout();
    return true;
  }

  /** A turn whose request leaves before it is part of the conversation. */
  async #say(question: string): Promise<void> {
    const answered = nextItem(this.stage.session, 'assistant');
    this.#isSpoken = true;
    this.stage.hearMaybe(question);
    await hesitate(this.#random);
    await this.stage.endTurn(question);
    await answered;
    this.#isSpoken = false;
  }

  /** The user speaks until the next frame: a picture of that is kept for the turn. */
  async #speak(): ReturnType<Offs['fresh']> {
    const { session, video } = this.stage;
    const { UserStateChanged: type } = voice.AgentSessionEventTypes;
    const change = (newState: 'listening' | 'speaking') => {
      const oldState = newState === 'speaking' ? 'listening' : 'speaking';
      session.emit(type, { type, oldState, newState, createdAt: Date.now() });
    };
    void nextEvent(video, 'motion.kept').then(({ frameIds }) => {
      if (frameIds.length > 0) this.#begin('strip');
    });
    change('speaking');
    const frame = await this.offs.fresh();
    change('listening');
    return frame;
  }

  /** The agent's own `llmNode` takes its time. */
  async #hold(context: llm.ChatContext): Promise<void> {
    const over = hasPicture(context) ? this.#begin('own llmNode') : undefined;
    await hesitate(this.#random);
    over?.();
  }

  #leaves: OnAttempt = ({ pictures, last, number }) => {
    this.offs.leaves('conversation', WITH_REQUEST, pictures);
    if (this.#isSpoken && pictures.length > 0) this.#begin('inspector');
    if (pictures.length > 0 && number === 1 && this.#random.next() < FAILING) {
      this.#begin('retry');
      return undefined;
    }
    this.#isLooking = /look, please/.test(last);
    return this.#isLooking ? { call: 'look' } : 'Yes.';
  };
}

/** A watch asks about each frame. */
async function judge(offs: Offs, random: Random): Promise<void> {
  const onAttempt: OnAttempt = ({ pictures, number }) => {
    offs.leaves('judge', ['judge'], pictures);
    return number === 1 && random.next() < FAILING ? undefined : 'true';
  };
  const model = new WireLLM(() => offs.approaches(), onAttempt);
  const ask = asker<boolean>({ llm: model, question: 'Is it open?', answer: { type: 'boolean' } });
  const { signal } = new AbortController();
  for (;;) {
    const frame = await offs.fresh();
    if (!frame) return;
    const over = offs.begin('judge');
    // A frame that was taken away meanwhile is refused.
    await Promise.resolve(ask(frame, { signal })).catch(() => undefined);
    over();
  }
}

/**
 * An agent with a pipeline that uses pictures in every way at once, while the video goes off and on,
 * until the tally is full.
 */
export async function pipelineUnderOffs(uses: PipelineUses): Promise<void> {
  const conversation = new Conversation(uses);
  const { offs } = conversation;
  await conversation.start();
  await Promise.all([offs.run(), conversation.run(), judge(offs, uses.random)]);
}
