import { describe, expect, test } from 'vitest';
import { sentences, topicOf } from '../../offline/questions.ts';
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
    ['are you what is on my screen', 'scene'],
    ['Hello!', 'self'],
    ['Where are you?', 'self'],
    // The table is where the objects are.
    ['What is on the table?', 'scene'],
  ])('words around a question do not change its topic: "%s" is about %s', (said, topic) => {
    expect(topicOf(said)).toBe(topic);
  });

  test('a sentence without any known word has no topic', () => {
    expect(topicOf('Sing me a song!')).toBe('unknown');
  });
});

describe('the sentences for the recogniser', () => {
  const all = sentences().map(([sentence]) => sentence);

  test('a sentence has words only, and nothing of its pattern', () => {
    expect(all.filter((sentence) => !/^[a-z']+( [a-z']+)*$/.test(sentence))).toEqual([]);
  });

  test('a sentence is there as people write it, and as they say it', () => {
    expect(all).toContain('what is this');
    expect(all).toContain("what's this");
  });

  test('an object has its article, and its plural where many are asked for', () => {
    expect(all).toContain('is there an umbrella');
    expect(all).toContain('how many knives are there');
    expect(all).not.toContain('how many knife are there');
  });

  test('each sentence has a topic', () => {
    expect(all.filter((sentence) => topicOf(sentence) === 'unknown')).toEqual([]);
  });
});
