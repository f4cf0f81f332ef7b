import { EventEmitter } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import type { VideoRoom } from '../../src/actors/video-room.ts';
import { RemoteControl } from '../../src/session/remote-control.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';

afterEach(() => vi.useRealTimers());

const ATTRIBUTE = 'sightline.mode';

/** A room, and a session whose mode the participant may switch. */
function stage(control: 'participant' | 'none' = 'participant') {
  const methods = new Map<string, (call: object) => Promise<string>>();
  const written: Record<string, string>[] = [];
  const state = { mode: 'sampled', linked: 'ada' as string | null };
  const participant = {
    registerRpcMethod: (name: string, handler: (call: object) => Promise<string>) =>
      methods.set(name, handler),
    unregisterRpcMethod: (name: string) => methods.delete(name),
    setAttributes: async (attributes: Record<string, string>) => {
      written.push(attributes);
    },
  };
  const room = Object.assign(new EventEmitter(), {
    ...{ isConnected: true, remoteParticipants: new Map() },
    localParticipant: participant as typeof participant | undefined,
    registerTextStreamHandler: () => {},
  });
  const subscribers = new Set<() => void>();
  const sent: object[] = [];
  const actor = {
    getSnapshot: () => ({ context: { mode: state.mode } }),
    subscribe: (listener: () => void) => {
      subscribers.add(listener);
      return { unsubscribe: () => subscribers.delete(listener) };
    },
    send: (event: { type: string; mode: string }) => {
      sent.push(event);
      state.mode = event.mode;
      for (const subscriber of subscribers) subscriber();
    },
  } as unknown as SessionActor;
  const errors: unknown[] = [];
  const remote = RemoteControl.of(
    { room: room as unknown as VideoRoom, control },
    { actor, linkedIdentity: () => state.linked, onError: (error) => errors.push(error) },
  );
  const call = (payload: string, callerIdentity = 'ada') => {
    const [method] = methods.values();
    if (!method) throw new Error('there is no method');
    return method({ callerIdentity, payload });
  };
  const settle = () => new Promise(setImmediate);
  return { ...{ methods, written, state, room, subscribers, sent, errors, remote }, call, settle };
}

test('the mode is shown to the room as it changes, and removed at the end', async () => {
  const { remote, call, written, settle, room, methods, subscribers, errors } = stage();
  remote?.open();
  remote?.open();
  await settle();
  expect(await call('{"mode":"off"}')).toBe('{"mode":"off"}');
  await settle();
  expect(written).toEqual([{ [ATTRIBUTE]: 'sampled' }, { [ATTRIBUTE]: 'off' }]);
  expect([room.listenerCount('reconnected'), methods.size, subscribers.size]).toEqual([1, 1, 1]);
  await remote?.close();
  await remote?.close();
  expect(written.slice(2)).toEqual([{ [ATTRIBUTE]: '' }]);
  expect([room.listenerCount('reconnected'), methods.size, subscribers.size]).toEqual([0, 0, 0]);
  expect(errors).toEqual([]);
});

test('a mode is written again after a reconnect', async () => {
  const { remote, room, written, settle } = stage();
  remote?.open();
  await settle();
  room.emit('reconnected');
  await settle();
  expect(written).toHaveLength(2);
  expect(written[1]).toEqual(written[0]);
  await remote?.close();
});

test('only the participant that is served may switch the video', async () => {
  const { remote, call, state, sent } = stage();
  remote?.open();
  // A stranger does not learn what a valid payload is.
  for (const payload of ['{"mode":"off"}', 'x'.repeat(1000), '?'])
    await expect(call(payload, 'eve')).rejects.toMatchObject({ code: 403 });
  state.linked = 'eve';
  await expect(call('{"mode":"off"}', 'ada')).rejects.toMatchObject({ code: 403 });
  expect(sent).toEqual([]);
  await call('{"mode":"onDemand"}', 'eve');
  expect(sent).toEqual([{ type: 'mode.set', mode: 'onDemand' }]);
  await remote?.close();
});

test.each([
  [''],
  ['null'],
  ['"off"'],
  ['[]'],
  ['{}'],
  ['{"mode":"fast"}'],
  ['{"mode":"off","more":1}'],
  ['{"mod":"off"}'],
])('a payload of %j is refused with what to send', async (payload) => {
  const { remote, call, sent } = stage();
  remote?.open();
  await expect(call(payload)).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('send {"mode":"off"}'),
  });
  expect(sent).toEqual([]);
  await remote?.close();
});

test('a payload that is too long is not parsed', async () => {
  const { remote, call } = stage();
  remote?.open();
  await expect(call(`${' '.repeat(2000)}{"mode":"off"}`)).rejects.toMatchObject({
    code: 413,
    message: 'the payload has 2014 characters: at most 64 are read',
  });
  const longest = '{"mode":"off"}'.padStart(64);
  expect(await call(longest)).toBe('{"mode":"off"}');
  await remote?.close();
});

test('a mode that cannot be removed at the end is an error, unless the room was left', async () => {
  const { remote, room, errors, settle } = stage();
  remote?.open();
  await settle();
  room.localParticipant = undefined;
  await remote?.close();
  expect(errors).toEqual([
    expect.objectContaining({ message: `${ATTRIBUTE} was not written: the room was left` }),
  ]);
  const left = stage();
  left.remote?.open();
  await left.settle();
  left.room.isConnected = false;
  await left.remote?.close();
  expect(left.room.listenerCount('reconnected')).toBe(0);
  expect([left.errors, left.written.length]).toEqual([[], 1]);
});

test('a mode is removed after the write under way, which would set it again', async () => {
  const { remote, room, written, settle } = stage();
  let write = () => {};
  const participant = room.localParticipant;
  if (!participant) throw new Error('there is no participant');
  const { setAttributes } = participant;
  participant.setAttributes = (attributes) =>
    new Promise((resolve) => {
      write = () => resolve(setAttributes(attributes));
    });
  remote?.open();
  const closed = remote?.close();
  participant.setAttributes = setAttributes;
  await settle();
  expect(written).toEqual([]);
  write();
  await closed;
  expect(written).toEqual([{ [ATTRIBUTE]: 'sampled' }, { [ATTRIBUTE]: '' }]);
});

test('the removal of the mode takes at most 1.5 seconds', async () => {
  const { remote, room, errors, settle } = stage();
  remote?.open();
  await settle();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  if (room.localParticipant) room.localParticipant.setAttributes = () => new Promise(() => {});
  const closed = remote?.close();
  await vi.advanceTimersByTimeAsync(1500);
  await closed;
  expect(errors).toEqual([
    expect.objectContaining({ message: `${ATTRIBUTE} was not written within 1500 ms` }),
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('without the option, there is no remote control', () => {
  expect(stage('none').remote).toBeUndefined();
});
