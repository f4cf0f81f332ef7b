import { mergeFrames, stt, VADEventType, type VADStream } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OfflineRecognizer } from '../../../offline/hearing/offline-recognizer.ts';
import { VoiceDetector } from '../../../offline/hearing/voice-detector.ts';
import { topicOf } from '../../../offline/questions.ts';
import { resampled } from '../../../offline/resample.ts';
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

/** In Hz, as the framework hears a room. */
const ROOM_RATE = 24_000;
/** Samples of a frame of the microphone. */
const WINDOW = 480;

/** The audio of the first utterance. */
async function speechOf(detector: VADStream): Promise<Int16Array> {
  for await (const { type, frames } of detector)
    if (type === VADEventType.END_OF_SPEECH) return mergeFrames(frames).data;
  throw new Error('no speech was detected');
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

  test('the voice detector hands out the speech as it was said, without its end before its beginning', async () => {
    const spoken = await speak('Is there a dog?', { wordsPerMinute: 150 });
    const silence = new Int16Array(ROOM_RATE);
    const speech = resampled(spoken.samples, spoken.sampleRate, ROOM_RATE);
    const said = Int16Array.from([...silence, ...speech, ...silence]);
    const detector = new VoiceDetector().stream();
    for (let at = 0; at < said.length; at += WINDOW)
      detector.pushFrame(new AudioFrame(said.slice(at, at + WINDOW), ROOM_RATE, 1, WINDOW));
    const heard = await speechOf(detector);
    // The microphone is silent before the speech: its first sound is at one place in both.
    const first = said.findIndex((sample) => sample !== 0);
    const from = first - heard.findIndex((sample) => sample !== 0);
    expect(heard).toEqual(said.slice(from, from + heard.length));
  });

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
