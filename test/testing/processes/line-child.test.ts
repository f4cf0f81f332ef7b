import { afterEach, expect, test, vi } from 'vitest';
import { LineChild } from '../../../src/testing/processes/line-child.ts';

afterEach(() => void vi.useRealTimers());

/** A program that answers each line by this expression, as a `LineChild`. */
const program = (reply: string) =>
  LineChild.start('helper', process.execPath, [
    '-e',
    `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      console.error('note ' + line);
      console.log('a line of a library');
      const reply = ${reply};
      if (reply !== undefined) console.log('#' + JSON.stringify(reply));
    });`,
  ]);

test('a child answers one line after the other, and ends with its input', async () => {
  const listeners = process.listenerCount('exit');
  const child = program('({ line, twice: line + line })');
  expect(child.pid).toBeGreaterThan(0);
  expect(await child.ask('a')).toEqual({ line: 'a', twice: 'aa' });
  const busy = child.ask('b');
  await expect(child.ask('c')).rejects.toThrow('helper is still busy with another request');
  expect(await busy).toMatchObject({ line: 'b' });
  await child.end();
  await child.end();
  expect(() => process.kill(child.pid, 0)).toThrow();
  expect(process.listenerCount('exit')).toBe(listeners);
  await expect(child.ask('d')).rejects.toThrow(/helper: "d": the process has ended\n.*note a/s);
});

test('an error of a child is one of the request, with the output of the child', async () => {
  const child = program(`line === 'null' ? null : { error: 'cannot ' + line }`);
  await expect(child.ask(`x${'y'.repeat(100)}`)).rejects.toThrow(
    /^helper: "xy{59}": cannot xy{100}\n.*a line of a library/s,
  );
  expect(await child.ask('null')).toBeNull();
  await child.end();
});

test('a child that does not answer in time, or cannot be started, is an error', async () => {
  const silent = program('undefined');
  await expect(silent.ask('a', 20)).rejects.toThrow('helper: "a": no reply in 20 ms');
  await silent.end();
  const missing = LineChild.start('nothing', '/no/such/program');
  expect(missing.pid).toBe(0);
  await expect(missing.ask('a')).rejects.toThrow('the process has ended\nError: spawn');
  await missing.end();
});

test('a child that does not end with its input is killed after 3 seconds', async () => {
  const child = LineChild.start('stubborn', process.execPath, [
    '-e',
    `setInterval(() => {}, 1000); process.stdin.once('data', () => console.log('#1'));`,
  ]);
  await child.ask('a');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const end = child.end();
  vi.advanceTimersByTime(2999);
  expect(() => process.kill(child.pid, 0)).not.toThrow();
  vi.advanceTimersByTime(1);
  await end;
  expect(vi.getTimerCount()).toBe(0);
});
