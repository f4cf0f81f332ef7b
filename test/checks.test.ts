import { expect, test } from 'vitest';
import * as check from '../src/checks.ts';

/** The message for a value that is refused; the value itself if it is accepted. */
function outcome(checked: () => unknown): unknown {
  try {
    return checked();
  } catch (error) {
    return (error as Error).message;
  }
}

test('a number is inside its range, with both ends', () => {
  for (const value of [1, 2.5, 3]) expect(check.number('a', value, 1, 3)).toBe(value);
  for (const value of [0.99, 3.01, Number.NaN, '2', null])
    expect(outcome(() => check.number('a', value, 1, 3))).toMatch(/use a number from 1 to 3$/);
});

test('a whole number has no fraction, and is inside its range, with both ends', () => {
  for (const value of [1, 2, 3]) expect(check.wholeNumber('a', value, 1, 3)).toBe(value);
  for (const value of [0, 4, 2.5, '2', Number.NaN])
    expect(outcome(() => check.wholeNumber('a', value, 1, 3))).toMatch(
      /use a whole number from 1 to 3$/,
    );
});

test('a choice is one of its words', () => {
  expect(check.oneOf('a', 'on', ['on', 'off'])).toBe('on');
  expect(outcome(() => check.oneOf('a', 'On', ['on', 'off']))).toBe(
    `a is "On": use one of 'on', 'off'`,
  );
});

test('only true and false are yes or no', () => {
  expect([check.yesOrNo('a', true), check.yesOrNo('a', false)]).toEqual([true, false]);
  expect(outcome(() => check.yesOrNo('a', 'true'))).toBe('a is "true": use true or false');
});

test('a text has more than blanks', () => {
  expect(check.text('a', ' x ')).toBe(' x ');
  for (const value of ['', ' \n', 5])
    expect(outcome(() => check.text('a', value))).toMatch(/use a string that is not empty$/);
  expect(outcome(() => check.text('a', '', 'name it'))).toMatch(/name it$/);
});

test('options are an object, and no list', () => {
  expect(outcome(() => check.object('a', {}))).toBeUndefined();
  for (const value of [null, undefined, [], 'x', () => {}])
    expect(outcome(() => check.object('a', value))).toMatch(/use an object with options$/);
});
