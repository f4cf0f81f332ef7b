import { ParticipantKind, type Track, TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Actor, type AnyActorRef, createActor, type EventObject, setup } from 'xstate';
import { PublicationSwitches } from '../../src/actors/publication-switches.ts';
import { roomEvents } from '../../src/actors/room-events.ts';
import { firstServed } from '../../src/actors/video-room.ts';
import type { TakenAway } from '../../src/frames/consent.ts';
import type { RoomRequest } from '../../src/machines/source.types.ts';
import type {
  TrackDiscoveryEvent,
  TrackDiscoveryReport,
} from '../../src/machines/track-discovery.types.ts';
import { LoopbackRoom, type LoopbackRoomOptions } from '../../src/testing/loopback-room.ts';
import { fileCamera } from '../support/camera.ts';

const camera = fileCamera();
let room: LoopbackRoom;
let seen: string[];
let events: TrackDiscoveryEvent[];
let takenAway: TakenAway[];
let unnamed: string[];
let linkChecks: Set<() => void>;
let parent: Actor<ReturnType<typeof listener>>;

beforeEach(() => {
  linkChecks = new Set();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  parent.stop();
  vi.useRealTimers();
});

/** A machine with the room's events as its child, which passes requests on. */
function listener(linked: () => string | null, switches = new PublicationSwitches()) {
  return setup({
    types: { events: {} as TrackDiscoveryEvent | TrackDiscoveryReport | RoomRequest },
    actors: {
      room: roomEvents({
        room,
        switches,
        linkedIdentity: linked,
        linkChecks,
        onTakenAway: (what) => takenAway.push(what),
        onUnnamed: ({ sid }) => unnamed.push(sid),
      }),
    },
  }).createMachine({
    invoke: { src: 'room', id: 'room' },
    on: {
      'subscription.*': { actions: ({ self, event }) => pass(self, event) },
      'video.*': { actions: ({ self, event }) => pass(self, event) },
      '*': { actions: ({ event }) => note(event as TrackDiscoveryEvent) },
    },
  });
}

const pass = (parent: AnyActorRef, request: EventObject) =>
  parent.getSnapshot().children.room?.send(request);

/** The event in short. */
function note(event: TrackDiscoveryEvent): void {
  events.push(event);
  const about =
    'track' in event
      ? event.track.sid
      : 'tracks' in event
        ? event.tracks.map(({ sid }) => sid).join(' ')
        : 'sid' in event
          ? event.sid
          : 'identity' in event
            ? event.identity
            : '';
  seen.push(`${event.type} ${about}`.trim());
}

function listen(
  options: LoopbackRoomOptions = {},
  linked?: () => string | null,
  switches = new PublicationSwitches(),
): void {
  room = new LoopbackRoom(options);
  seen = [];
  events = [];
  takenAway = [];
  unnamed = [];
  parent = createActor(listener(linked ?? (() => firstServed(room)), switches)).start();
}

const publish = (identity: string, source = TrackSource.SOURCE_CAMERA) =>
  room.publish(identity, camera.track, source);

describe('the order of events', () => {
  test('a room with a participant is reported when the session starts', async () => {
    listen();
    parent.stop();
    room.join('ada');
    const { sid } = publish('ada');
    seen.length = 0;
    events.length = 0;
    parent = createActor(listener(() => firstServed(room))).start();
    expect(seen).toEqual([`room.synced ${sid}`, 'participant.linked ada']);
    expect(events[0]).toEqual({
      type: 'room.synced',
      tracks: [
        {
          sid,
          identity: 'ada',
          source: 'camera',
          muted: false,
          subscribed: false,
          onBehalfOf: null,
        },
      ],
    });
  });

  test('a participant who joins, shares, mutes and leaves is reported in order', async () => {
    listen();
    expect(seen).toEqual(['room.synced']);
    room.join('ada');
    const publication = publish('ada');
    const { sid } = publication;
    await Promise.resolve();
    room.mute(publication);
    room.unmute(publication);
    room.leave('ada');
    expect(seen.slice(1)).toEqual([
      'participant.linked ada',
      `track.published ${sid}`,
      `track.subscribed ${sid}`,
      `track.muted ${sid}`,
      `track.unmuted ${sid}`,
      `track.unsubscribed ${sid}`,
      `track.unpublished ${sid}`,
      'participant.left ada',
      // No participant is served any more.
      'participant.linked null',
    ]);
  });

  test('a full reconnect is reported with the new tracks of all participants', async () => {
    listen();
    room.join('ada');
    const old = publish('ada');
    room.mute(old);
    await Promise.resolve();
    seen.length = 0;
    events.length = 0;
    await room.reconnect('full');
    await Promise.resolve();
    const [publication] = room.remoteParticipants.get('ada')?.trackPublications.values() ?? [];
    const sid = publication?.sid;
    expect(sid).not.toBe(old.sid);
    expect(seen).toEqual([
      `track.unsubscribed ${old.sid}`,
      `track.unpublished ${old.sid}`,
      'participant.left ada',
      'participant.linked null',
      'room.reconnecting',
      'participant.linked ada',
      // Not published one by one: they come in any order.
      `room.synced ${sid}`,
      'participant.linked ada',
      `track.subscribed ${sid}`,
    ]);
    expect(events.find(({ type }) => type === 'room.synced')).toMatchObject({
      tracks: [{ sid, muted: true }],
    });
  });

  test('a reconnect that keeps everything is reported in order', async () => {
    listen();
    room.join('ada');
    const { sid } = publish('ada');
    await Promise.resolve();
    seen.length = 0;
    await room.reconnect();
    expect(seen).toEqual(['room.reconnecting', `room.synced ${sid}`, 'participant.linked ada']);
  });

  test('after a reconnect, tracks are reported again, and withdrawn with their end', async () => {
    listen();
    room.join('ada');
    await room.reconnect();
    const later = publish('ada', TrackSource.SOURCE_SCREENSHARE);
    expect(seen.at(-1)).toBe(`track.published ${later.sid}`);
    takenAway.length = 0;
    room.unpublish(later);
    expect(takenAway).toEqual([{ trackSid: later.sid }]);
  });

  test('a reconnect during which a track was muted or unpublished withdraws its pictures', async () => {
    listen();
    room.join('ada');
    const [kept, muted, gone] = [publish('ada'), publish('ada'), publish('ada')];
    await Promise.resolve();
    const reconnected = room.reconnect();
    // Without an event, as the room finds it after it has joined again.
    muted.muted = true;
    room.remoteParticipants.get('ada')?.trackPublications.delete(gone.sid);
    takenAway.length = 0;
    await reconnected;
    expect(takenAway).toEqual([{ trackSid: muted.sid }, { trackSid: gone.sid }]);
    expect(seen.at(-2)).toBe(`room.synced ${kept.sid} ${muted.sid}`);
  });

  test('tracks in a list have the order in which they were first reported', async () => {
    listen();
    room.join('ada');
    const screen = publish('ada', TrackSource.SOURCE_SCREENSHARE);
    const later = publish('ada');
    room.remoteParticipants.get('ada')?.trackPublications.delete(screen.sid);
    room.remoteParticipants.get('ada')?.trackPublications.set(screen.sid, screen);
    await Promise.resolve();
    seen.length = 0;
    await room.reconnect();
    expect(seen[1]).toBe(`room.synced ${screen.sid} ${later.sid}`);
  });

  test('tracks that were not reported before are listed with a screen after a camera', () => {
    listen();
    parent.stop();
    room.join('ada');
    const screen = publish('ada', TrackSource.SOURCE_SCREENSHARE);
    const later = publish('ada');
    seen.length = 0;
    parent = createActor(listener(() => firstServed(room))).start();
    expect(seen[0]).toBe(`room.synced ${later.sid} ${screen.sid}`);
  });

  test('the end of a room is reported', async () => {
    listen();
    room.join('ada');
    seen.length = 0;
    await room.disconnect();
    expect(seen).toEqual(['room.disconnected']);
  });

  test('a room that connects after the start is reported then, once, with the participant to serve', () => {
    listen();
    parent.stop();
    room.join('ada');
    const { sid } = publish('ada');
    seen.length = 0;
    const connected = vi.spyOn(room, 'isConnected', 'get').mockReturnValue(false);
    parent = createActor(listener(() => firstServed(room))).start();
    room.emit('connectionStateChanged', 0);
    expect(seen).toEqual([]);
    connected.mockReturnValue(true);
    room.emit('connectionStateChanged', 1);
    room.emit('connectionStateChanged', 1);
    expect(seen).toEqual([`room.synced ${sid}`, 'participant.linked ada']);
    connected.mockRestore();
  });

  test('a room that is lost during a reconnect reports the tracks that are published later', () => {
    listen();
    room.join('ada');
    seen.length = 0;
    room.emit('reconnecting');
    publish('ada');
    room.emit('disconnected', 0);
    const later = publish('ada', TrackSource.SOURCE_SCREENSHARE);
    expect(seen).toEqual([
      'room.reconnecting',
      'room.disconnected',
      'participant.linked ada',
      `track.published ${later.sid}`,
    ]);
  });
});

describe('what is taken away', () => {
  test('pictures of a track that is muted or unpublished are withdrawn, and those of a participant who leaves', () => {
    listen();
    room.join('ada');
    const [first, second] = [publish('ada'), publish('ada')];
    expect(takenAway).toEqual([]);
    room.mute(first);
    expect(takenAway.splice(0)).toEqual([{ trackSid: first.sid }]);
    room.unmute(first);
    expect(takenAway).toEqual([]);
    room.unpublish(second);
    expect(takenAway.splice(0)).toEqual([{ trackSid: second.sid }]);
    room.leave('ada');
    expect(takenAway).toContainEqual({ identity: 'ada' });
  });

  test('pictures of a track that a reconnect removes for a moment stay', async () => {
    listen();
    const ada = room.join('ada');
    const publication = publish('ada');
    room.emit('reconnecting');
    room.emit('trackUnpublished', publication, ada);
    expect(seen.at(-1)).toBe(`track.unpublished ${publication.sid}`);
    expect(takenAway).toEqual([]);
    room.emit('reconnected');
    expect(takenAway).toEqual([]);
  });
});

describe('a video that is switched off', () => {
  /** Switches that keep a list of what they were asked for. */
  const watched = () => {
    const switches = new PublicationSwitches();
    const off = vi.spyOn(switches, 'off').mockReturnValue(true);
    const allOn = vi.spyOn(switches, 'allOn');
    const sids = () => off.mock.calls.map(([publication]) => (publication as { sid: string }).sid);
    return { switches, off, allOn, sids };
  };

  test('a participant whose video is off sends neither what is shared now nor what is shared later', async () => {
    const { switches, off, allOn, sids } = watched();
    listen({}, undefined, switches);
    room.join('ada');
    room.join('bob');
    const ada = publish('ada');
    publish('bob');
    await Promise.resolve();
    parent.send({ type: 'video.off', identity: 'ada' });
    expect(sids()).toEqual([ada.sid]);
    const later = publish('ada', TrackSource.SOURCE_SCREENSHARE);
    publish('bob', TrackSource.SOURCE_SCREENSHARE);
    await Promise.resolve();
    expect(new Set(sids())).toEqual(new Set([ada.sid, later.sid]));
    parent.send({ type: 'video.on' });
    expect(allOn).toHaveBeenCalledTimes(1);
    expect(allOn.mock.calls[0]?.[0]).toBe(off.mock.calls[0]?.[1]);
    off.mockClear();
    publish('ada');
    await Promise.resolve();
    expect(sids()).toEqual([]);
  });

  test('only the video of a participant is switched off, and nothing of one who left', async () => {
    const { switches, sids } = watched();
    listen({}, undefined, switches);
    room.join('ada');
    const microphone = { kind: 1, name: 'microphone' } as Track;
    room.publish('ada', microphone as never, TrackSource.SOURCE_MICROPHONE);
    await Promise.resolve();
    parent.send({ type: 'video.off', identity: 'ada' });
    parent.send({ type: 'video.off', identity: 'bob' });
    expect(sids()).toEqual([]);
  });

  test('the end of a source gives back its subscriptions and what it switched off', () => {
    const switches = new PublicationSwitches();
    const leave = vi.spyOn(switches, 'leave');
    listen({}, undefined, switches);
    parent.stop();
    expect(leave).toHaveBeenCalledTimes(1);
  });
});

test('a video track that names no source is reported once, unless it is an avatar', async () => {
  listen();
  room.join('ada');
  room.join('face', { attributes: { 'lk.publish_on_behalf': 'agent' } });
  publish('ada');
  const { sid } = publish('ada', TrackSource.SOURCE_UNKNOWN);
  publish('face', TrackSource.SOURCE_UNKNOWN);
  await room.reconnect();
  expect(unnamed).toEqual([sid]);
});

describe('a participant who speaks for another one', () => {
  test('a participant that publishes for another one is reported when that begins and ends', () => {
    listen();
    room.join('ada');
    room.join('avatar');
    const { sid } = publish('avatar');
    seen.length = 0;
    events.length = 0;
    room.setAttributes('avatar', { mood: 'calm' });
    expect(seen).toEqual([]);
    room.setAttributes('avatar', { 'lk.publish_on_behalf': 'agent' });
    expect(events).toEqual([
      { type: 'participant.represents', identity: 'avatar', onBehalfOf: 'agent' },
    ]);
    room.setAttributes('avatar', { 'lk.publish_on_behalf': '' });
    expect(seen.slice(1)).toEqual([`room.synced ${sid}`, 'participant.linked ada']);
  });

  test('a participant that publishes for another one is marked by its tracks, and is not served', () => {
    listen();
    room.join('avatar', { attributes: { 'lk.publish_on_behalf': 'agent' } });
    const { sid } = publish('avatar');
    expect(seen).toEqual(['room.synced', `track.published ${sid}`]);
    expect(events.at(-1)).toMatchObject({ track: { onBehalfOf: 'agent' } });
  });
});

describe('the participant that the agent serves', () => {
  test('the served participant is polled, since the room has no event for it', () => {
    let linked: string | null = null;
    listen({}, () => linked);
    linked = 'ada';
    vi.advanceTimersByTime(249);
    expect(seen).toEqual(['room.synced']);
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual(['room.synced', 'participant.linked ada']);
  });

  test('another participant is reported at once to a turn that asks, until the actor stops', () => {
    let linked: string | null = null;
    listen({}, () => linked);
    linked = 'ada';
    for (const check of linkChecks) check();
    expect(seen).toEqual(['room.synced', 'participant.linked ada']);
    parent.stop();
    expect(linkChecks.size).toBe(0);
  });

  test('an agent is not served unless it is requested by name', () => {
    listen();
    room.join('helper', { kind: ParticipantKind.AGENT });
    expect(seen).toEqual(['room.synced']);
    expect(firstServed(room, 'helper')).toBe('helper');
    expect(firstServed(room, 'ada')).toBeNull();
    room.join('phone', { kind: ParticipantKind.SIP });
    expect(seen.at(-1)).toBe('participant.linked phone');
  });
});

describe('a subscription', () => {
  test('the end of a subscription by another source is reported', async () => {
    const switches = new PublicationSwitches();
    listen({ autoSubscribe: false }, undefined, switches);
    room.join('ada');
    const { sid } = publish('ada');
    const other = Symbol('another source');
    const publication = room.remoteParticipants.get('ada')?.trackPublications.get(sid);
    if (!publication) throw new Error('it is not published');
    switches.subscribe(publication, other);
    await Promise.resolve();
    seen.length = 0;
    switches.leave(other);
    await Promise.resolve();
    expect(seen).toEqual([`track.published ${sid}`]);
    expect(events.at(-1)).toMatchObject({ track: { subscribed: false } });
  });

  test('a subscription stays while another source needs it', async () => {
    const switches = new PublicationSwitches();
    listen({ autoSubscribe: false }, undefined, switches);
    room.join('ada');
    const { sid } = publish('ada');
    const other = Symbol('another source');
    const publication = room.remoteParticipants.get('ada')?.trackPublications.get(sid);
    if (!publication) throw new Error('it is not published');
    parent.send({ type: 'subscription.wanted', sid });
    switches.subscribe(publication, other);
    await Promise.resolve();
    seen.length = 0;
    switches.leave(other);
    await Promise.resolve();
    expect(seen).toEqual([]);
    expect(publication.subscribed).toBe(true);
  });

  test('a subscription can be requested and released', async () => {
    listen({ autoSubscribe: false });
    room.join('ada');
    const { sid } = publish('ada');
    seen.length = 0;
    parent.send({ type: 'subscription.wanted', sid });
    await Promise.resolve();
    parent.send({ type: 'subscription.released', sid });
    await Promise.resolve();
    expect(seen).toEqual([`track.subscribed ${sid}`, `track.unsubscribed ${sid}`]);
  });

  test('a request for a track that is gone is ignored', () => {
    listen();
    parent.send({ type: 'subscription.wanted', sid: 'TR_gone' });
    expect(parent.getSnapshot().status).toBe('active');
  });
});

test('audio tracks are not reported', async () => {
  listen();
  room.join('ada');
  seen.length = 0;
  const microphone = { kind: 1, name: 'microphone' } as Track;
  const audio = room.publish('ada', microphone as never, TrackSource.SOURCE_MICROPHONE);
  await Promise.resolve();
  room.mute(audio);
  room.unmute(audio);
  room.unpublish(audio);
  expect(seen).toEqual([]);
});

test('the listener leaves nothing after its end', () => {
  listen();
  expect(room.eventNames()).not.toEqual([]);
  expect(vi.getTimerCount()).toBe(1);
  parent.stop();
  expect(room.eventNames()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
