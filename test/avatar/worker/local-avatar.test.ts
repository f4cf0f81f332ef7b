import { type JobContext, runWithJobContextAsync, voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { TokenVerifier } from 'livekit-server-sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvatarStreamOutput } from '../../../src/avatar/avatar-stream-output.ts';
import { LocalAvatar } from '../../../src/avatar/worker/local-avatar.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { until } from '../../../src/testing/waits.ts';
import {
  type FakeChild,
  fakeChildren,
  restoreChildren,
} from '../../support/processes/fake-children.ts';

const KEYS = { url: 'ws://server', apiKey: 'key', apiSecret: 'secret-of-at-least-32-characters' };

let room: LoopbackRoom;
let session: voice.AgentSession;
let avatar: LocalAvatar;
let children: FakeChild[];
/** What the program does as soon as it runs. */
let begin: (child: FakeChild) => void;

const first = (): FakeChild => {
  const [child] = children;
  if (!child) throw new Error('no process was started');
  return child;
};
const join = (child: FakeChild) => child.emit('message', { type: 'joined' });

beforeEach(() => {
  children = [];
  begin = join;
  fakeChildren((child) => {
    children.push(child);
    // Like the real program, it ends when it is requested to.
    const send = child.send.bind(child);
    child.send = (message) => {
      if ((message as { type: string }).type === 'stop') queueMicrotask(() => child.end(0));
      return send(message);
    };
    queueMicrotask(() => begin(child));
  });
  room = new LoopbackRoom({ identity: AGENT, name: 'here', speech: true });
  session = new voice.AgentSession({ vad: null });
  avatar = new LocalAvatar({ ...KEYS, name: 'Ada', width: 64, height: 32, fps: 5 });
});
afterEach(async () => {
  await avatar.aclose();
  await room.disconnect();
  restoreChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const start = () => avatar.start(session, room.asRoom());
const listens = () => session.listenerCount(voice.AgentSessionEventTypes.ConversationItemAdded);

test('the token of a local avatar lets it only join and publish, for ten minutes, for its agent', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await start();
  const { job } = first().received[0] as { job: Record<string, unknown> };
  const { token, ...others } = job;
  expect(others).toEqual({
    ...{ url: KEYS.url, name: 'Ada', agentIdentity: AGENT },
    format: { width: 64, height: 32, fps: 5, sampleRate: 24_000, channels: 1 },
  });
  const verifier = new TokenVerifier(KEYS.apiKey, KEYS.apiSecret);
  const { exp = 0, nbf = 0, ...claims } = await verifier.verify(String(token));
  expect(exp - nbf).toBe(600);
  expect(claims).toMatchObject({
    ...{ sub: 'sightline-avatar', name: 'Ada', kind: 'agent' },
    attributes: { 'lk.publish_on_behalf': AGENT },
  });
  expect(claims.video).toEqual({
    ...{ room: 'here', roomJoin: true, canPublish: true, canPublishData: true },
  });
});

test('a local avatar of another identity gets the speech, and has a name only if one is set', async () => {
  const open = vi.spyOn(AvatarStreamOutput, 'open');
  const other = new LocalAvatar({ ...KEYS, identity: 'face' });
  await other.start(session, room.asRoom());
  expect(open.mock.calls[0]?.[0]).toMatchObject({
    ...{ destinationIdentity: 'face', sampleRate: 24_000, waitPlaybackStart: true },
    clearTimeoutMs: 1000,
  });
  expect([other.avatarIdentity, other.provider]).toEqual(['face', 'sightline']);
  const { job } = first().received[0] as { job: { token: string } };
  const claims = await new TokenVerifier(KEYS.apiKey, KEYS.apiSecret).verify(job.token);
  expect(claims.sub).toBe('face');
  expect(claims).not.toHaveProperty('name');
  await other.aclose();
});

test('a local avatar in a job takes the server, the room and the agent from the job', async () => {
  begin = (child) => child.emit('message', { type: 'failed', message: 'enough' });
  const job = {
    ...{ info: KEYS, job: { room: { name: 'room of the job' } }, agent: { identity: 'worker' } },
    addShutdownCallback: () => {},
  } as unknown as JobContext;
  // The room is not connected yet, so it has neither a name nor a participant.
  const unconnected: Partial<Record<string | symbol, unknown>> = { name: '' };
  const unnamed = new Proxy(room.asRoom(), {
    get: (target, key) => {
      if (key === 'name' || key === 'localParticipant') return unconnected[key];
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const own = new LocalAvatar();
  const started = runWithJobContextAsync(job, () => own.start(session, unnamed));
  await expect(started).rejects.toThrow('enough');
  const { job: sent } = first().received[0] as { job: { url: string; token: string } };
  expect(sent).toMatchObject({ url: KEYS.url, agentIdentity: 'worker' });
  const claims = await new TokenVerifier(KEYS.apiKey, KEYS.apiSecret).verify(sent.token);
  expect(claims).toMatchObject({
    ...{ video: { room: 'room of the job' }, attributes: { 'lk.publish_on_behalf': 'worker' } },
  });
});

test('a local avatar that does not join within its limit is stopped, with the limit in the error', async () => {
  begin = () => {};
  const slow = new LocalAvatar({ ...KEYS, startTimeoutMs: 5 });
  await expect(slow.start(session, room.asRoom())).rejects.toThrow(/within 5 ms/);
  expect(first().received.at(-1)).toEqual({ type: 'stop' });
});

test("the session's speech goes to a local avatar as soon as it has joined", async () => {
  begin = () => {};
  const started = start();
  await until('the process', () => children.length === 1);
  expect(session.output.audio).toBeNull();
  for (const child of children) join(child);
  await started;
  expect(session.output.audio).toMatchObject({ sampleRate: 24_000, waitPlaybackStart: true });
  expect(avatar.pid).toBe(4321);
});

test('a local avatar that starts or runs cannot be started again', async () => {
  const started = start();
  await expect(start()).rejects.toThrow(/already started: call aclose\(\)/);
  await started;
  await expect(start()).rejects.toThrow(/already started: call aclose\(\)/);
  expect(children).toHaveLength(1);
});

test('a local avatar whose process ended reports the exit, and can be started again', async () => {
  const exits: unknown[] = [];
  avatar.on('exit', (exit) => exits.push(exit));
  await start();
  first().end(3);
  await until('the exit', () => exits.length === 1);
  expect(exits).toEqual([{ code: 3, signal: null, expected: false }]);
  expect(avatar.pid).toBeUndefined();
  await start();
  expect(children).toHaveLength(2);
  // The listeners of the first start are gone.
  expect(listens()).toBe(1);
});

test('a local avatar reports a fault of its process as an error of its stream', async () => {
  const faults: unknown[] = [];
  avatar.on('fault', (error) => faults.push(error));
  await start();
  first().emit('message', { type: 'fault', message: 'lost speech' });
  expect(faults).toEqual([
    expect.objectContaining({ code: 'avatar-stream', message: 'lost speech' }),
  ]);
});

test('a local avatar that fails to join leaves no process and no listener, and can start', async () => {
  begin = (child) => child.emit('message', { type: 'failed', message: 'no such room' });
  await expect(start()).rejects.toThrow('no such room');
  expect(first().received.at(-1)).toEqual({ type: 'stop' });
  expect(avatar.pid).toBeUndefined();
  expect(session.output.audio).toBeNull();
  expect(listens()).toBe(0);
  begin = join;
  await start();
});

test('a close before the process exists ends the start without a process', async () => {
  const started = start();
  const failed = expect(started).rejects.toMatchObject({ code: 'avatar-closed' });
  await avatar.aclose();
  await failed;
  expect(children).toEqual([]);
  expect(listens()).toBe(0);
});

test('a close while the process joins ends the start and the process', async () => {
  begin = () => {};
  const started = start();
  const failed = expect(started).rejects.toMatchObject({ code: 'avatar-closed' });
  await until('the process', () => children.length === 1);
  await avatar.aclose();
  await failed;
  expect(first().received.at(-1)).toEqual({ type: 'stop' });
  expect(session.output.audio).toBeNull();
  expect(listens()).toBe(0);
});

test('a close while the speech is connected ends the start, and nothing hears reports', async () => {
  const open = AvatarStreamOutput.open.bind(AvatarStreamOutput);
  let connect = () => {};
  const opening = vi.spyOn(AvatarStreamOutput, 'open').mockImplementation(async (options) => {
    await new Promise<void>((resolve) => {
      connect = resolve;
    });
    return open(options);
  });
  const close = vi.spyOn(AvatarStreamOutput.prototype, 'close');
  const failed = expect(start()).rejects.toMatchObject({ code: 'avatar-closed' });
  await until('the connection', () => opening.mock.calls.length === 1);
  await avatar.aclose();
  connect();
  await failed;
  expect(close).toHaveBeenCalledOnce();
  expect(session.output.audio).toBeNull();
  expect(listens()).toBe(0);
});

test('after the close of a local avatar, its reports reach no listener', async () => {
  await start();
  const face = await room.joinAs('sightline-avatar');
  const report = () =>
    face.localParticipant.performRpc({
      ...{ destinationIdentity: AGENT, method: 'lk.playback_started', payload: '' },
    });
  expect(await report()).toBe('ok');
  await avatar.aclose();
  expect(first().received.at(-1)).toEqual({ type: 'stop' });
  expect(avatar.pid).toBeUndefined();
  expect(listens()).toBe(0);
  expect(await report()).toBe('reject');
  await face.disconnect();
});

test('a local avatar starts only in a room with a name and an identity of its agent', async () => {
  const unconnected = [{ name: '', localParticipant: { identity: AGENT } }, { name: 'here' }];
  for (const one of unconnected) {
    const started = avatar.start(session, { isConnected: false, ...one } as unknown as Room);
    await expect(started).rejects.toThrow(/connect it before/);
  }
  expect(children).toEqual([]);
});
