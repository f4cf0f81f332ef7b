import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { TYPESCRIPT } from '../../../src/testing/processes/typescript.ts';
import {
  type FakeChild,
  fakeChildren,
  restoreChildren,
} from '../../support/processes/fake-children.ts';

let program: FakeChild;
/** The signals that the process group got; 0 asks whether it is alive. */
let signals: [number, unknown][];
let groupIsAlive: boolean;
let listeners: number;

beforeEach(() => {
  signals = [];
  groupIsAlive = true;
  listeners = process.listenerCount('exit');
  fakeChildren((child) => (program = child));
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    signals.push([pid, signal]);
    if (!groupIsAlive) throw new Error('ESRCH');
    if (signal === 'SIGKILL') queueMicrotask(() => program.end(null, 'SIGKILL'));
    return true;
  });
});
afterEach(async () => {
  await endChildren();
  vi.restoreAllMocks();
  restoreChildren();
  vi.unstubAllEnvs();
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('a child runs TypeScript in a process group of its own, with the environment that it gets', () => {
  vi.stubEnv('OF_THIS_PROCESS', 'kept');
  vi.stubEnv('TOO_MUCH', 'removed');
  new Child(['program.ts', 'argument'], { TOO_MUCH: undefined, MORE: 'given' });
  expect([program.program, ...program.args]).toEqual([
    ...[process.execPath, ...TYPESCRIPT, 'program.ts', 'argument'],
  ]);
  expect(program.options).toMatchObject({ detached: true });
  expect(program.options.env).toMatchObject({ OF_THIS_PROCESS: 'kept', MORE: 'given' });
  expect(program.options.env?.TOO_MUCH).toBeUndefined();
});

test('a wrapper gets the program of a child as its last arguments', () => {
  new Child(['program.ts'], {}, ['nice', '-n', '19']);
  expect([program.program, ...program.args]).toEqual([
    ...['nice', '-n', '19', process.execPath, ...TYPESCRIPT, 'program.ts'],
  ]);
});

test('a line of a child is found in what it wrote before and writes later, on both outputs', async () => {
  const child = new Child(['program.ts']);
  const seen: string[] = [];
  child.onLine((line) => seen.push(line));
  const later = child.line(/^number 2/);
  program.stdout.write('number 1\nnumb');
  program.stderr.write('warning\n');
  program.stdout.write('er 2\n');
  expect(await later).toBe('number 2');
  expect(await child.line(/warn/)).toBe('warning');
  expect(seen.sort()).toEqual(['number 1', 'number 2', 'warning']);
  expect(child.output.split('\n').sort()).toEqual(['', ...seen]);
});

test('the wait for a line fails at its limit and at the end of the child, with the output', async () => {
  const child = new Child(['program.ts']);
  program.stdout.write('an old line\n');
  await child.line(/old/);
  await expect(child.line(/never/, 1)).rejects.toThrow(/line \/never\/.*its output:\nan old line/s);
  const waits = expect(child.line(/never/)).rejects.toThrow(/process ended with 7; its output/);
  program.end(7);
  await waits;
  expect(await child.ended).toEqual({ code: 7, signal: null });
});

test('a child is written whole lines, and a write after its end is no error', async () => {
  const child = new Child(['program.ts']);
  child.write('a request');
  expect(String(program.stdin.read())).toBe('a request\n');
  program.stdin.destroy(new Error('EPIPE'));
  await new Promise(setImmediate);
  child.write('another');
});

test('a signal goes to the program, and a kill to each process of its group', async () => {
  const child = new Child(['program.ts']);
  child.signal('SIGTERM');
  expect(program.signals).toEqual(['SIGTERM']);
  expect(child.groupIsAlive).toBe(true);
  await child.kill();
  await child.kill();
  expect(signals).toEqual([
    [-4321, 0],
    [-4321, 'SIGKILL'],
    [-4321, 'SIGKILL'],
  ]);
  groupIsAlive = false;
  expect(child.groupIsAlive).toBe(false);
  await child.groupIsGone();
  signals = [];
  await endChildren();
  expect(signals).toEqual([]);
});

test('a program that cannot be started is an error with its arguments', () => {
  fakeChildren((child) => {
    child.pid = undefined;
  });
  expect(() => new Child(['no-program.ts', 'now'])).toThrow('cannot start no-program.ts now');
});
