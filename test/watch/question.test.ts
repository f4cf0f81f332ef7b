import { expect, test } from 'vitest';
import { z } from 'zod';
import { handOut } from '../../src/frames/handed-frames.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { asker } from '../../src/watch/question.ts';
import type { WatchQuestion } from '../../src/watch/watch-options.ts';

const { signal } = new AbortController();
const encodings: unknown[] = [];
const newFrame = () =>
  ({
    ...{ id: 1, trackSid: 'TR_1', identity: 'ada', source: 'camera', receivedAt: 0 },
    encode: async (options: unknown) => {
      encodings.push(options);
      return { data: Buffer.from('jpeg'), mimeType: 'image/jpeg', width: 1, height: 1 };
    },
  }) as unknown as SeenFrame;

/** The answer to a question that the model answers so, and the request. */
async function ask(words: string, asked: Partial<WatchQuestion<unknown>>) {
  const model = new RecordingLLM();
  model.replies.push(words);
  const detector = asker({ llm: model, question: 'Is it open?', answer: z.string(), ...asked });
  return { answer: await detector(newFrame(), { signal }), request: model.last };
}

const Door = z.object({ open: z.boolean() });

test('the model gets the schema, then the question and the picture', async () => {
  const { answer, request } = await ask('{"open":true}', { answer: Door });
  expect(answer).toEqual({ open: true });
  const [system, user] = request.messages;
  expect(system?.role).toBe('system');
  expect(system?.text).toMatch(/^You get one picture .* Answer with JSON of this schema.*\n\{/);
  expect(JSON.parse(system?.text.split('\n')[1] ?? '')).toMatchObject({
    properties: { open: { type: 'boolean' } },
  });
  expect(user).toMatchObject({
    role: 'user',
    parts: ['Is it open?', { image: expect.stringMatching(/^data:image\/jpeg;base64,/) }],
  });
  expect(encodings.at(-1)).toEqual({
    resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
    enlarge: false,
  });
});

test('the picture is encoded with the options of the question', async () => {
  await ask('open', { image: { quality: 50 } });
  expect(encodings.at(-1)).toEqual({ quality: 50 });
});

test('a schema that cannot be shown is described by the question alone', async () => {
  const answer = { safeParse: (data: unknown) => ({ success: true as const, data }) };
  const { request } = await ask('{"open":true}', { answer });
  expect(request.messages[0]?.text).toMatch(/ Answer with JSON and nothing else\.$/);
});

test.each([
  ['```json\n{"open":false}\n```'],
  ['```{"open":false}```'],
  [' {"open":false}\n'],
  ['```json\n{"open":false}'],
])('an answer is read with and without a code fence: %j', async (words) => {
  expect((await ask(words, { answer: Door })).answer).toEqual({ open: false });
});

test.each([
  ['12', '12'],
  ['"quoted"', 'quoted'],
  ['It is open.', 'It is open.'],
])('the text %j is the answer %j to a question for words', async (words, answer) => {
  expect((await ask(words, { answer: z.string() })).answer).toBe(answer);
});

test('an answer about a picture that is taken away meanwhile is not used', async () => {
  const frame = newFrame();
  const withdrawals: (() => void)[] = [];
  handOut(frame, {
    keep: (content, withdraw) => withdrawals.push(() => withdraw(content)),
    isValid: () => true,
    noteShown: () => {},
  });
  const model = new RecordingLLM();
  model.replies.push(() => {
    for (const withdraw of withdrawals) withdraw();
    return 'open';
  });
  const detector = asker({ llm: model, question: 'Is it open?', answer: z.string() });
  await expect(detector(frame, { signal })).rejects.toMatchObject({ reason: 'off' });
});
