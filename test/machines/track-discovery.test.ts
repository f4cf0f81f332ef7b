import { describe, expect, test } from 'vitest';
import { trackDiscoveryMachine } from '../../src/machines/track-discovery.machine.ts';
import { discoveryInput } from '../support/machines/inputs.ts';
import {
  camera,
  screenA,
  screenB,
  simulatedRoom,
  track,
} from '../support/machines/simulated-room.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

describe('paths', () => {
  test('every state is entered and every transition is taken', () => {
    const { elapsed } = eventsOf(trackDiscoveryMachine);
    const unsubscribed = { ...screenA, subscribed: false };
    const graceIsOver = elapsed('subscribeGrace', 'subscription.expecting');
    const coverage = new Coverage(trackDiscoveryMachine).explore({
      input: discoveryInput,
      events: [
        { type: 'participant.linked', identity: 'user' },
        { type: 'participant.linked', identity: null },
        { type: 'participant.left', identity: 'user' },
        { type: 'participant.represents', identity: 'user', onBehalfOf: 'agent' },
        { type: 'room.synced', tracks: [camera] },
        { type: 'room.reconnecting' },
        { type: 'room.disconnected' },
        { type: 'track.published', track: unsubscribed },
        { type: 'track.unpublished', sid: 'screenA' },
        { type: 'track.subscribed', sid: 'screenA' },
        { type: 'track.unsubscribed', sid: 'screenA' },
        { type: 'track.subscriptionFailed', sid: 'screenA' },
        { type: 'track.muted', sid: 'screenA' },
        { type: 'track.unmuted', sid: 'screenA' },
        { type: 'source.pinned', selector: { trackSid: 'screenA' } },
        graceIsOver,
        elapsed('subscribeTimeout', 'subscription.asking'),
      ],
      key: ({ context }) => [
        context.candidates.map((c) => [c.sid, c.muted, c.subscription]),
        context.linkedIdentity,
        context.pick?.sid,
        context.pinned,
      ],
    });
    for (const waiting of [[], [graceIsOver]]) {
      coverage.follow(discoveryInput, [
        { type: 'participant.linked', identity: 'user' },
        { type: 'track.published', track: unsubscribed },
        ...waiting,
        { type: 'track.published', track: { ...screenB, subscribed: false } },
      ]);
    }
    console.info(coverage.summary());
    expect(coverage.missed()).toEqual([]);
  });
});

describe('the newest track of the linked participant', () => {
  test('a track that was there before the agent is picked', () => {
    const room = simulatedRoom();
    room.synced(camera);
    expect(room.actor.getSnapshot().value).toEqual({ pick: 'watching', subscription: 'satisfied' });
    expect(room.reports).toEqual([
      {
        type: 'pick.changed',
        pick: { sid: 'camera', identity: 'user', source: 'camera' },
        previous: null,
        reason: 'synced',
      },
    ]);
  });

  test('a track is picked if the room was scanned before the participant was linked', () => {
    const room = simulatedRoom();
    room.link(null);
    room.synced(camera);
    expect(room.watched()).toBeNull();
    room.link('user');
    expect(room.watched()).toBe('camera');
    expect(room.reasons()).toEqual(['linked']);
  });

  test('the newest track is picked when it is published later, and so is the one after it', () => {
    const room = simulatedRoom();
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'searching' });
    room.publish(camera);
    room.publish(screenA);
    expect(room.history()).toEqual(['camera', 'screenA']);
  });

  test('the last track of a scan is picked', () => {
    const room = simulatedRoom();
    room.synced(camera, screenB, screenA);
    expect(room.history()).toEqual(['screenA']);
  });

  test('a track is not picked before it can be read', () => {
    const room = simulatedRoom();
    room.publish(camera, { ...screenA, subscribed: false });
    expect(room.watched()).toBe('camera');
    room.subscribed('screenA');
    expect(room.watched()).toBe('screenA');
  });

  test('the pick changes when another participant is linked', () => {
    const room = simulatedRoom();
    room.publish(camera, track('other', { identity: 'guest' }));
    expect(room.watched()).toBe('camera');
    room.link('guest');
    expect(room.watched()).toBe('other');
    room.link(null);
    expect(room.watched()).toBeNull();
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'waiting' });
  });
});

/** Ways in which a track becomes unwatchable, and the way back of each. */
const ways: [string, (r: Room, sid: string) => void, (r: Room, sid: string) => void][] = [
  ['muted', (r, sid) => r.mute(sid), (r, sid) => r.unmute(sid)],
  ['unpublished', (r, sid) => r.unpublish(sid), (r, sid) => r.publish(track(sid))],
  ['unsubscribed', (r, sid) => r.unsubscribed(sid), (r, sid) => r.subscribed(sid)],
];
type Room = ReturnType<typeof simulatedRoom>;

describe.each(ways)('a pick that is %s', (how, lose, restore) => {
  test(`a pick that is ${how} falls back to the one before it, and returns later`, () => {
    const room = simulatedRoom();
    room.publish(camera, screenA, screenB);
    lose(room, 'screenB');
    lose(room, 'screenA');
    expect(room.history()).toEqual(['camera', 'screenA', 'screenB', 'screenA', 'camera']);
    restore(room, 'screenA');
    restore(room, 'screenB');
    expect(room.history().slice(5)).toEqual(['screenA', 'screenB']);
  });

  test(`a pick that is ${how} leaves nothing to watch if it was the only one, and returns later`, () => {
    const room = simulatedRoom();
    room.publish(camera);
    lose(room, 'camera');
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'searching' });
    restore(room, 'camera');
    expect(room.history()).toEqual(['camera', null, 'camera']);
  });

  test(`a track that is ${how} does not matter if it is not watched`, () => {
    const room = simulatedRoom();
    room.publish(camera, screenA, screenB);
    lose(room, 'screenA');
    expect(room.watched()).toBe('screenB');
    lose(room, 'screenB');
    expect(room.watched()).toBe('camera');
  });
});

describe('the room', () => {
  test('a participant who leaves has no track until they rejoin', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.leave('user');
    expect(room.history()).toEqual(['camera', 'screenA', null]);
    room.publish(track('camera2'));
    expect(room.watched()).toBe('camera2');
  });

  test('the pick stays during a reconnect, whatever changes meanwhile', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.reconnecting();
    room.unpublish('screenA');
    room.unpublish('camera');
    room.publish(camera, screenA, screenB);
    room.mute('screenB');
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'holding' });
    expect(room.history()).toEqual(['camera', 'screenA']);

    room.synced(camera, screenA);
    expect(room.watched()).toBe('screenA');
    expect(room.history()).toEqual(['camera', 'screenA']);
  });

  test('the pick changes once after a reconnect with other tracks', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.reconnecting();
    room.synced(camera);
    expect(room.history()).toEqual(['camera', 'screenA', 'camera']);
    room.reconnecting();
    room.synced();
    expect(room.history().slice(3)).toEqual([null]);
    expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'searching' });
  });

  test('the publishing order survives a reconnect', () => {
    const room = simulatedRoom();
    room.publish(camera, screenA);
    room.reconnecting();
    room.synced(screenA, camera);
    expect(room.watched()).toBe('screenA');
    room.unpublish('screenA');
    expect(room.watched()).toBe('camera');
  });

  test.each(['watched', 'reconnecting'])(
    'a room that is lost while %s clears everything',
    (when) => {
      const room = simulatedRoom();
      room.publish(camera);
      if (when === 'reconnecting') room.reconnecting();
      room.disconnected();
      expect(room.history()).toEqual(['camera', null]);
      expect(room.actor.getSnapshot().value).toMatchObject({ pick: 'waiting' });
      expect(room.actor.getSnapshot().context).toMatchObject({
        candidates: [],
        linkedIdentity: null,
      });
    },
  );
});
