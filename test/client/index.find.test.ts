import fc from 'fast-check';
import type { RemoteParticipant, Room } from 'livekit-client';
import { ParticipantKind } from 'livekit-client';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { PUBLISH_ON_BEHALF } from '../../src/avatar/worker/avatar-protocol.ts';
import { findAgent, findAvatarWorker, type ParticipantLike } from '../../src/client/index.ts';

/** A participant as an object whose kind and attributes can change, as in a room. */
interface Someone extends ParticipantLike {
  kind: ParticipantKind;
  attributes: Record<string, string>;
}

const user = (identity: string): Someone => ({
  identity,
  kind: ParticipantKind.STANDARD,
  attributes: {},
});
const agent = (identity: string): Someone => ({ ...user(identity), kind: ParticipantKind.AGENT });
const avatar = (identity: string, of: string): Someone => ({
  ...agent(identity),
  attributes: { [PUBLISH_ON_BEHALF]: of },
});
const roomOf = (...people: Someone[]) => ({
  remoteParticipants: new Map(people.map((one) => [one.identity, one])),
});

describe('a room with an agent and its avatar', () => {
  test.each([
    ['the agent joins first', roomOf(user('ann'), agent('agent'), avatar('face', 'agent'))],
    ['the avatar joins first', roomOf(avatar('face', 'agent'), agent('agent'), user('ann'))],
  ])('agent and avatar are found: %s', (_, room) => {
    expect(findAgent(room)?.identity).toBe('agent');
    expect(findAvatarWorker(room)?.identity).toBe('face');
  });

  test('an avatar is not found before its agent is there or after it left', () => {
    const room = roomOf(avatar('face', 'agent'));
    expect([findAgent(room), findAvatarWorker(room)]).toEqual([undefined, undefined]);
    room.remoteParticipants.set('agent', agent('agent'));
    expect(findAvatarWorker(room)?.identity).toBe('face');
    room.remoteParticipants.delete('agent');
    expect([findAgent(room), findAvatarWorker(room)]).toEqual([undefined, undefined]);
    expect(findAvatarWorker(room, { identity: 'agent' })).toBeUndefined();
  });

  test('an attribute that is added, changed or removed counts at the next search', () => {
    const second = agent('face');
    const room = roomOf(agent('agent'), second);
    expect(findAvatarWorker(room)).toBeUndefined();
    second.attributes = { [PUBLISH_ON_BEHALF]: 'agent' };
    expect(findAvatarWorker(room)).toBe(second);
    second.attributes = { [PUBLISH_ON_BEHALF]: 'somebody else' };
    expect(findAvatarWorker(room)).toBeUndefined();
    // LiveKit's way to delete an attribute.
    second.attributes = { [PUBLISH_ON_BEHALF]: '' };
    expect(findAgent(roomOf(second))).toBe(second);
  });
});

describe('a room with several agents', () => {
  const room = roomOf(
    avatar('second face', 'second'),
    agent('first'),
    agent('second'),
    avatar('third face', 'third'),
  );

  test('the first of several agents is found, and the avatar of another is not its own', () => {
    expect(findAgent(room)?.identity).toBe('first');
    expect(findAvatarWorker(room)).toBeUndefined();
  });

  test('the avatar of each of several agents can be found', () => {
    expect(findAvatarWorker(room, agent('second'))?.identity).toBe('second face');
    expect(findAvatarWorker(room, { identity: 'first' })).toBeUndefined();
    expect(findAvatarWorker(room, { identity: 'third' })).toBeUndefined();
  });

  test('an avatar of an avatar is not found', () => {
    const chain = roomOf(agent('agent'), avatar('face', 'agent'), avatar('shadow', 'face'));
    expect(findAvatarWorker(chain)?.identity).toBe('face');
    expect(findAvatarWorker(chain, { identity: 'face' })).toBeUndefined();
  });
});

test('only participants of kind agent count, whatever their attributes are', () => {
  const pretender = { ...avatar('ann', 'agent'), kind: ParticipantKind.STANDARD };
  const kinds = Object.values(ParticipantKind).filter((kind) => typeof kind === 'number');
  expect(kinds.length).toBeGreaterThan(4);
  for (const kind of kinds)
    expect(findAgent(roomOf({ ...user('one'), kind }))?.identity).toBe(
      kind === ParticipantKind.AGENT ? 'one' : undefined,
    );
  expect(findAvatarWorker(roomOf(agent('agent'), pretender))).toBeUndefined();
});

test('in any room, the found participants match the documented rule, and are the first of their kind', () => {
  const identity = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const someone: fc.Arbitrary<Someone> = fc.record({
    identity,
    kind: fc.constantFrom(ParticipantKind.AGENT, ParticipantKind.AGENT, ParticipantKind.STANDARD),
    attributes: fc.oneof(
      fc.constant({}),
      fc.record({ [PUBLISH_ON_BEHALF]: identity, 'lk.agent.state': fc.constant('speaking') }),
    ),
  });
  const people = fc.uniqueArray(someone, { selector: (one) => one.identity });
  fc.assert(
    fc.property(people, (list) => {
      const room = roomOf(...list);
      const agents = list.filter(({ kind }) => kind === ParticipantKind.AGENT);
      const speakers = agents.filter(({ attributes }) => !(PUBLISH_ON_BEHALF in attributes));
      const faceOf = (one: Someone | undefined) =>
        one && agents.find(({ attributes }) => attributes[PUBLISH_ON_BEHALF] === one.identity);

      expect(findAgent(room)).toBe(speakers[0]);
      expect(findAvatarWorker(room)).toBe(faceOf(speakers[0]));
      for (const one of list)
        expect(findAvatarWorker(room, one)).toBe(speakers.includes(one) ? faceOf(one) : undefined);
    }),
    { numRuns: 1000 },
  );
});

test("the search takes livekit-client's room and returns its participants", () => {
  const find = (room: Room, one: RemoteParticipant) => [
    findAgent(room),
    findAvatarWorker(room),
    findAvatarWorker(room, one),
  ];
  expectTypeOf(find).returns.toEqualTypeOf<(RemoteParticipant | undefined)[]>();
  // @ts-expect-error: an agent that is perhaps not there would be taken for the first one.
  const wrong = (room: Room, one: RemoteParticipant | undefined) => findAvatarWorker(room, one);
  expectTypeOf(wrong).toBeFunction();
});
