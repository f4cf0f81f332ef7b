import { expect, test } from 'vitest';
import { atExit } from '../../src/testing/at-exit.ts';

test('work at the exit of the process takes one listener, and none when it is done', () => {
  const before = process.listenerCount('exit');
  const forget = Array.from({ length: 20 }, () => atExit(() => {}));
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const each of forget) each();
  expect(process.listenerCount('exit')).toBe(before);
});

test('work that was not forgotten is done at the exit of the process', () => {
  const done: string[] = [];
  const before = process.listeners('exit');
  const forget = ['kept', 'forgotten'].map((name) => atExit(() => done.push(name)));
  forget[1]?.();
  const [listener] = process.listeners('exit').filter((each) => !before.includes(each));
  listener?.(0);
  forget[0]?.();
  expect(done).toEqual(['kept']);
});
