import { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { describePictures } from '../../src/models/describe-pictures.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

const PICTURE = 'data:image/jpeg;base64,AAAA';
const picture = () => [llm.createImageContent({ id: 'picture', image: PICTURE })];
const { signal } = new AbortController();

test('the model gets instructions, then the question and the picture', async () => {
  const eyes = new RecordingLLM();
  eyes.replies.push('  A red cup.\n');
  const describer = describePictures({ llm: eyes });
  expect(await describer.describe(picture(), 'What is this?', signal)).toBe('A red cup.');
  const [system, user] = eyes.last.messages;
  expect(system?.role).toBe('system');
  expect(system?.text).toMatch(/^You are the eyes .* Do not answer the user\.$/);
  expect(user).toMatchObject({
    role: 'user',
    parts: ['What is this?', { image: PICTURE }],
  });
});

test('a turn without words asks what is there', async () => {
  const eyes = new RecordingLLM();
  await describePictures({ llm: eyes }).describe(picture(), '', signal);
  expect(eyes.last.messages[1]?.parts[0]).toBe('What is there?');
});

test('the limits have their defaults, and 0 turns the cache off', () => {
  const eyes = new RecordingLLM();
  expect(describePictures({ llm: eyes })).toMatchObject({ timeoutMs: 4000, cacheMs: 60_000 });
  const own = describePictures({ llm: eyes, timeoutMs: 10, cacheMs: 0 });
  expect(own).toMatchObject({ timeoutMs: 10, cacheMs: 0 });
  expect(() => describePictures({ llm: eyes, timeoutMs: 0 })).toThrow(
    expect.objectContaining({ option: 'describePictures.timeoutMs' }),
  );
});

test('a model that cannot see is refused with the remedy', () => {
  expect(() => describePictures({ llm: 'gpt-4o' as unknown as llm.LLM })).toThrow(
    expect.objectContaining({
      option: 'describePictures.llm',
      message: expect.stringContaining('pass an llm.LLM with image input'),
    }),
  );
  expect(() => describePictures({ llm: new RecordingLLM('gpt-3.5-turbo') })).toThrow(
    expect.objectContaining({
      option: 'describePictures.llm',
      message: expect.stringContaining('it takes text only'),
    }),
  );
});
