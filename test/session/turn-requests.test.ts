import { llm } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TurnPictures } from '../../src/actors/turn-pictures.ts';
import { TurnRequests } from '../../src/session/turn-requests.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

const says = (text: string) => llm.ChatMessage.create({ role: 'user', content: [text] });
const PICTURES: TurnPictures = { earlier: [], newest: [] };

/** A request whose only new message says this. */
function ask(requests: TurnRequests, text = 'hello') {
  const message = says(text);
  return requests.open(message, [message], 1000);
}

test('a request without an answer continues at its limit, and an answer ends its timer', async () => {
  const requests = new TurnRequests();
  const late = ask(requests);
  const answered = ask(requests);
  requests.answer(answered.id, 'attached');
  requests.answer(answered.id, 'over-budget');
  expect(await answered.answered).toBe('attached');
  expect(answered.outcome).toBe('attached');
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(await late.answered).toBe('over-budget');
});

test('a message belongs to the newest of its requests, and the older ones are dropped', () => {
  const requests = new TurnRequests();
  const message = says('hello');
  const first = requests.open(message, [message], 1000);
  const second = requests.open(message, [message], 1000);
  const third = ask(requests, 'something else');
  expect(requests.commit(message.id, [])).toBe(second);
  expect([first, second, third].map(({ isDropped }) => isDropped)).toEqual([
    true,
    undefined,
    undefined,
  ]);
  // A committed request is not taken for another message again.
  expect(requests.commit(message.id, [])).toBeUndefined();
});

test('a request of several new messages is about the one that becomes part of the conversation', () => {
  const requests = new TurnRequests();
  const [question, added] = [says('hello'), says('retrieved text')];
  const request = requests.open(added, [question, added], 1000);
  expect(request.message).toBe(added);
  requests.commit(question.id, []);
  expect(request.message).toBe(question);
});

test('a message that was committed before its request is the one of the request, once', () => {
  const requests = new TurnRequests();
  const [question, added] = [says('hello'), says('retrieved text')];
  const histories = [[question]];
  expect(requests.commit(question.id, histories)).toBeUndefined();
  const request = requests.open(added, [question, added], 1000);
  expect(request).toMatchObject({ message: question, committedTo: histories });
  const next = requests.open(added, [question, added], 1000);
  expect(next.message).toBe(added);
  expect(next.committedTo).toBeUndefined();
});

test('a message is new in one request only, and not if the conversation has it already', () => {
  const requests = new TurnRequests();
  const [old, question] = [says('old'), says('hello')];
  const history = new llm.ChatContext([old]);
  const context = new llm.ChatContext([
    old,
    llm.ChatMessage.create({ role: 'assistant', content: ['yes'] }),
    question,
  ]);
  expect(requests.newMessages(context, history)).toEqual([question]);
  expect(requests.newMessages(context, history)).toEqual([]);
});

test('a message that was committed before its request is new, although the conversation has it', () => {
  const requests = new TurnRequests();
  const question = says('hello');
  requests.commit(question.id, []);
  const context = new llm.ChatContext([question]);
  expect(requests.newMessages(context, context)).toEqual([question]);
});

test('a request without a picture is kept until its message is committed, one with a picture until its end', () => {
  const requests = new TurnRequests();
  const [without, withPicture, withdrawn] = [ask(requests), ask(requests), ask(requests)];
  for (const request of [withPicture, withdrawn])
    Object.assign(request, { pictures: PICTURES, words: [] });
  for (const { id } of [without, withPicture, withdrawn]) requests.answer(id, 'attached');
  const kept = () =>
    [without, withPicture, withdrawn].map(({ id }) => requests.get(id) !== undefined);
  expect(kept()).toEqual([true, true, true]);
  for (const { message } of [without, withPicture, withdrawn]) requests.commit(message.id, []);
  expect(kept()).toEqual([false, true, true]);
  expect(requests.withdraw(withdrawn.id)).toBe(PICTURES);
  expect(withdrawn).not.toHaveProperty('words');
  expect(kept()).toEqual([false, true, false]);
  expect(requests.end(withPicture.id)).toBe(withPicture);
  expect(kept()).toEqual([false, false, false]);
});

test('the end of all requests answers those that wait, and forgets what was committed', async () => {
  const requests = new TurnRequests();
  const waiting = ask(requests);
  const question = says('committed before its request');
  requests.commit(question.id, []);
  expect(requests.endAll()).toEqual([waiting]);
  expect(await waiting.answered).toBe('nothing-to-attach');
  expect(vi.getTimerCount()).toBe(0);
  expect(requests.get(waiting.id)).toBeUndefined();
  const added = says('retrieved text');
  expect(requests.open(added, [question, added], 1000).message).toBe(added);
});
