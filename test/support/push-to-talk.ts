import { voice } from '@livekit/agents';
import { turnMethods } from '../../src/testing/push-to-talk/turn-methods.ts';
import { WordsInput } from '../../src/testing/push-to-talk/words-input.ts';
import type { WordsSTT } from '../../src/testing/push-to-talk/words-stt.ts';
import { within } from '../../src/testing/waits.ts';

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
