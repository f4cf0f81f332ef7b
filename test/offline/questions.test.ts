import { describe, expect, test } from 'vitest';
import { objectIn, sentences, topicOf } from '../../offline/questions.ts';
import questions from '../data/spoken-questions.json' with { type: 'json' };

describe('the topic of a question', () => {
  test.each(questions)('"$said" is about $topic', ({ said, topic }) => {
    expect(topicOf(said)).toBe(topic);
  });

  test('a question about a named object is about objects', () => {
    expect(topicOf('Is there a dog?')).toBe('objects');
  });

  test.each([
    ['Hello, what can you see?', 'scene'],
    ['Hello, is there a dog?', 'objects'],
    ['Can you help me and read this? Thank you.', 'text'],
    // What the recogniser makes of noise before a question.
    ['are you a what is written on my screen', 'text'],
    ['Hello!', 'self'],
    ['Where are you?', 'self'],
  ])('words around a question do not change its topic: "%s" is about %s', (said, topic) => {
    expect(topicOf(said)).toBe(topic);
  });

  test('a sentence without any known word has no topic', () => {
    expect(topicOf('Sing me a song!')).toBe('unknown');
  });

  test('an object is found by its everyday name', () => {
    expect(objectIn('Is there a mug?')).toBe('cup');
    expect(objectIn('Is there a spaceship?')).toBeUndefined();
  });
});

describe('the sentences for the recogniser', () => {
  test('a sentence has words only, and nothing of its pattern', () => {
    for (const [sentence] of sentences()) expect(sentence).toMatch(/^[a-z]+( [a-z]+)*$/);
  });

  test('each sentence has a topic', () => {
    const without = sentences().filter(([sentence]) => topicOf(sentence) === 'unknown');
    expect(without).toEqual([]);
  });
});
