import {
  ConnectionState,
  DisconnectReason,
  ParticipantKind,
  TrackKind,
  TrackSource,
  VideoStream,
} from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { LoopbackRoom, type LoopbackRoomOptions } from '../../src/testing/loopback-room.ts';

let camera: SyntheticCamera;

beforeEach(async () => {
  camera = new SyntheticCamera({
    name: 'cam',
    source: 'camera',
    width: 320,
    height: 180,
    fps: 20,
    text: 'YAK 7',
  });
  await camera.start();
});
afterEach(() => camera.stop());

/** A room and the names of its events, each with its identity or sid. */
function room(options: LoopbackRoomOptions = {}) {
  const made = new LoopbackRoom(options);
  const seen: string[] = [];
  made.on('participantConnected', ({ identity }) => seen.push(`connected ${identity}`));
  made.on('participantDisconnected', ({ identity }) => {
    seen.push(`disconnected ${identity}${made.remoteParticipants.has(identity) ? ' present' : ''}`);
  });
  made.on('trackPublished', ({ sid }) => seen.push(`published ${sid}`));
  made.on('trackUnpublished', ({ sid }) => seen.push(`unpublished ${sid}`));
  made.on('trackSubscribed', (_, { sid }) => seen.push(`subscribed ${sid}`));
  made.on('trackUnsubscribed', (_, { sid }) => seen.push(`unsubscribed ${sid}`));
  made.on('trackMuted', ({ sid }) => seen.push(`muted ${sid}`));
  made.on('trackUnmuted', ({ sid }) => seen.push(`unmuted ${sid}`));
  made.on('reconnecting', () => seen.push('reconnecting'));
  made.on('reconnected', () => seen.push('reconnected'));
  made.on('disconnected', (reason) => seen.push(`left ${DisconnectReason[reason]}`));
  return { made, seen };
}

const microtask = () => Promise.resolve();

describe('LoopbackRoom', () => {
  test('LoopbackRoom subscribes after publishing, with all fields of the publication', async () => {
    const { made, seen } = room();
    made.join('ada', { attributes: { role: 'user' } });
    const publication = made.publish('ada', camera.track, camera.trackSource);
    expect(seen).toEqual(['connected ada', `published ${publication.sid}`]);
    expect(publication.track).toBeUndefined();
    await microtask();
    expect(seen.at(-1)).toBe(`subscribed ${publication.sid}`);
    expect(publication).toMatchObject({
      kind: TrackKind.KIND_VIDEO,
      source: TrackSource.SOURCE_CAMERA,
      muted: false,
      subscribed: true,
      track: camera.track,
    });
    const ada = made.remoteParticipants.get('ada');
    expect(ada?.kind).toBe(ParticipantKind.STANDARD);
    expect(ada?.trackPublications.get(publication.sid)).toBe(publication);
  });

  test('a subscribed track of LoopbackRoom has the frames of the camera', async () => {
    const { made } = room();
    made.join('ada');
    const publication = made.publish('ada', camera.track, camera.trackSource);
    await microtask();
    const reader = new VideoStream(
      publication.track as ConstructorParameters<typeof VideoStream>[0],
    ).getReader();
    expect((await reader.read()).value?.frame.width).toBe(320);
    await reader.cancel();
  });

  test('LoopbackRoom without autoSubscribe subscribes on request only', async () => {
    const { made, seen } = room({ autoSubscribe: false });
    made.join('ada');
    const publication = made.publish('ada', camera.track, camera.trackSource);
    await microtask();
    expect(publication.subscribed).toBe(false);
    publication.setSubscribed(true);
    await microtask();
    publication.setSubscribed(false);
    await microtask();
    const { sid } = publication;
    expect(seen.slice(2)).toEqual([`subscribed ${sid}`, `unsubscribed ${sid}`]);
    expect(publication.track).toBeUndefined();
  });

  test('LoopbackRoom ends tracks before their participant leaves', async () => {
    const { made, seen } = room();
    made.join('ada');
    const { sid } = made.publish('ada', camera.track, camera.trackSource);
    await microtask();
    made.leave('ada');
    expect(seen.slice(3)).toEqual([
      `unsubscribed ${sid}`,
      `unpublished ${sid}`,
      'disconnected ada',
    ]);
    const again = made.join('ada');
    expect(again.trackPublications.size).toBe(0);
  });

  test('LoopbackRoom never subscribes to a track that is unpublished at once', async () => {
    const { made, seen } = room();
    made.join('ada');
    const publication = made.publish('ada', camera.track, camera.trackSource);
    made.unpublish(publication);
    made.unpublish(publication);
    await microtask();
    const { sid } = publication;
    expect(seen.slice(1)).toEqual([`published ${sid}`, `unpublished ${sid}`]);
  });

  test('LoopbackRoom mutes and unmutes once each', () => {
    const { made, seen } = room();
    made.join('ada');
    const publication = made.publish('ada', camera.track, camera.trackSource);
    made.mute(publication);
    made.mute(publication);
    expect(publication.muted).toBe(true);
    made.unmute(publication);
    expect(seen.slice(2)).toEqual([`muted ${publication.sid}`, `unmuted ${publication.sid}`]);
  });

  test('a resume of LoopbackRoom keeps everything', async () => {
    const { made, seen } = room();
    const states: ConnectionState[] = [];
    made.on('connectionStateChanged', (state) => states.push(state));
    made.join('ada');
    const publication = made.publish('ada', camera.track, camera.trackSource);
    await microtask();
    seen.length = 0;
    await made.reconnect();
    expect(seen).toEqual(['reconnecting', 'reconnected']);
    expect(publication.subscribed).toBe(true);
    const { CONN_RECONNECTING, CONN_CONNECTED } = ConnectionState;
    expect(states).toEqual([CONN_RECONNECTING, CONN_CONNECTED]);
  });

  test('LoopbackRoom that is left during a reconnect stays left', async () => {
    const { made, seen } = room();
    made.join('ada');
    made.on('reconnecting', () => void made.disconnect(DisconnectReason.ROOM_DELETED));
    await made.reconnect('full');
    expect(seen.slice(-2)).toEqual(['reconnecting', 'left ROOM_DELETED']);
    expect(made.connectionState).toBe(ConnectionState.CONN_DISCONNECTED);
  });

  test('LoopbackRoom belongs to an agent, and reports a death after 20 seconds', () => {
    const { made } = room();
    const { identity, kind } = made.localParticipant;
    expect([identity, kind]).toEqual(['agent', ParticipantKind.AGENT]);
    made.join('ada');
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      made.kill('ada');
      vi.advanceTimersByTime(19_999);
      expect(made.remoteParticipants.has('ada')).toBe(true);
      vi.advanceTimersByTime(1);
      expect(made.remoteParticipants.has('ada')).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a full reconnect of LoopbackRoom replaces all participants by new objects, muted as before', async () => {
    const { made, seen } = room();
    const before = made.join('ada', { attributes: { role: 'user' } });
    const old = made.publish('ada', camera.track, camera.trackSource);
    made.mute(old);
    await microtask();
    seen.length = 0;
    await made.reconnect('full');
    const after = made.remoteParticipants.get('ada');
    const [publication] = after?.trackPublications.values() ?? [];
    expect(after).not.toBe(before);
    expect(after?.attributes).toEqual({ role: 'user' });
    expect(publication?.muted).toBe(true);
    expect(seen).toEqual([
      `unsubscribed ${old.sid}`,
      `unpublished ${old.sid}`,
      'disconnected ada',
      'reconnecting',
      'connected ada',
      `published ${publication?.sid}`,
      'reconnected',
      `subscribed ${publication?.sid}`,
    ]);
  });

  test('LoopbackRoom merges attributes, and an empty value deletes one', () => {
    const { made } = room();
    const changes: Record<string, string>[] = [];
    made.on('participantAttributesChanged', (changed) => changes.push(changed));
    const ada = made.join('ada', { attributes: { role: 'user', mood: 'calm' } });
    made.setAttributes('ada', { mood: '', 'lk.publish_on_behalf': 'agent' });
    expect(ada.attributes).toEqual({ role: 'user', 'lk.publish_on_behalf': 'agent' });
    expect(changes).toEqual([{ mood: '', 'lk.publish_on_behalf': 'agent' }]);
  });

  test('LoopbackRoom reports the active speakers', () => {
    const { made } = room();
    const speakers: string[][] = [];
    made.on('activeSpeakersChanged', (now) => speakers.push(now.map(({ identity }) => identity)));
    made.join('ada');
    made.speaking('ada', made.localParticipant.identity);
    made.speaking();
    expect(speakers).toEqual([['ada', 'agent'], []]);
  });

  test('LoopbackRoom leaves once, and keeps its listeners only if the server ended it', async () => {
    const own = room();
    await own.made.disconnect();
    await own.made.disconnect();
    expect(own.seen).toEqual(['left CLIENT_INITIATED']);
    expect(own.made.isConnected).toBe(false);
    expect(own.made.eventNames()).toEqual([]);
    const removed = room();
    await removed.made.disconnect(DisconnectReason.ROOM_DELETED);
    expect(removed.seen).toEqual(['left ROOM_DELETED']);
    expect(removed.made.eventNames()).not.toEqual([]);
  });

  test('LoopbackRoom refuses a second join with one identity, and a publication of a stranger', () => {
    const { made } = room();
    made.join('ada');
    expect(() => made.join('ada')).toThrow('ada is already in the room');
    expect(() => made.publish('eve', camera.track, camera.trackSource)).toThrow(
      'eve is not in the room',
    );
  });
});
