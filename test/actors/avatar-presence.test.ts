import { ParticipantKind, TrackSource } from '@livekit/rtc-node';
import { afterAll, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { avatarPresence } from '../../src/actors/avatar-presence.ts';
import type { Speaker } from '../../src/avatar/speaker.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';

const camera = new TestCamera();
afterAll(() => camera.close());

/**
 * The events when a participant of this kind joins with a video and claims to publish on behalf of
 * the agent.
 */
function newsOf(kind: ParticipantKind, identity: string | undefined): string[] {
  const room = new LoopbackRoom();
  const speaker = { identity, playback: undefined } as unknown as Speaker;
  const news: string[] = [];
  const machine = setup({
    actors: { presence: avatarPresence(speaker, room.asRoom()) },
    actions: { note: ({ event }) => news.push(event.type) },
  }).createMachine({ invoke: { src: 'presence' }, on: { '*': { actions: 'note' } } });
  const actor = createActor(machine).start();
  room.join('somebody', { kind, attributes: { 'lk.publish_on_behalf': 'agent' } });
  room.publish('somebody', camera.track, TrackSource.SOURCE_CAMERA);
  actor.stop();
  return news;
}

test('a participant of kind agent that publishes on behalf of the agent is its avatar', () => {
  expect(newsOf(ParticipantKind.AGENT, undefined)).toEqual(['avatar.joined']);
});

test('a user who claims to publish on behalf of the agent is not its avatar', () => {
  expect(newsOf(ParticipantKind.STANDARD, undefined)).toEqual([]);
  expect(newsOf(ParticipantKind.SIP, undefined)).toEqual([]);
});

test('an avatar that was stopped does not join again while the server still lists it', () => {
  const room = new LoopbackRoom();
  const speaker = { identity: 'face', playback: undefined } as unknown as Speaker;
  const news: string[] = [];
  const machine = setup({
    actors: { presence: avatarPresence(speaker, room.asRoom()) },
    actions: { note: ({ event }) => news.push(event.type) },
  }).createMachine({ invoke: { src: 'presence' }, on: { '*': { actions: 'note' } } });
  const actor = createActor(machine).start();
  const join = () => {
    room.join('face', { kind: ParticipantKind.AGENT });
    room.publish('face', camera.track, TrackSource.SOURCE_CAMERA);
  };
  join();
  speaker.onStop();
  room.join('ada');
  expect(news).toEqual(['avatar.joined', 'user.returned']);
  room.leave('face');
  join();
  expect(news).toEqual(['avatar.joined', 'user.returned', 'avatar.joined']);
  actor.stop();
});

test('the avatar that a plugin names is recognized by that name', () => {
  expect(newsOf(ParticipantKind.AGENT, 'somebody')).toEqual(['avatar.joined']);
  expect(newsOf(ParticipantKind.AGENT, 'another')).toEqual([]);
});
