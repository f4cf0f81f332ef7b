import { stt } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OfflineRecognizer } from '../../../offline/hearing/offline-recognizer.ts';
import { topicOf } from '../../../offline/questions.ts';
import { speak } from '../../../offline/speech.ts';
import { ThreadError } from '../../../offline/thread.ts';
import questions from '../../data/spoken-questions.json' with { type: 'json' };

/** Of 20 questions, as many must be understood. */
const UNDERSTOOD = 16;
const VOICES = ['en-us', 'en-gb+m3'];

let recognizer: OfflineRecognizer;

beforeAll(async () => {
  recognizer = await OfflineRecognizer.open();
});
afterAll(() => recognizer.close());

async function heard(text: string, voice: string): Promise<string> {
  const { samples, sampleRate } = await speak(text, { voice, wordsPerMinute: 150 });
  const event = await recognizer.recognize(new AudioFrame(samples, sampleRate, 1, samples.length));
  return event.alternatives?.[0]?.text ?? '';
}

describe('the offline recogniser', () => {
  test.each(VOICES)(
    'the recogniser understands 16 of 20 questions of the voice %s',
    async (voice) => {
      const results: string[] = [];
      for (const { said, topic } of questions) {
        const text = await heard(said, voice);
        results.push(`${topicOf(text) === topic ? 'understood' : 'missed'}: ${said} => ${text}`);
      }
      const understood = results.filter((result) => result.startsWith('understood'));
      expect(understood.length, results.join('\n')).toBeGreaterThanOrEqual(UNDERSTOOD);
    },
  );

  test('the framework gets a recogniser that needs a voice detector', async () => {
    expect(recognizer).toBeInstanceOf(stt.STT);
    expect(recognizer.capabilities).toMatchObject({ streaming: false });
  });

  test('a closed recogniser rejects speech with the reason', async () => {
    const closed = await OfflineRecognizer.open();
    await closed.close();
    const frame = new AudioFrame(new Int16Array(16_000), 16_000, 1, 16_000);
    await expect(closed.recognize(frame)).rejects.toThrow(ThreadError);
    await expect(closed.recognize(frame)).rejects.toThrow(/closed/);
  });
});
