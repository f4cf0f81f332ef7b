import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvatarProcess } from '../../../src/avatar/worker/avatar-process.ts';
import { WAIT_LIMIT_MS } from '../../../src/testing/waits.ts';
import {
  type FakeChild,
  fakeChildren,
  restoreChildren,
} from '../../support/processes/fake-children.ts';

const job = {
  ...{ url: 'ws://server', token: 'token', name: 'Face', agentIdentity: 'agent' },
  format: { width: 64, height: 64, fps: 5, sampleRate: 24_000, channels: 1 },
};

let child: FakeChild;
let faults: string[];
beforeEach(() => {
  faults = [];
  fakeChildren((forked) => (child = forked));
});
afterEach(() => {
  restoreChildren();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const avatarProcess = () => new AvatarProcess(job, (message) => faults.push(message));
/** The result of a wait for the avatar: `joined`, or its error. */
const joining = (avatar: AvatarProcess, limitMs = WAIT_LIMIT_MS) =>
  avatar.untilJoined(limitMs).then(
    () => 'joined',
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  );

test("an avatar's program gets its job by message, and no key from the environment", () => {
  vi.stubEnv('LIVEKIT_API_SECRET', 'a secret');
  vi.stubEnv('HOME', '/home/user');
  avatarProcess();
  expect(child.program).toMatch(/local-avatar-process\.ts$/);
  expect(child.options.execArgv?.[0]).toBe('--import');
  expect(child.options.env).toMatchObject({ HOME: '/home/user' });
  expect(child.options.env).not.toHaveProperty('LIVEKIT_API_SECRET');
  expect(child.received).toEqual([{ type: 'start', job }]);
});

test('an avatar has joined as soon as its program reports that, and not before', async () => {
  const avatar = avatarProcess();
  const joined = joining(avatar);
  child.emit('message', { type: 'playing' });
  child.emit('message', { type: 'fault', message: 'a lost packet' });
  child.emit('message', 'of another library');
  child.emit('message', { type: 'joined' });
  child.emit('message', { type: 'failed', message: 'the camera broke' });
  expect(await joined).toBe('joined');
  expect(faults).toEqual(['a lost packet', 'the camera broke']);
});

test('an avatar whose program fails before the join reports the reason to both its users', async () => {
  const joined = joining(avatarProcess());
  child.emit('message', { type: 'failed', message: 'the token is refused' });
  expect(await joined).toBe('avatar-start-failed: the avatar did not start: the token is refused');
  expect(faults).toEqual(['the token is refused']);
});

test('an avatar that fails while nothing waits for it leaves no rejection unhandled', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  avatarProcess();
  child.emit('message', { type: 'failed', message: 'the token is refused' });
  await new Promise(setImmediate);
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('the wait for an avatar ends at its limit, with the limit in the error', async () => {
  vi.useFakeTimers();
  const joined = joining(avatarProcess(), 700);
  await vi.advanceTimersByTimeAsync(699);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await joined).toMatch(/^avatar-start-timeout: .* within 700 ms/);
});

test('the error of an avatar whose program ends has its last 2000 characters of output', async () => {
  const avatar = avatarProcess();
  child.stdout.write(`first ${'x'.repeat(2000)}`);
  child.stderr.write(' last\n');
  child.end(null, 'SIGSEGV');
  const problem = await joining(avatar);
  expect(problem).toMatch(/its process ended with SIGSEGV; its output: x+ last$/);
  expect(problem.match(/x+/g)?.at(-1)).toHaveLength(2000 - ' last\n'.length);
  expect(await avatar.ended).toEqual({ code: null, signal: 'SIGSEGV', expected: false });
});

test('the error of an avatar whose program ends silently has only its exit code', async () => {
  const avatar = avatarProcess();
  child.end(7);
  expect(await joining(avatar)).toMatch(/its process ended with 7$/);
});

test('a program that cannot be started has ended, and the error has the reason', async () => {
  const avatar = avatarProcess();
  child.pid = undefined;
  child.emit('error', new Error('spawn ENOMEM'));
  expect(await joining(avatar)).toMatch(/^avatar-start-failed: .*not be started: spawn ENOMEM$/);
  expect(await avatar.ended).toEqual({ code: null, signal: null, expected: false });
});

test('an error of a program that runs does not end its avatar', async () => {
  const avatar = avatarProcess();
  child.emit('error', new Error('kill EPERM'));
  child.end(0);
  expect(await avatar.ended).toEqual({ code: 0, signal: null, expected: false });
});

test('a stop is sent once, ends the wait for the join, and expects the exit', async () => {
  vi.useFakeTimers();
  const avatar = avatarProcess();
  const joined = joining(avatar);
  const stops = [avatar.stop(), avatar.stop()];
  expect(await joined).toMatch(/^avatar-closed: /);
  expect(child.received.slice(1)).toEqual([{ type: 'stop' }]);
  child.end(0);
  await Promise.all(stops);
  expect(await avatar.ended).toEqual({ code: 0, signal: null, expected: true });
  expect(vi.getTimerCount()).toBe(0);
  expect(child.signals).toEqual([]);
});

test('a program that ignores a stop is killed after three seconds', async () => {
  vi.useFakeTimers();
  const avatar = avatarProcess();
  const stopped = avatar.stop();
  vi.advanceTimersByTime(2999);
  expect(child.signals).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(child.signals).toEqual(['SIGKILL']);
  child.end(null, 'SIGKILL');
  await stopped;
});

test('nothing is sent to a program that has already ended', async () => {
  const avatar = avatarProcess();
  child.end(1);
  await avatar.stop();
  expect(child.received).toHaveLength(1);
});
