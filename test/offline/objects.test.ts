import { expect, test } from 'vitest';
import { objectIn, one, plural } from '../../offline/objects.ts';

test.each([
  ['Is there a mug?', 'cup'],
  ['How many sandwiches do you see?', 'sandwich'],
  ['How many knives are there?', 'knife'],
  ['Are there any children?', 'person'],
  ['Is there a spaceship?', undefined],
])('"%s" names the object %s', (question, name) => {
  expect(objectIn(question)).toBe(name);
});

test.each([
  ['What objects are on the table?', undefined],
  ['What is behind my chair?', undefined],
  ['Is there a cup on the table?', 'cup'],
  ['Point at the cup', 'cup'],
])('the place in "%s" is not the object that it asks for, which is %s', (question, name) => {
  expect(objectIn(question)).toBe(name);
});

test('a noun has its article and its plural', () => {
  expect([one('apple'), one('cup')]).toEqual(['an apple', 'a cup']);
  expect([plural('bus'), plural('mouse'), plural('cup')]).toEqual(['buses', 'mice', 'cups']);
});
