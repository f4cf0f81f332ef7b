import { normalizeLanguage, stt } from '@livekit/agents';
import { wordsIn } from './words.ts';
import { SAMPLE_RATE } from './words-input.ts';

/** A recognizer of the speech of a `WordsInput`: one final transcript for each `say`. */
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
      const { buffer, byteOffset, byteLength } = frame.data;
      const words = wordsIn(new Uint8Array(buffer, byteOffset, byteLength));
      if (words !== '') this.recognize(words);
    }
  }

  recognize(text: string): void {
    const language = normalizeLanguage('en');
    const words = { language, text, startTime: 0, endTime: 0, confidence: 1 };
    this.queue.put({ type: stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives: [words] });
  }
}
