import { voice } from '@livekit/agents';
import type { OfflineReader } from '../../offline/reader.ts';
import type { ScriptedSTT } from '../../offline/scripted-stt.ts';
import { type Speech, speak } from '../../offline/speech.ts';
import type { ScriptedSpeechInput } from '../../offline/speech-input.ts';
import type { VideoSession } from '../../src/index.ts';
import type { SourceSwitched, VideoEventOf } from '../../src/session/reporter.ts';
import type { Turn } from './result.ts';
import type { Stage } from './stage.ts';

export interface Cast {
  stage: Stage;
  session: voice.AgentSession;
  video: VideoSession;
  reader: OfflineReader;
  stt: ScriptedSTT;
  microphone: ScriptedSpeechInput;
  /** Since the start of the demo. */
  elapsedMs: () => number;
}

/** Time limit of each step of the demo, in ms: a busy machine looks at a picture for long. */
const STEP_LIMIT_MS = 60_000;
/** Longer side from which a picture can be read, in pixels. */
const READABLE_SIDE = 640;

/** Asks questions, one after the other. */
export class Conversation {
  readonly turns: Turn[] = [];
  readonly #cast: Cast;
  readonly #onTurn: (turn: Turn) => void;
  readonly #speeches = new Map<string, Speech>();

  constructor(cast: Cast, onTurn: (turn: Turn) => void) {
    this.#cast = cast;
    this.#onTurn = onTurn;
  }

  /** Generates the speech of a spoken question early: during the show it would delay the video. */
  async rehearse(question: string): Promise<void> {
    this.#speeches.set(question, await speak(question));
  }

  /** Waits until this source is watched, and for one more frame. */
  async see(source: 'camera' | 'screen', cause: () => unknown): Promise<void> {
    const { video } = this.#cast;
    const seen = within(
      `a frame of the ${source}`,
      new Promise<SourceSwitched>((resolve) => {
        const stop = video.on('source.switched', (event) => {
          if (event.to.source !== source) return;
          stop();
          resolve(event);
        });
      }),
    );
    await cause();
    await seen;
    await this.#fullSize();
  }

  async type(question: string, expected?: string): Promise<void> {
    const { session, stage } = this.#cast;
    await this.#turn('typed', question, expected, async () => {
      if (stage.type) await stage.type(question);
      else session.generateReply({ userInput: question });
    });
  }

  async say(question: string, expected: string): Promise<void> {
    const { stt, microphone } = this.#cast;
    const speech = this.#speeches.get(question);
    if (!speech) throw new Error(`the speech of "${question}" was not prepared`);
    await this.#turn('spoken', question, expected, async () => {
      stt.expect(question);
      await microphone.say(speech);
    });
  }

  async #turn(
    kind: Turn['kind'],
    question: string,
    expected: string | undefined,
    ask: () => Promise<void>,
  ): Promise<void> {
    const { reader, session, video, elapsedMs } = this.#cast;
    const atMs = Math.round(elapsedMs());
    const callsBefore = reader.requests.length;
    let ready: (VideoEventOf<'turn.ready'> & { ageMs: number }) | undefined;
    const stop = video.on('turn.ready', (event) => {
      ready = { ...event, ageMs: event.frame ? Date.now() - event.frame.receivedAt : 0 };
    });
    const answered = within(`the answer to "${question}"`, nextAnswer(session));
    await ask();
    const answer = await answered;
    stop();

    const calls = reader.requests.slice(callsBefore);
    const call = calls.at(-1);
    const picture = call?.picture;
    const turn: Turn = {
      kind,
      question,
      answer,
      expected,
      imagesInRequest: call?.images ?? 0,
      llmCalls: calls.length,
      frame:
        picture && ready?.frame
          ? {
              source: ready.frame.source,
              ageMs: ready.ageMs,
              width: picture.width,
              height: picture.height,
              mimeType: picture.mimeType,
              bytes: picture.bytes,
            }
          : null,
      atMs,
      ...(picture ? { picture: picture.dataUrl } : {}),
    };
    this.turns.push(turn);
    this.#onTurn(turn);
  }

  /**
   * A sender starts with small video, which grows with the bandwidth: small letters cannot be read
   * at first.
   */
  async #fullSize(): Promise<void> {
    await within(
      'a frame of readable size',
      (async () => {
        for (;;) {
          const { width, height } = await this.#cast.video.look();
          if (Math.max(width, height) >= READABLE_SIDE) return;
        }
      })(),
    );
  }
}

/** The next words of the agent. */
function nextAnswer(session: voice.AgentSession): Promise<string> {
  return new Promise((resolve) => {
    const { ConversationItemAdded } = voice.AgentSessionEventTypes;
    const onItem = ({ item }: voice.ConversationItemAddedEvent) => {
      if (item.type !== 'message' || item.role !== 'assistant') return;
      session.off(ConversationItemAdded, onItem);
      resolve(item.textContent ?? '');
    };
    session.on(ConversationItemAdded, onItem);
  });
}

async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} did not come within ${STEP_LIMIT_MS / 1000} s`)),
      STEP_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
