import { TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestCamera } from '../../../src/testing/camera/test-camera.ts';
import type { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { deferred, settled } from '../../../src/testing/simulated-clock.ts';
import { LoopbackStoryRoom } from '../../../src/testing/story/loopback-story-room.ts';
import { People } from '../../../src/testing/story/people.ts';
import type { StoryStage } from '../../../src/testing/story/stage.ts';
import type { Person } from '../../../src/testing/story/steps.ts';
import { World } from '../../../src/testing/story/world.ts';

let room: LoopbackRoom;
let world: World;
let people: People;
/** The cameras that were closed. */
let closed: unknown[];

beforeEach(() => {
  closed = [];
  // A step waits for its picture up to a time of the clock, which stands still here.
  vi.useFakeTimers({ toFake: ['Date'] });
  const close = TestCamera.prototype.close;
  vi.spyOn(TestCamera.prototype, 'close').mockImplementation(async function (this: TestCamera) {
    closed.push(this);
    await close.call(this);
  });
  const storyRoom = new LoopbackStoryRoom([]);
  room = storyRoom.place;
  world = new World(false);
  const join = async (who: Person) => void storyRoom.join(who);
  const stage = { room: storyRoom, join, isMasked: false };
  people = new People(stage as unknown as StoryStage, world);
});
afterEach(async () => {
  await people.close();
  await room.disconnect();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The tracks that this person publishes. */
const published = (who: Person) => [
  ...(room.remoteParticipants.get(who)?.trackPublications.values() ?? []),
];
const levels = () => world.showings.map(({ level }) => level);

test('a share is published under its source, and a reader has its picture before the step ends', async () => {
  await people.join('user');
  await people.share('user', 'camera');
  await people.share('user', 'screen');
  expect(published('user').map(({ source }) => source)).toEqual([
    TrackSource.SOURCE_CAMERA,
    TrackSource.SOURCE_SCREENSHARE,
  ]);
  expect(world.showings.map(({ seenAt = 0 }) => seenAt > 0)).toEqual([true, true]);
  await people.show('user', 'camera');
  expect(new Set(levels()).size).toBe(3);
  expect(world.find('user', 'camera')?.current?.seenAt).toBeGreaterThan(0);
});

test('what is no longer shared is unpublished, and its camera is closed', async () => {
  await people.join('user');
  await people.share('user', 'camera');
  await people.unshare('user', 'camera');
  expect(published('user')).toEqual([]);
  expect(closed).toHaveLength(1);
  expect(world.shares).toEqual([]);
  await expect(people.show('user', 'camera')).rejects.toThrow('user does not share the camera');
  await people.share('user', 'camera');
  expect(published('user')).toHaveLength(1);
});

test('a muted camera is muted for the room, and shows another picture when it is back', async () => {
  await people.join('user');
  await people.share('user', 'camera');
  people.mute('user', 'camera');
  expect(published('user').map(({ muted }) => muted)).toEqual([true]);
  expect(world.find('user', 'camera')?.isMuted).toBe(true);
  await people.unmute('user', 'camera');
  expect(published('user').map(({ muted }) => muted)).toEqual([false]);
  expect(world.find('user', 'camera')).toMatchObject({ isMuted: false });
  expect(new Set(levels()).size).toBe(2);
  expect(world.find('user', 'camera')?.current?.seenAt).toBeGreaterThan(0);
});

test('a person who leaves takes only their own devices, and the rest show new pictures', async () => {
  for (const who of ['user', 'guest'] as const) {
    await people.join(who);
    await people.share(who, 'camera');
  }
  const before = world.find('guest', 'camera')?.current?.level;
  await people.leave('user');
  expect([...room.remoteParticipants.keys()]).toEqual(['guest']);
  expect(closed).toHaveLength(1);
  // The guest is served now.
  expect(world.find('guest', 'camera')?.current?.level).not.toBe(before);
  expect(published('guest')).toHaveLength(1);
  await people.unshare('guest', 'camera');
  expect(published('guest')).toEqual([]);
});

test('a person who joins again shares the same devices, turned as before', async () => {
  await people.join('user');
  await people.share('user', 'camera');
  await people.turnPhone('user');
  expect(world.find('user', 'camera')?.current?.isUpright).toBe(false);
  const [first] = published('user');
  const track = first?.track;
  expect(track).toBeDefined();
  await people.rejoin('user');
  expect(closed).toEqual([]);
  expect(published('user').map((one) => one.track)).toEqual([track]);
  expect(published('user')[0]).not.toBe(first);
  expect(world.find('user', 'camera')?.current?.isUpright).toBe(false);
  await people.turnPhone('user');
  expect(world.find('user', 'camera')?.current?.isUpright).toBe(true);
});

test('after a full reconnect, what was shared and muted still is, by new publications', async () => {
  await people.join('user');
  for (const what of ['camera', 'screen'] as const) await people.share('user', what);
  people.mute('user', 'screen');
  const before = published('user');
  await people.reconnectFully();
  expect(published('user')).toHaveLength(2);
  for (const publication of published('user')) expect(before).not.toContain(publication);
  expect(world.find('user', 'screen')?.isMuted).toBe(true);
  expect(world.find('user', 'camera')?.isMuted).toBe(false);
  // The steps reach the new publications.
  await people.unshare('user', 'camera');
  expect(published('user')).toHaveLength(1);
  await people.unmute('user', 'screen');
  expect(published('user').map(({ muted }) => muted)).toEqual([false]);
});

test('the end of a story closes each camera once', async () => {
  await people.join('user');
  for (const what of ['camera', 'screen'] as const) await people.share('user', what);
  await people.close();
  expect(new Set(closed).size).toBe(2);
});

describe('people whose news reach the agent later', () => {
  /** A room over a network; its operations end when `arrive` is called. */
  function overNetwork() {
    const open: { name: string; news: ReturnType<typeof deferred<void>> }[] = [];
    const operation = (name: string) => () => {
      const news = deferred<void>();
      open.push({ name, news });
      return news.promise;
    };
    const slowRoom = {
      ...{ hasDelay: true, hasOwnRooms: true },
      publish: operation('publish'),
      unpublish: operation('unpublish'),
      setMuted: operation('setMuted'),
      leave: operation('leave'),
      reconnect: operation('reconnect'),
    };
    const stage = { room: slowRoom, join: async () => {}, isMasked: false };
    const slow = new People(stage as unknown as StoryStage, world);
    const arrive = async (name: string) => {
      const [first] = open.splice(0);
      expect(first?.name).toBe(name);
      first?.news.resolve();
    };
    return { slow, arrive };
  }
  const isUncertain = () => world.watched.at(-1)?.isUncertain === true;

  test('what is taken away may be seen until its news has arrived, and not after that', async () => {
    const { slow, arrive } = overNetwork();
    await slow.join('user');
    const shared = slow.share('user', 'camera');
    await arrive('publish');
    const showing = world.find('user', 'camera')?.current;
    if (showing) showing.seenAt = Date.now();
    await shared;
    const muted = slow.mute('user', 'camera');
    expect([isUncertain(), showing?.taken]).toEqual([true, undefined]);
    await arrive('setMuted');
    await muted;
    expect([isUncertain(), showing?.taken?.by]).toEqual([false, 'mute']);
    const unshared = slow.unshare('user', 'camera');
    expect(world.shares).toHaveLength(1);
    await arrive('unpublish');
    await unshared;
    expect(world.shares).toEqual([]);
    const left = slow.leave('user');
    expect(world.people).toEqual(['user']);
    await arrive('leave');
    await left;
    expect(world.people).toEqual([]);
  });

  test('a full reconnect takes nothing away, and new pictures follow it', async () => {
    const { slow, arrive } = overNetwork();
    await slow.join('user');
    const shared = slow.share('user', 'camera');
    await arrive('publish');
    const first = world.find('user', 'camera')?.current;
    if (first) first.seenAt = Date.now();
    await shared;
    const reconnected = slow.reconnectFully();
    expect(isUncertain()).toBe(true);
    await arrive('reconnect');
    while (!first?.next) await settled();
    first.next.seenAt = Date.now();
    await reconnected;
    expect([isUncertain(), first.taken]).toEqual([false, undefined]);
    await slow.close();
  });
});
