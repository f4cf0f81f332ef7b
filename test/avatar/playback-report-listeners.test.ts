import type { Room } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { hearPlaybackReports } from '../../src/avatar/playback-report-listeners.ts';

type Handler = (call: { callerIdentity: string; payload: string }) => Promise<string>;

/** A room in which avatars call the registered methods. */
function stage() {
  const methods = new Map<string, Handler>();
  const room = {
    localParticipant: {
      registerRpcMethod: (method: string, handler: Handler) => void methods.set(method, handler),
    },
  } as unknown as Room;
  const heard: string[] = [];
  const hear = (avatar: string, name = avatar) =>
    hearPlaybackReports(room, avatar, {
      onStarted: () => heard.push(`${name} started`),
      onFinished: (payload) => heard.push(`${name} finished ${payload}`),
    });
  const call = (method: string, callerIdentity: string) =>
    methods.get(method)?.({ callerIdentity, payload: 'report' });
  return { methods, heard, hear, call };
}

test('each avatar of a room reports to its own listener, and a stranger is rejected', async () => {
  const { heard, hear, call } = stage();
  await hear('first');
  await hear('second');
  expect(await call('lk.playback_started', 'first')).toBe('ok');
  expect(await call('lk.playback_finished', 'second')).toBe('ok');
  expect(await call('lk.playback_started', 'stranger')).toBe('reject');
  expect(heard).toEqual(['first started', 'second finished report']);
});

test('avatars of the same name in two rooms do not end the speech of each other', async () => {
  const [one, two] = [stage(), stage()];
  await one.hear('avatar');
  await two.hear('avatar');
  await one.call('lk.playback_finished', 'avatar');
  expect(one.heard).toEqual(['avatar finished report']);
  expect(two.heard).toEqual([]);
});

test('a listener that was replaced does not remove the one that replaced it', async () => {
  const { heard, hear, call } = stage();
  const stopFirst = await hear('avatar', 'first');
  const stopSecond = await hear('avatar', 'second');
  stopFirst();
  expect(await call('lk.playback_started', 'avatar')).toBe('ok');
  stopSecond();
  expect(await call('lk.playback_started', 'avatar')).toBe('reject');
  expect(heard).toEqual(['second started']);
});

test('the listener is the last to register, after those that are registered at the same time', async () => {
  const { methods, hear } = stage();
  const registered = hear('avatar');
  await Promise.resolve();
  expect(methods.size).toBe(0);
  await registered;
  expect([...methods.keys()]).toEqual(['lk.playback_started', 'lk.playback_finished']);
});

test('a room that was left has no reports, and needs no listener', async () => {
  const stop = await hearPlaybackReports({} as Room, 'avatar', {
    onStarted: () => {},
    onFinished: () => {},
  });
  expect(stop).not.toThrow();
});
