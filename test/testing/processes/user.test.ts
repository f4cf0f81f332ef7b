import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endChildren } from '../../../src/testing/processes/child.ts';
import { User } from '../../../src/testing/processes/user.ts';
import {
  type FakeChild,
  fakeChildren,
  restoreChildren,
} from '../../support/processes/fake-children.ts';

let program: FakeChild;
let user: User;
/** The requests that the user's process got. */
let requests: Record<string, unknown>[];
/** Replies to a request; by default never. */
let reply: (request: Record<string, unknown>) => object | undefined;

beforeEach(() => {
  requests = [];
  reply = () => undefined;
  fakeChildren((child) => (program = child));
  vi.spyOn(process, 'kill').mockImplementation(() => {
    program.end(null, 'SIGKILL');
    return true;
  });
  user = new User();
  program.stdin.on('data', (line) => {
    const request = JSON.parse(String(line));
    requests.push(request);
    const answer = reply(request);
    if (answer) say({ id: request.id, ...answer });
  });
});
afterEach(async () => {
  await endChildren();
  vi.restoreAllMocks();
  restoreChildren();
});

const say = (message: object) => program.stdout.write(`${JSON.stringify(message)}\n`);

test('each reply of a user belongs to the request with its number', async () => {
  const [first, second] = [user.ask('first?'), user.ask('second?')];
  program.stdout.write('a line of a log\n');
  say({ id: 2, value: 'to the second' });
  say({ id: 9, value: 'to no request' });
  say({ id: 1, value: 'to the first' });
  expect(await Promise.all([first, second])).toEqual(['to the first', 'to the second']);
  expect(requests).toEqual([
    { id: 1, do: 'ask', question: 'first?' },
    { id: 2, do: 'ask', question: 'second?' },
  ]);
});

test('an error of a user is one of the request', async () => {
  reply = () => ({ error: 'no agent' });
  await expect(user.ask('what?')).rejects.toThrow('user: no agent');
});

test('a request ends with the process of its user, and the error has the output', async () => {
  const asked = expect(user.ask('what?')).rejects.toThrow(
    /the user's process ended: .*last words/s,
  );
  program.stderr.write('last words\n');
  await user.child.line(/last words/);
  program.end(1);
  await asked;
});

test('a request without a reply fails after its limit', async () => {
  await expect(user.request({ do: 'leave' }, 1)).rejects.toThrow('reply to leave');
});

test('a user asks again until an answer has the text, and the error has each other answer', async () => {
  const answers = ['nothing', 'a wall', 'a red mug'];
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  reply = () => {
    now += 400;
    return { value: answers.shift() ?? 'a cup' };
  };
  expect(await user.askUntil('red', 2000)).toBe('a red mug');
  expect(requests).toHaveLength(3);
  await expect(user.askUntil('red', 1000)).rejects.toThrow(/^no answer contains red: a cup$/);
  expect(requests).toHaveLength(6);
});

test('a user has left when the process has ended', async () => {
  reply = () => ({ value: '' });
  const left = user.leave();
  let isOver = false;
  void left.then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(requests).toEqual([{ id: 1, do: 'leave' }]);
  expect(isOver).toBe(false);
  program.end(0);
  await left;
});
