import { TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestCamera } from '../../../src/testing/camera/test-camera.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
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
  room = new LoopbackRoom();
  world = new World(false);
  const join = async (who: Person) => void room.join(who);
  people = new People({ room, join, isMasked: false } as unknown as StoryStage, world);
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
