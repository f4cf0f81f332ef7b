import { EventEmitter } from 'node:events';
import { ParticipantKind, type Room, TrackKind } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor, sendTo, setup } from 'xstate';
import { avatarPresence } from '../../src/actors/avatar-presence.ts';
import type { Speaker } from '../../src/avatar/speaker.ts';
import { setPacketClock } from '../../src/internals/rtc-statistics.ts';
import type { AvatarEvent } from '../../src/machines/avatar.types.ts';

const SILENT_AFTER_MS = 500;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => vi.useRealTimers());

const settled = () => new Promise(setImmediate);

/** A room that a test fills by hand, and the events of the presence of an avatar in it. */
function stage() {
  const members = new Map<string, object>();
  const room = Object.assign(new EventEmitter(), { remoteParticipants: members });
  const speaker = { identity: 'face', limits: { silentAfterMs: SILENT_AFTER_MS } } as Speaker;
  const events: AvatarEvent[] = [];
  const machine = setup({
    types: { events: {} as AvatarEvent | { type: 'ask' } },
    actors: { presence: avatarPresence(speaker, room as unknown as Room) },
    actions: { note: ({ event }) => void events.push(event as AvatarEvent) },
  }).createMachine({
    invoke: { src: 'presence', id: 'presence' },
    on: {
      ask: { actions: sendTo('presence', { type: 'presence.asked' }) },
      '*': { actions: 'note' },
    },
  });
  const actor = createActor(machine).start();
  /** The avatar joins. The times are those of the last packets of its voice and its video. */
  type Clock = () => number | undefined;
  const join = (sid: string, voiceAt: Clock, pictureAt: Clock = voiceAt): void => {
    const [voice, picture] = [{}, {}];
    setPacketClock(voice, voiceAt);
    setPacketClock(picture, pictureAt);
    const trackPublications = new Map([
      ['video', { kind: TrackKind.KIND_VIDEO, track: picture }],
      // Its microphone is not subscribed yet: it has no track.
      ['early', { kind: TrackKind.KIND_AUDIO, track: undefined }],
      ['voice', { kind: TrackKind.KIND_AUDIO, track: voice }],
    ]);
    members.set('face', { identity: 'face', sid, kind: ParticipantKind.AGENT, trackPublications });
    room.emit('participantConnected');
  };
  return { room, members, speaker, events, actor, join };
}

test('an avatar that fails is reported once with the time of its last sound, and no longer counts', async () => {
  const { room, members, speaker, events, join } = stage();
  join('PA_1', () => 1234);
  speaker.onFault({ reason: 'it exited', heardUntil: null });
  room.emit('participantConnected');
  await settled();
  const broke = { type: 'avatar.broke', reason: 'it exited', heardUntil: 1234 };
  expect(events).toEqual([{ type: 'avatar.joined' }, broke]);
  // The same identity joins again, as a new participant.
  members.delete('face');
  join('PA_2', () => 5678);
  expect(events.slice(2)).toEqual([{ type: 'avatar.joined' }]);
});

test.each<[string, number | null, () => unknown, number | null]>([
  ['the time that the fault names', 99, () => 1234, 99],
  ['now, if the statistics fail', null, () => Promise.reject(new Error('no engine')), null],
  ['now, if its voice never came', null, () => undefined, null],
])('an avatar that fails was heard until %s', async (_, named, lastPacketAt, heardUntil) => {
  const { speaker, events, join } = stage();
  join('PA_1', lastPacketAt as () => number);
  speaker.onFault({ reason: 'it exited', heardUntil: named });
  await settled();
  expect(events.at(-1)).toEqual({ type: 'avatar.broke', reason: 'it exited', heardUntil });
});

test('an avatar that fails before it joins is reported too', async () => {
  const { speaker, events } = stage();
  speaker.onFault({ reason: 'it exited', heardUntil: null });
  await settled();
  expect(events).toEqual([{ type: 'avatar.broke', reason: 'it exited', heardUntil: null }]);
});

test('an avatar that falls silent while it should speak is reported once, by its own tracks', async () => {
  const { room, speaker, events, join } = stage();
  const sentAt = Date.now();
  join(
    'PA_1',
    () => sentAt,
    () => Date.now(),
  );
  const playback = { kind: 'avatar', sentAt, startIsReported: true, shouldBeHeard: () => true };
  Object.assign(speaker, { playback });
  await vi.advanceTimersByTimeAsync(4 * SILENT_AFTER_MS);
  room.emit('participantConnected');
  expect(events).toEqual([
    { type: 'avatar.joined' },
    { type: 'avatar.broke', reason: 'it is silent', heardUntil: sentAt },
  ]);
});

test('an avatar that never begins is silent only if its video stands still as well', async () => {
  const { speaker, events, join } = stage();
  const sentAt = Date.now() + 1;
  let seenAt = () => Date.now();
  join(
    'PA_1',
    () => sentAt - 1,
    () => seenAt(),
  );
  const playback = { kind: 'avatar', sentAt, shouldBeHeard: () => false };
  Object.assign(speaker, { playback });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events).toEqual([{ type: 'avatar.joined' }]);
  seenAt = () => sentAt;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events.map(({ type }) => type)).toEqual(['avatar.joined', 'avatar.broke']);
});

test('an avatar that is there is reported again to a machine that asks', () => {
  const { events, actor, join } = stage();
  actor.send({ type: 'ask' });
  expect(events).toEqual([]);
  join('PA_1', () => 1234);
  actor.send({ type: 'ask' });
  expect(events).toEqual([{ type: 'avatar.joined' }, { type: 'avatar.joined' }]);
});

test('an avatar counts only while it has a video, and the user while one is in the room', () => {
  const { room, members, events } = stage();
  const face = { identity: 'face', sid: 'PA_1', trackPublications: new Map(), attributes: {} };
  const kind = ParticipantKind.AGENT;
  const video = { kind: TrackKind.KIND_VIDEO, track: undefined };
  const ada = { identity: 'ada', sid: 'PA_2', trackPublications: new Map(), attributes: {} };
  const after = (event: string) => {
    room.emit(event);
    return events.splice(0).map(({ type }) => type);
  };
  members.set('face', { ...face, kind });
  expect(after('participantConnected')).toEqual([]);
  face.trackPublications.set('video', video);
  expect(after('trackPublished')).toEqual(['avatar.joined']);
  members.set('ada', ada);
  expect(after('participantConnected')).toEqual(['user.returned']);
  face.trackPublications.clear();
  expect(after('trackUnpublished')).toEqual(['avatar.left']);
  face.trackPublications.set('video', video);
  expect(after('reconnected')).toEqual(['avatar.joined']);
  members.clear();
  expect(after('participantDisconnected')).toEqual(['avatar.left', 'user.left']);
});

test('the presence leaves no listener, timer or callback after its end', async () => {
  const { room, speaker, events, actor, join } = stage();
  join('PA_1', () => 1234);
  events.length = 0;
  const { onFault, onStop } = speaker;
  actor.stop();
  expect([speaker.onFault === onFault, speaker.onStop === onStop]).toEqual([false, false]);
  speaker.onFault({ reason: 'it exited', heardUntil: null });
  speaker.onStop();
  await settled();
  expect([room.eventNames(), vi.getTimerCount(), events]).toEqual([[], 0, []]);
});
