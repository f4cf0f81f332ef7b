import { expect, test } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import type { JsonSchema } from '../../src/watch/json-schema.ts';
import { asker } from '../../src/watch/question.ts';
import { leastCpuMs } from '../support/cpu-time.ts';
import { rejection } from '../support/loopback.ts';

/** The answer to a question for this reply of the model. */
async function answered(says: string, answer: JsonSchema = { type: 'string' }): Promise<unknown> {
  const model = new RecordingLLM();
  model.replies.push(says);
  const ask = asker({ llm: model, question: 'What is it?', answer });
  const frame = {
    encode: async () => ({ data: Buffer.alloc(1), mimeType: 'image/jpeg', width: 1, height: 1 }),
  } as unknown as SeenFrame;
  return await ask(frame, { signal: new AbortController().signal } as never);
}

test.each([
  ['{"door":"open"}'],
  ['```json\n{"door":"open"}\n```'],
  ['  ```\n\n{"door":"open"}```  '],
  ['```json{"door":"open"}'],
  ['{"door":"open"}\n```'],
])('an answer with and without a code block is the same: %j', async (says) => {
  expect(await answered(says, { type: 'object' })).toEqual({ door: 'open' });
});

test('an answer with many spaces is parsed as fast as one with as many letters', async () => {
  const timed = (says: string) =>
    leastCpuMs(async () => {
      expect(await answered(says)).toBe(says);
    });
  const length = 100_000;
  await timed('warm');
  const letters = await timed(`a${'b'.repeat(length)}c`);
  // A nested search takes seconds for these.
  expect(await timed(`a${' '.repeat(length)}c`)).toBeLessThan(20 * letters);
});

test('an endless answer is abandoned', async () => {
  const error = await rejection(answered('a'.repeat(1_000_001)));
  expect(error).toMatchObject({ code: 'watch-answer' });
});
