import { normalizeLanguage, stt } from '@livekit/agents';

/**
 * A speech recognizer that returns the lines of a script, one for each stretch of speech that the
 * voice detector finds. After the last line it returns nothing.
 */
export class ScriptedSTT extends stt.STT {
  override readonly label = 'sightline.demo.ScriptedSTT';
  readonly #script: string[];
  readonly #heard: string[] = [];

  constructor(script: readonly string[] = []) {
    super({ streaming: false, interimResults: false });
    this.#script = [...script];
  }

  /** Lines returned so far; an empty line is speech beyond the script. */
  get heard(): readonly string[] {
    return this.#heard;
  }

  /** Adds a line to the script. */
  expect(line: string): void {
    this.#script.push(line);
  }

  protected override async _recognize(): Promise<stt.SpeechEvent> {
    const text = this.#script.shift() ?? '';
    this.#heard.push(text);
    const line = {
      language: normalizeLanguage('en'),
      text,
      startTime: 0,
      endTime: 0,
      confidence: 1,
    };
    return { type: stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives: [line] };
  }

  /** The framework streams to it through its own adapter and voice detector. */
  override stream(): never {
    throw new Error('ScriptedSTT does not stream: give the session a voice detector');
  }
}
