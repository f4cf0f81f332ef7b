import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { normalizeLanguage, stt, voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { within } from '../../src/testing/waits.ts';

const SAMPLE_RATE = 16_000;

/** A microphone whose sound is the words themselves: one sample for each character. */
class WordsInput extends voice.AudioInput {
  #frames: ReadableStreamDefaultController<AudioFrame> | undefined;
  #isAttached = true;

  constructor() {
    super();
    const frames = new ReadableStream<AudioFrame>({
      start: (controller) => {
        this.#frames = controller;
      },
    });
    this.multiStream.addInputStream(frames);
  }

  /** As the framework's own input from a room: it drops the sound while it is detached. */
  override setAttached(attached: boolean): void {
    this.#isAttached = attached;
  }

  say(words: string): void {
    this.#play(Int16Array.from(words, (letter) => letter.charCodeAt(0)));
  }

  /** One second of sound without words. */
  hum(): void {
    this.#play(new Int16Array(SAMPLE_RATE));
  }

  #play(samples: Int16Array): void {
    if (!this.#isAttached) return;
    this.#frames?.enqueue(new AudioFrame(samples, SAMPLE_RATE, 1, samples.length));
  }

  override async close(): Promise<void> {
    this.#frames?.close();
    await super.close();
  }
}

/** A recognizer of the speech of {@link WordsInput}: one final transcript for each `say`. */
export class WordsSTT extends stt.STT {
  override readonly label = 'test.WordsSTT';
  #started = () => {};
  #newest: WordsStream | undefined;

  constructor() {
    super({ streaming: true, interimResults: false });
  }

  /** Recognizes words late: their sound is over. */
  finish(words: string): void {
    this.#newest?.recognize(words);
  }

  /** Resolves when the next stream listens. */
  restarted(): Promise<void> {
    return new Promise((resolve) => {
      this.#started = resolve;
    });
  }

  protected override _recognize(): never {
    throw new Error('WordsSTT streams');
  }

  override stream(): stt.SpeechStream {
    this.#newest = new WordsStream(this, () => this.#started());
    return this.#newest;
  }
}

class WordsStream extends stt.SpeechStream {
  override readonly label = 'test.WordsStream';
  readonly #started: () => void;

  constructor(words: WordsSTT, started: () => void) {
    super(words, SAMPLE_RATE);
    this.#started = started;
  }

  protected override async run(): Promise<void> {
    this.#started();
    for await (const frame of this.input) {
      if (typeof frame === 'symbol') continue;
      this.recognize(String.fromCharCode(...frame.data));
    }
  }

  recognize(text: string): void {
    const language = normalizeLanguage('en');
    const words = { language, text, startTime: 0, endTime: 0, confidence: 1 };
    this.queue.put({ type: stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives: [words] });
  }
}

/** What an agent does when its user presses, releases or cancels. The docs show these lines. */
const turnMethods = (session: voice.AgentSession) => ({
  start_turn: () => {
    session.interrupt();
    session.clearUserTurn();
    session.input.setAudioEnabled(true);
  },
  end_turn: () => {
    session.input.setAudioEnabled(false);
    session.commitUserTurn();
  },
  cancel_turn: () => {
    session.input.setAudioEnabled(false);
    session.clearUserTurn();
  },
});

/** The button of a user, whose frontend calls these methods of the agent. */
export class TalkButton {
  readonly #session: voice.AgentSession;
  readonly #recognizer: WordsSTT | undefined;
  readonly #input = new WordsInput();
  readonly #methods: ReturnType<typeof turnMethods>;

  /** @param recognizer - That of the session; a realtime model has none. */
  constructor(session: voice.AgentSession, recognizer?: WordsSTT) {
    this.#session = session;
    this.#recognizer = recognizer;
    this.#methods = turnMethods(session);
    session.input.audio = this.#input;
    session.input.setAudioEnabled(false);
  }

  /** Resolves when the session listens. */
  press(): Promise<void> {
    return this.#restarting(this.#methods.start_turn);
  }

  release(): void {
    this.#methods.end_turn();
  }

  /** Resolves when the session could listen again. */
  cancel(): Promise<void> {
    return this.#restarting(this.#methods.cancel_turn);
  }

  /** Speaks. Resolves when the agent session has the transcript. */
  async say(words: string): Promise<void> {
    const { UserInputTranscribed } = voice.AgentSessionEventTypes;
    const heard = new Promise<void>((resolve) => {
      const onTranscript = ({ transcript }: voice.UserInputTranscribedEvent) => {
        if (transcript !== words) return;
        this.#session.off(UserInputTranscribed, onTranscript);
        resolve();
      };
      this.#session.on(UserInputTranscribed, onTranscript);
    });
    this.#input.say(words);
    await within(`transcript of "${words}"`, heard);
  }

  /** One second of speech to a realtime model. */
  hum(): void {
    this.#input.hum();
  }

  close(): Promise<void> {
    return this.#input.close();
  }

  /** `clearUserTurn` restarts the recognizer, and loses the sound until it listens again. */
  async #restarting(method: () => void): Promise<void> {
    const restarted = this.#recognizer?.restarted();
    method();
    if (restarted) await within('restart of the recognizer', restarted);
  }
}
