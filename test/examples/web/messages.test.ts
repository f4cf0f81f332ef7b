import { expect, test } from 'vitest';
import { type Message, textOf, withMessage } from '../../../examples/web/messages.ts';

const said = (
  id: string,
  text: string,
  from: Message['from'] = 'agent',
  isOpen = false,
): Message => ({
  ...{ id, from, text, isOpen },
});

test('an answer that was interrupted ends with three dots, and no other message does', () => {
  expect(textOf(said('1', 'I see a'))).toBe('I see a …');
  expect(textOf(said('1', 'I see a', 'agent', true))).toBe('I see a');
  expect(textOf(said('1', 'I see a cup.'))).toBe('I see a cup.');
  expect(textOf(said('1', 'It says "stop."'))).toBe('It says "stop."');
  expect(textOf(said('1', 'what can you see', 'you'))).toBe('what can you see');
});

test('a message that goes on replaces its beginning', () => {
  const begun = withMessage([], said('1', 'I see', 'agent', true));
  expect(withMessage(begun, said('1', 'I see a cup.'))).toEqual([said('1', 'I see a cup.')]);
});

test('a new message ends the one before it, even if nothing else reports its end', () => {
  const begun = withMessage([], said('1', 'I see', 'agent', true));
  const [first, second] = withMessage(begun, said('2', 'wait', 'you'));
  expect(first).toEqual(said('1', 'I see'));
  expect(second).toEqual(said('2', 'wait', 'you'));
});

test('the newest 200 messages are kept', () => {
  let all: readonly Message[] = [];
  for (let id = 0; id < 201; id += 1) all = withMessage(all, said(`${id}`, 'Yes.'));
  expect([all.length, all[0]?.id]).toEqual([200, '1']);
});
