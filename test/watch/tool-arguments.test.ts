import { expect, test } from 'vitest';
import { reasonFor, share, withoutNulls } from '../../src/watch/tool-arguments.ts';

test('an argument that a model passes as null counts as left out; 0 and an empty text do not', () => {
  expect(withoutNulls({ x: 0, label: '', source: null, frameId: undefined })).toEqual({
    ...{ x: 0, label: '', frameId: undefined },
  });
});

test('the reason of a failure is its message without secrets', () => {
  const key = 'sk-proj-Planted0123456789abcdefghijklmnop';
  expect(reasonFor(new Error('no frame came'))).toBe('no frame came');
  expect(reasonFor('late')).toBe('late');
  expect(reasonFor(new Error(`refused: ${key}`))).not.toContain(key);
});

test('a share is a number from 0 to 1, with a description if there is one', () => {
  expect(share()).toEqual({ type: 'number', minimum: 0, maximum: 1 });
  expect(share('From the left.')).toMatchObject({ description: 'From the left.' });
});
