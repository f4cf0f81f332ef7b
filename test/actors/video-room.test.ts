import { ParticipantKind } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import {
  changesOnBehalf,
  findPublication,
  firstServed,
  isRoom,
  onBehalfOf,
  type VideoParticipant,
  type VideoRoom,
} from '../../src/actors/video-room.ts';

const participant = (
  identity: string,
  { kind, behalf, sids = [] }: { kind?: ParticipantKind; behalf?: string; sids?: string[] } = {},
): VideoParticipant => ({
  identity,
  kind,
  attributes: behalf === undefined ? {} : { 'lk.publish_on_behalf': behalf },
  trackPublications: new Map(sids.map((sid) => [sid, { sid }])),
});

const roomWith = (...participants: VideoParticipant[]): VideoRoom => ({
  isConnected: true,
  remoteParticipants: new Map(participants.map((one) => [one.identity, one])),
  on: () => {},
  off: () => {},
});

const { AGENT, CONNECTOR, EGRESS, INGRESS, SIP, STANDARD } = ParticipantKind;

test.each([
  ['STANDARD', STANDARD, 'bob'],
  ['SIP', SIP, 'bob'],
  ['CONNECTOR', CONNECTOR, 'bob'],
  ['no', undefined, 'bob'],
  ['AGENT', AGENT, 'eve'],
  ['EGRESS', EGRESS, 'eve'],
  ['INGRESS', INGRESS, 'eve'],
])('a participant of %s kind is served only if it can be a user', (_, kind, served) => {
  const bob = participant('bob', kind === undefined ? {} : { kind });
  expect(firstServed(roomWith(bob, participant('eve')))).toBe(served);
});

test('a participant that acts for another one is not served', () => {
  const avatar = participant('face', { behalf: 'agent' });
  expect(onBehalfOf(avatar)).toBe('agent');
  expect(onBehalfOf(participant('ada', { behalf: '' }))).toBeNull();
  expect(onBehalfOf({ identity: 'old' } as VideoParticipant)).toBeNull();
  expect(firstServed(roomWith(avatar))).toBeNull();
  expect(firstServed(roomWith(avatar, participant('ada')))).toBe('ada');
});

test('a configured participant is served whatever its kind is, and no other one', () => {
  const room = roomWith(participant('bob'), participant('robot', { kind: AGENT, behalf: 'x' }));
  expect(firstServed(room, 'robot')).toBe('robot');
  expect(firstServed(room, 'ada')).toBeNull();
});

test('a publication is found with each participant', () => {
  const room = roomWith(
    participant('ada', { sids: ['TR_1', 'TR_2'] }),
    participant('bob', { sids: ['TR_3'] }),
  );
  for (const sid of ['TR_1', 'TR_2', 'TR_3']) expect(findPublication(room, sid)?.sid).toBe(sid);
  expect(findPublication(room, 'TR_4')).toBeUndefined();
});

test('a change of other attributes does not change for whom a participant acts', () => {
  expect(changesOnBehalf({ 'lk.publish_on_behalf': '' })).toBe(true);
  expect(changesOnBehalf({ 'lk.agent.state': 'listening' })).toBe(false);
});

test('a room without text streams is no real room', () => {
  expect(isRoom(roomWith())).toBe(false);
  expect(isRoom(Object.assign(roomWith(), { registerTextStreamHandler: () => {} }))).toBe(true);
});
