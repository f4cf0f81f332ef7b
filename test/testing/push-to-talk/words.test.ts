import { expect, test } from 'vitest';
import { soundOf, wordsIn } from '../../../src/testing/push-to-talk/words.ts';

const bytesOf = ({ buffer, byteOffset, byteLength }: Int16Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

test('sounds of 300 ms carry their words at each sample rate, also one after the other', () => {
  const first = soundOf('Question 1?', 16_000);
  const second = soundOf(' Again.', 24_000);
  expect([first.data.length, second.data.length]).toEqual([4800, 7200]);
  const both = Buffer.concat([bytesOf(first.data), bytesOf(second.data)]);
  expect(wordsIn(both)).toBe('Question 1? Again.');
});

test('a sound is read at any place in memory, and silence has no words', () => {
  const sound = Buffer.concat([Buffer.alloc(1), bytesOf(soundOf('Who?', 16_000).data)]).subarray(1);
  expect(wordsIn(sound)).toBe('Who?');
  expect(wordsIn(Buffer.alloc(100))).toBe('');
});
