import { expect, test } from 'vitest';
import {
  decodeBase64,
  fieldsOf,
  isObject,
  objectAt,
  objectsAt,
  parseObject,
  shortenedObject,
  textAt,
  unknownField,
} from '../../../src/testing/fakes/json.ts';

test('only JSON objects are read as objects', () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  for (const text of ['[]', '1', 'null', '"a"', '{"a":', ''])
    expect(parseObject(text)).toBeUndefined();
  expect([{}, [], null, 'a', undefined].map(isObject)).toEqual([true, false, false, false, false]);
});

test('a value of another type is read as an empty one', () => {
  const object = { o: { a: 1 }, l: [{ a: 1 }, 'x', null, []], t: 'text' };
  expect([objectAt(object, 'o'), objectAt(object, 'l'), objectAt(undefined, 'o')]).toEqual([
    { a: 1 },
    {},
    {},
  ]);
  expect([objectsAt(object, 'l'), objectsAt(object, 'o'), objectsAt(undefined, 'l')]).toEqual([
    [{ a: 1 }],
    [],
    [],
  ]);
  expect([textAt(object, 't'), textAt(object, 'o'), textAt(undefined, 't')]).toEqual([
    'text',
    '',
    '',
  ]);
});

test('a field without a value does not count', () => {
  const object = { a: 1, b: undefined, c: null };
  expect(fieldsOf(object)).toEqual(['a', 'c']);
  expect(unknownField(object, ['a', 'c'])).toBeUndefined();
  expect(unknownField(object, ['a'])).toBe('c');
});

test('only whole base64 is decoded', () => {
  expect(decodeBase64('AAE=')).toEqual(Buffer.from([0, 1]));
  for (const text of ['AAE', 'AA E=', 'AAE=\n', '-_8=', '', 1, undefined])
    expect(decodeBase64(text)).toBeUndefined();
});

test('a log has the lengths of long texts, at any depth, and all else as it is', () => {
  const [long, short] = ['x'.repeat(4001), 'x'.repeat(4000)];
  const shortened = `${'x'.repeat(40)}… (4001 characters)`;
  const message = { a: [{ b: long }, short], c: long, d: null, e: undefined, f: 0, g: true };
  expect(shortenedObject(message)).toEqual({
    ...message,
    a: [{ b: shortened }, short],
    c: shortened,
  });
});
