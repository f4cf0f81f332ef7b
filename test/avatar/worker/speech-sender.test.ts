import { ParticipantKind, type Room } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { SpeechSender } from '../../../src/avatar/worker/speech-sender.ts';

/** A room with an agent, another agent's avatar, a second agent and a user. */
function roomOfAgents() {
  const agent = (attributes = {}) => ({ kind: ParticipantKind.AGENT, attributes });
  const remoteParticipants = new Map<string, object>([
    ['agent', agent()],
    ['second agent', agent()],
    ['avatar', agent({ 'lk.publish_on_behalf': 'second agent' })],
    ['user', { kind: ParticipantKind.STANDARD, attributes: {} }],
  ]);
  return { room: { remoteParticipants } as unknown as Room, remoteParticipants };
}

test('the sender in the options is the only one who may speak, even while it is absent', () => {
  const { room, remoteParticipants } = roomOfAgents();
  const sender = new SpeechSender(room, 'agent');
  sender.hasSpoken('second agent');
  remoteParticipants.delete('agent');
  expect(sender.identity).toBe('agent');
  expect([...remoteParticipants.keys(), 'agent'].filter((who) => sender.mayBe(who))).toEqual([
    'agent',
  ]);
});

test('without a named sender, the first to speak is an agent that is no avatar itself', () => {
  const { room, remoteParticipants } = roomOfAgents();
  const sender = new SpeechSender(room, undefined);
  expect(sender.identity).toBeUndefined();
  expect([...remoteParticipants.keys()].filter((who) => sender.mayBe(who))).toEqual([
    'agent',
    'second agent',
  ]);
  expect(sender.mayBe('a stranger')).toBe(false);
});

test('another agent may speak only after the first one has left, which may still return', () => {
  const { room, remoteParticipants } = roomOfAgents();
  const sender = new SpeechSender(room, undefined);
  sender.hasSpoken('agent');
  expect(sender.mayBe('second agent')).toBe(false);
  remoteParticipants.delete('agent');
  expect(sender.mayBe('agent')).toBe(true);
  expect(sender.mayBe('second agent')).toBe(true);
  sender.hasSpoken('second agent');
  expect(sender.identity).toBe('second agent');
});
