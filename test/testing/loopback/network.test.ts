import type { LocalTrack } from '@livekit/rtc-node';
import { ParticipantKind, TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  isTrackMuted,
  onTrackMuted,
  setTrackMuted,
} from '../../../src/testing/camera/track-mute.ts';
import { LATENCY } from '../../../src/testing/loopback/latency.ts';
import type { Endpoint, Member, Observer } from '../../../src/testing/loopback/member.ts';
import { LoopbackNetwork } from '../../../src/testing/loopback/network.ts';
import { until } from '../../../src/testing/waits.ts';
import { keepBusy } from '../../support/busy.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A network with these members, and what each of them heard. */
function networkOf(...identities: string[]) {
  const network = new LoopbackNetwork();
  const news: string[] = [];
  const add = (identity: string): Member => {
    const hear = (what: string) => news.push(`${identity}: ${what}`);
    const observer: Observer = {
      onJoined: (other) => hear(`joined ${other.identity}`),
      onLeft: (other) => hear(`left ${other.identity}`),
      onPublished: ({ sid }) => hear(`published ${sid}`),
      onUnpublished: ({ sid }) => hear(`unpublished ${sid}`),
      onMuted: ({ sid, muted }) => hear(`${muted ? 'muted' : 'unmuted'} ${sid}`),
      onAttributes: (other, changed) => hear(`${other.identity} ${JSON.stringify(changed)}`),
      onSpeakers: (members) => hear(`speakers ${members.map((one) => one.identity)}`),
      onData: () => {},
      onRemoved: () => {},
    };
    const member: Member = {
      ...{ sid: network.nextSid('PA'), identity, kind: ParticipantKind.STANDARD, attributes: {} },
      ...{ tracks: new Set(), isAlive: true, endpoint: { observer } as Endpoint },
    };
    network.add(member);
    return member;
  };
  const members = identities.map(add);
  const take = () => news.splice(0);
  return { network, members, add, take };
}

const feedOf = (events: string[]) =>
  ({ cut: () => events.push('cut'), close: async () => events.push('closed') }) as never;

function publish(
  network: LoopbackNetwork,
  owner: Member,
  sid: string,
  media: object = {},
  feed?: never,
) {
  const source = TrackSource.SOURCE_CAMERA;
  const onSubscribed = () => {};
  return network.publish(owner, { sid, media: media as LocalTrack, source, feed, onSubscribed });
}

describe('the members of a loopback network', () => {
  test('only the others hear of a member, and only those that are alive', () => {
    const { network, members, take } = networkOf('a', 'b', 'c', 'd');
    const [a, b, c] = members as [Member, Member, Member];
    b.isAlive = false;
    c.endpoint = undefined;
    network.announce(a);
    expect(take()).toEqual(['d: joined a']);
  });

  test('a member leaves once, after its tracks', () => {
    const { network, members, take } = networkOf('a', 'b');
    const [a] = members as [Member];
    publish(network, a, 'TR_1');
    publish(network, a, 'TR_2');
    take();
    network.remove(a);
    network.remove(a);
    expect(take()).toEqual(['b: unpublished TR_1', 'b: unpublished TR_2', 'b: left a']);
    expect([...network.members.keys()]).toEqual(['b']);
  });

  test('a member that was replaced by another of its identity leaves no more', () => {
    const { network, members, add, take } = networkOf('a', 'b');
    const [first] = members as [Member];
    const second = add('a');
    network.remove(first);
    network.announce(first);
    expect(take()).toEqual([]);
    expect(network.members.get('a')).toBe(second);
  });

  test('no two participants or tracks have the same name', () => {
    const network = new LoopbackNetwork();
    expect([network.nextSid('PA'), network.nextSid('TR')]).toEqual([
      'PA_loopback_1',
      'TR_loopback_2',
    ]);
  });

  test('attributes are merged, an empty one is removed, and all hear of it, its owner too', () => {
    const { network, members, take } = networkOf('a', 'b');
    const [a] = members as [Member];
    network.setAttributes(a, { x: '1', y: '2' });
    network.setAttributes(a, { x: '', z: '3' });
    expect(a.attributes).toEqual({ y: '2', z: '3' });
    expect(take().slice(2)).toEqual(['a: a {"x":"","z":"3"}', 'b: a {"x":"","z":"3"}']);
    network.setSpeakers([a]);
    expect(take()).toEqual(['a: speakers a', 'b: speakers a']);
  });
});

describe('the tracks of a loopback network', () => {
  test('a track is published and unpublished once, and its feed is closed', () => {
    const { network, members, take } = networkOf('a', 'b');
    const [a] = members as [Member];
    const events: string[] = [];
    const track = publish(network, a, 'TR_1', {}, feedOf(events));
    expect([...a.tracks]).toEqual([track]);
    network.unpublish(track);
    network.unpublish(track);
    expect(take()).toEqual(['b: published TR_1', 'b: unpublished TR_1']);
    expect([a.tracks.size, events]).toEqual([0, ['closed']]);
  });

  test('a mute by the owner is reported once, until the track is unpublished', () => {
    const { network, members, take } = networkOf('a', 'b');
    const [a] = members as [Member];
    const media = {};
    setTrackMuted(media, true);
    const track = publish(network, a, 'TR_1', media);
    expect(track.muted).toBe(true);
    take();
    network.setMuted(track, true);
    setTrackMuted(media, false);
    setTrackMuted(media, false);
    network.setMuted(track, true);
    expect(take()).toEqual(['b: unmuted TR_1', 'b: muted TR_1']);
    network.unpublish(track);
    take();
    setTrackMuted(media, false);
    network.setMuted(track, false);
    expect([take(), track.muted]).toEqual([[], true]);
  });

  test('the owner of a track mutes it for each room, until the room no longer listens', () => {
    const track = {};
    const heard: boolean[] = [];
    expect(isTrackMuted(track)).toBe(false);
    const forget = onTrackMuted(track, (muted) => heard.push(muted));
    setTrackMuted(track, true);
    expect([isTrackMuted(track), isTrackMuted({})]).toEqual([true, false]);
    setTrackMuted(track, false);
    forget();
    setTrackMuted(track, true);
    expect(heard).toEqual([true, false]);
  });
});

describe('the packets of a loopback network', () => {
  const arrivals = (network: LoopbackNetwork) => {
    const arrived: string[] = [];
    for (const { identity, endpoint } of network.members.values())
      if (endpoint) Object.assign(endpoint, { identity });
    const arrive = (what: string) => (endpoint: Endpoint) =>
      void arrived.push(`${what} ${Reflect.get(endpoint, 'identity')}`);
    return { arrived, arrive };
  };

  test('a packet arrives after its latency, and packets keep their order', () => {
    const { network, members } = networkOf('a', 'b');
    const [a] = members as [Member];
    const { arrived, arrive } = arrivals(network);
    network.send(a, 'b', arrive('1'));
    network.send(a, 'b', arrive('2'));
    network.send(a, 'b', arrive('slow'), LATENCY.chunkMs);
    vi.advanceTimersByTime(LATENCY.dataMs - 1);
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(arrived).toEqual(['1 b', '2 b']);
    vi.advanceTimersByTime(LATENCY.chunkMs);
    expect(arrived).toEqual(['1 b', '2 b', 'slow b']);
  });

  test('a packet that is due first arrives first, although the machine was busy meanwhile', async () => {
    vi.useRealTimers();
    const { network, members } = networkOf('a', 'b');
    const [a] = members as [Member];
    const { arrived, arrive } = arrivals(network);
    // Node.js fires the timers of this duration first, because one of them is due first.
    setTimeout(() => {}, LATENCY.chunkMs);
    keepBusy(LATENCY.chunkMs - LATENCY.dataMs);
    await new Promise((resolve) => setImmediate(resolve));
    network.send(a, 'b', arrive('head'));
    network.send(a, 'b', arrive('chunk'), LATENCY.chunkMs);
    keepBusy(10 * LATENCY.chunkMs);
    await until('the chunk', () => arrived.includes('chunk b'));
    expect(arrived).toEqual(['head b', 'chunk b']);
  });

  test('a packet to some, to all, or to the sender itself', () => {
    const { network, members } = networkOf('a', 'b', 'c');
    const [a] = members as [Member];
    const { arrived, arrive } = arrivals(network);
    network.sendAll(a, ['c'], arrive('some'));
    network.sendAll(a, [], arrive('all'));
    network.sendAll(a, undefined, arrive('each'));
    network.send(a, 'a', arrive('own'));
    vi.runAllTimers();
    expect(arrived).toEqual(['some c', 'all b', 'all c', 'each b', 'each c']);
  });

  test('a packet is lost if its sender is dead, or its receiver is dead or has left', () => {
    const { network, members } = networkOf('a', 'b', 'c');
    const [a, b, c] = members as [Member, Member, Member];
    const { arrived, arrive } = arrivals(network);
    network.send(a, 'b', arrive('to the dead'));
    network.send(a, 'c', arrive('to one that left'));
    b.isAlive = false;
    network.remove(c);
    network.send(b, 'a', arrive('from the dead'));
    vi.runAllTimers();
    expect(arrived).toEqual([]);
  });

  test('a process that died sends nothing more, and is removed when the server notices', () => {
    const { network, members, take } = networkOf('a', 'b');
    const [a] = members as [Member];
    const events: string[] = [];
    publish(network, a, 'TR_1', {}, feedOf(events));
    take();
    network.kill(a, 5000);
    expect([a.isAlive, events]).toEqual([false, ['cut']]);
    vi.advanceTimersByTime(4999);
    expect(take()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(take()).toEqual(['b: unpublished TR_1', 'b: left a']);
  });
});

test('the server answers a member of the room, and no other', async () => {
  vi.useRealTimers();
  const { network, members } = networkOf('a', 'b', 'c');
  const [a, b, c] = members as [Member, Member, Member];
  b.isAlive = false;
  network.remove(c);
  await network.answered(a);
  await expect(network.answered(b)).rejects.toThrow('the room is disconnected');
  await expect(network.answered(c)).rejects.toThrow('the room is disconnected');
});
