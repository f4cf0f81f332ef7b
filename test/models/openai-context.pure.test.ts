import { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import {
  idsOf,
  stillWhole,
  whole,
  withNewer,
  withPictures,
} from '../../src/models/openai-context.ts';

/** A context whose items have these ids; `p1` stands for a picture of Sightline. */
const contextOf = (...ids: string[]) =>
  new llm.ChatContext(
    ids.map((id) =>
      llm.ChatMessage.create({
        id: id.startsWith('p') ? `sightline_${id}` : id,
        role: 'user',
        content: id,
      }),
    ),
  );
const ids = (context: llm.ChatContext) =>
  [...idsOf(context)].map((id) => id.replace('sightline_', ''));

test('a context gets what the conversation got meanwhile, and pictures are left to their own rule', () => {
  const context = contextOf('a', 'typed');
  const before = idsOf(contextOf('a', 'b'));
  const conversation = contextOf('a', 'b', 'spoken', 'p1');
  expect(ids(withNewer(context, conversation, before))).toEqual(['a', 'spoken', 'typed']);
  expect(ids(context)).toEqual(['a', 'typed']);
});

test.each([
  ['of the conversation', ['a', 'typed'], ['a', 'spoken'], ['a', 'spoken', 'typed']],
  ['of another conversation', ['x', 'y', 'typed'], ['spoken'], ['x', 'y', 'spoken', 'typed']],
  ['without a new item', ['a', 'b'], ['a', 'b', 'spoken'], ['a', 'b', 'spoken']],
])(
  'what was said meanwhile stands before the new text in a context %s',
  (_, context, conversation, expected) => {
    const whole = withNewer(contextOf(...context), contextOf(...conversation), new Set(['a', 'b']));
    expect(ids(whole)).toEqual(expected);
  },
);

test('a context that waits for its turn gets what the one before it added', () => {
  const before = contextOf('a', 'call');
  const typed = whole(contextOf('a', 'call', 'typed'), before, idsOf(before));
  const now = contextOf('a', 'call', 'result', 'sightline_p1');
  expect(ids(stillWhole(typed, now))).toEqual(['a', 'call', 'result', 'p1', 'typed']);
  expect(ids(typed)).toEqual(['a', 'call', 'typed']);
  const other = contextOf('b');
  expect(stillWhole(other, now)).toBe(other);
});

test('a context that lacks nothing new is the same', () => {
  const context = contextOf('a', 'typed');
  expect(withNewer(context, contextOf('a', 'b'), idsOf(contextOf('a', 'b')))).toBe(context);
  expect(withNewer(context, contextOf('a', 'typed'), new Set())).toBe(context);
});

test.each([
  ['before the new item', ['a', 'new'], ['a', 'p1', 'p2'], ['a', 'p1', 'p2', 'new']],
  ['only where they are not', ['a', 'p1', 'new'], ['a', 'p1', 'p2'], ['a', 'p1', 'p2', 'new']],
  ['instead of those that are gone', ['a', 'p1', 'new'], ['a', 'p2'], ['a', 'p2', 'new']],
  ['in a conversation of pictures only', ['new'], ['p1'], ['p1', 'new']],
  ['before all new items', ['new', 'newer'], ['p1'], ['p1', 'new', 'newer']],
])('the pictures of the server are written %s', (_, context, server, expected) => {
  expect(ids(withPictures(contextOf(...context), contextOf(...server)))).toEqual(expected);
});

test.each([
  ['without a new item', ['a', 'b'], ['a', 'b', 'p1']],
  ['of another agent', ['x', 'y'], ['a', 'p1']],
])('a context %s stays as it is', (_, context, server) => {
  const given = contextOf(...context);
  expect(withPictures(given, contextOf(...server))).toBe(given);
});
