import { DEFAULT_API_CONNECT_OPTIONS, llm, stt, voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localTurnDetector } from '../../offline/local-turn-detector.ts';
import { ScriptedSTT } from '../../offline/scripted-stt.ts';
import { speak } from '../../offline/speech.ts';
import { ScriptedSpeechInput } from '../../offline/speech-input.ts';

let input: ScriptedSpeechInput;
beforeEach(() => {
  input = new ScriptedSpeechInput();
});
afterEach(() => input.close());

/** Answers at once, and records the user's text of each call. */
class CountingLLM extends llm.LLM {
  readonly #log: string[];

  constructor(log: string[]) {
    super();
    this.#log = log;
  }

  override label(): string {
    return 'test.CountingLLM';
  }

  override chat({ chatCtx }: Parameters<llm.LLM['chat']>[0]): llm.LLMStream {
    const last = chatCtx.items.at(-1);
    this.#log.push(`called: ${last?.type === 'message' ? last.textContent : ''}`);
    return new OneWordStream(this, { chatCtx, connOptions: DEFAULT_API_CONNECT_OPTIONS });
  }
}

class OneWordStream extends llm.LLMStream {
  protected override async run(): Promise<void> {
    this.queue.put({ id: 'one', delta: { role: 'assistant', content: 'Yes.' } });
  }
}

/** Records when the user's turn is completed. */
class LoggingAgent extends voice.Agent {
  readonly #log: string[];

  constructor(log: string[]) {
    super({ instructions: 'Answer.' });
    this.#log = log;
  }

  override async onUserTurnCompleted(_: llm.ChatContext, message: llm.ChatMessage): Promise<void> {
    this.#log.push(`completed: ${message.textContent}`);
  }
}

/** The conversation so far, with the roles. */
function said(session: voice.AgentSession): string[] {
  return session.history.items.flatMap((item) =>
    item.type === 'message' ? [`${item.role}: ${item.textContent}`] : [],
  );
}

describe('a spoken turn', () => {
  const sentence = 'Read the sheet to me, please.';

  test('a spoken turn is heard, ended and answered by the default pipeline', async () => {
    const speech = await speak(sentence);
    const log: string[] = [];
    const recognizer = new ScriptedSTT([sentence]);
    const session = new voice.AgentSession({
      llm: new CountingLLM(log),
      stt: recognizer,
      turnHandling: { turnDetection: localTurnDetector() },
    });
    const { UserStateChanged, EotPrediction, ConversationItemAdded } = voice.AgentSessionEventTypes;
    const states: string[] = [];
    const predictions: number[] = [];
    session.on(UserStateChanged, ({ newState }) => void states.push(newState));
    session.on(EotPrediction, ({ probability }) => void predictions.push(probability));
    const answered = new Promise<void>((resolve) => {
      session.on(ConversationItemAdded, ({ item }) => {
        if (item.type === 'message' && item.role === 'assistant') resolve();
      });
    });
    session.input.audio = input;
    try {
      await session.start({ agent: new LoggingAgent(log) });
      await input.say(speech);
      await answered;
      expect(said(session)).toEqual([`user: ${sentence}`, 'assistant: Yes.']);
      expect(recognizer.heard).toEqual([sentence]);
      // Called before the turn is completed, since preemptive generation is on.
      expect(log).toEqual([`called: ${sentence}`, `completed: ${sentence}`]);
      expect(states).toEqual(['speaking', 'listening']);
      // The model's own: a detector without an executor returns 1 for everything.
      expect(predictions).toEqual([expect.any(Number)]);
      expect(predictions[0]).toBeLessThan(1);
      expect(predictions[0]).toBeGreaterThan(0);
    } finally {
      await session.close();
    }
  });
});

describe('speak', () => {
  test('speak produces audible audio, and does not change the exit code', async () => {
    const before = process.exitCode;
    process.exitCode = 3;
    const { samples, sampleRate } = await speak('What is on my screen?');
    const after = process.exitCode;
    process.exitCode = before;
    expect(after).toBe(3);
    expect(samples.length / sampleRate).toBeGreaterThan(0.5);
    expect(Math.max(...samples)).toBeGreaterThan(3000);
  });
});

describe('ScriptedSpeechInput', () => {
  /** 50 ms of one value. */
  const tone = (value: number) => ({
    samples: new Int16Array(800).fill(value),
    sampleRate: 16_000,
  });

  test('ScriptedSpeechInput plays its speech in order, with silence after it', async () => {
    const ends: string[] = [];
    const first = input.say(tone(1)).then(() => ends.push('first'));
    const second = input.say(tone(2)).then(() => ends.push('second'));
    const reader = input.stream.getReader();
    const heard: number[] = [];
    while (!(heard.includes(2) && heard.at(-1) === 0)) {
      const { value, done } = await reader.read();
      if (done) break;
      expect([value.sampleRate, value.channels, value.samplesPerChannel]).toEqual([16_000, 1, 320]);
      heard.push(...value.data);
    }
    await Promise.all([first, second]);
    expect(ends).toEqual(['first', 'second']);
    expect(heard.filter((sample) => sample === 1)).toHaveLength(800);
    expect(heard.filter((sample) => sample === 2)).toHaveLength(800);
    expect(heard.lastIndexOf(1)).toBeLessThan(heard.indexOf(2));
    reader.releaseLock();
  });

  test('ScriptedSpeechInput converts speech to its own rate', async () => {
    const reader = input.stream.getReader();
    const spoken = input.say({ samples: new Int16Array(2205).fill(9000), sampleRate: 22_050 });
    let loud = 0;
    for (let over = false; !over; ) {
      const { value } = await reader.read();
      const count = value?.data.filter((sample) => sample > 4500).length ?? 0;
      over = loud > 0 && count === 0;
      loud += count;
    }
    await spoken;
    // A tenth of a second.
    expect(loud).toBeGreaterThan(1500);
    expect(loud).toBeLessThan(1700);
    reader.releaseLock();
  });

  test('ScriptedSpeechInput ends during speech, and plays nothing more', async () => {
    const unsaid = expect(input.say(tone(1))).rejects.toThrow('closed');
    await Promise.all([input.close(), input.close()]);
    await unsaid;
    await expect(input.say(tone(1))).rejects.toThrow('closed');
  });
});

describe('ScriptedSTT', () => {
  test('ScriptedSTT returns its lines in order, and nothing after them', async () => {
    const recognizer = new ScriptedSTT(['one']);
    recognizer.expect('two');
    const silence = new AudioFrame(new Int16Array(320), 16_000, 1, 320);
    const texts: (string | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const event = await recognizer.recognize(silence);
      expect(event.type).toBe(stt.SpeechEventType.FINAL_TRANSCRIPT);
      texts.push(event.alternatives?.[0].text);
    }
    expect(texts).toEqual(['one', 'two', '']);
    expect(() => recognizer.stream()).toThrow('does not stream');
  });
});
