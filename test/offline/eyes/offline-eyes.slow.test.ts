import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTo } from '../../../offline/eyes/answers.ts';
import { OfflineEyes } from '../../../offline/eyes/offline-eyes.ts';
import { ThreadError } from '../../../offline/thread.ts';

const { resolve } = createRequire(import.meta.url);
const COFFEE = new URL('../../../examples/testing/coffee.jpg', import.meta.url);
/** Three people who look into the camera. */
const PEOPLE = resolve('@vladmandic/face-api/demo/sample1.jpg');

let eyes: OfflineEyes;

beforeAll(async () => {
  eyes = await OfflineEyes.open();
});
afterAll(() => eyes.close());

describe('the offline eyes', () => {
  test('the eyes find a cup and its colours in a photograph', async () => {
    const sight = await eyes.look(await readFile(COFFEE));
    expect(sight.objects.map(({ name }) => name)).toContain('cup');
    expect(sight.colours).toContain('brown');
    expect(sight.faces).toEqual([]);
    expect(answerTo('Is there a cup?', sight)).toMatch(/ a cup\.$/);
  });

  test('the eyes count the faces in a photograph', async () => {
    const sight = await eyes.look(await readFile(PEOPLE));
    expect(sight.faces).toHaveLength(3);
    expect(sight.objects.map(({ name }) => name)).toContain('person');
    expect(answerTo('How many people are there?', sight)).toBe('I see 3 people and 3 faces.');
  });

  test('bytes that are no picture are refused, and the eyes go on', async () => {
    await expect(eyes.look(Buffer.from('no picture'))).rejects.toThrow();
    expect((await eyes.look(await readFile(COFFEE))).objects).not.toEqual([]);
  });

  test('closed eyes refuse a picture with the reason', async () => {
    const closed = await OfflineEyes.open();
    await closed.close();
    await expect(closed.look(await readFile(COFFEE))).rejects.toThrow(ThreadError);
  });
});
