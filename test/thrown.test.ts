import { expect, test } from 'vitest';
import { messageOf, textOf } from '../src/thrown.ts';

const hostile = {
  toString: () => {
    throw new Error('no text');
  },
};
const withoutText = Object.assign(new Error('x'), { message: Object.create(null) });

test.each([
  ['an error', new TypeError('no track'), 'no track', 'TypeError: no track'],
  ['a text', 'no track', 'no track', 'no track'],
  ['nothing', undefined, 'undefined', 'undefined'],
  ['an object without a prototype', Object.create(null), '[object Object]', '[object Object]'],
  ['an object whose toString throws', hostile, '[object Object]', '[object Object]'],
  ['an error without a text', withoutText, '[object Object]', '[object Error]'],
])('%s that was thrown has a message and a text', (_, thrown, message, text) => {
  expect([messageOf(thrown), textOf(thrown)]).toEqual([message, text]);
});
