import { describe, expect, test } from 'vitest';
import { answerTo, SELF } from '../../../offline/eyes/answers.ts';
import type { SeenObject, Sight } from '../../../offline/eyes/offline-eyes.ts';

const BOX = { x: 0.1, y: 0.7, width: 0.1, height: 0.1 };
const object = (name: string, score = 0.9): SeenObject => ({ name, score, box: BOX });
const sight = (part: Partial<Sight> = {}): Sight => ({
  ...{ objects: [], faces: [], words: [], colours: ['blue'], brightness: 0.5 },
  ...part,
});

describe('the answer of the offline stand-in', () => {
  test.each<[question: string, part: Partial<Sight>, answer: string]>([
    ['How many people are there?', { faces: [BOX, BOX] }, 'I see 2 people and 2 faces.'],
    ['Who is there?', { objects: [object('person')] }, 'I see a person and no face.'],
    ['Who is there?', {}, 'I see no people.'],
    ['Is there a mug?', { objects: [object('cup')] }, 'I see a cup.'],
    ['Is there a mug?', { objects: [object('cup', 0.3)] }, 'There may be a cup.'],
    ['Is there a dog?', { objects: [object('cup')] }, 'I see no dog.'],
    [
      'What am I holding?',
      { objects: [object('knife'), object('knife'), object('orange', 0.4)] },
      'I see 2 knives. There may be an orange.',
    ],
    ['Read it to me.', { words: [{ text: 'OPEN', box: BOX }] }, 'The text says: OPEN.'],
    ['Read it to me.', {}, 'I see no text that I can read.'],
    [
      'What colours are there?',
      { colours: ['red', 'green'] },
      'The picture is mostly red and green.',
    ],
    ['Is it dark?', { brightness: 0.1 }, 'The picture is dark.'],
    ['Is it dark?', { brightness: 0.8 }, 'The picture is bright.'],
    [
      'Where is the cup?',
      { objects: [object('cup')] },
      'The cup is at the bottom left of the picture.',
    ],
    ['What are you?', {}, SELF],
  ])('"%s" about %j is answered with "%s"', (question, part, answer) => {
    expect(answerTo(question, sight(part))).toBe(answer);
  });

  test('a question about the scene gets everything that was seen', () => {
    const seen = sight({
      faces: [BOX],
      objects: [object('cup')],
      words: [{ text: 'TEA', box: BOX }],
    });
    expect(answerTo('What can you see?', seen)).toBe(
      'I see a person and a face. I see a cup. The text says: TEA. The picture is mostly blue.',
    );
  });

  test('a question that was not understood is called so', () => {
    expect(answerTo('Sing me a song!', sight())).toMatch(/^I did not understand the question\./);
  });

  test('a long text is read in part', () => {
    const words = Array.from({ length: 32 }, (_, at) => ({ text: `W${at}`, box: BOX }));
    expect(answerTo('Read it.', sight({ words }))).toMatch(/W29, and 2 more words\.$/);
  });
});
