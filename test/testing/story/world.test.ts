import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Share, World } from '../../../src/testing/story/world.ts';

const T0 = 1_000_000;
const at = (ms: number) => vi.setSystemTime(T0 + ms);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  at(0);
});
afterEach(() => vi.useRealTimers());

/** The watched shares in order, with their times. */
const watched = ({ watched: all }: World) =>
  all.map(({ at: from, share, isUncertain }) => {
    const name = share ? `${share.who} ${share.what}` : 'nothing';
    return `${from - T0} ${name}${isUncertain ? '?' : ''}`;
  });

function joined(hasLink = false) {
  const world = new World(hasLink);
  world.join('user');
  world.start();
  return world;
}

const taken = ({ showings }: World, share: Share) =>
  showings.filter((one) => one.share === share).map((one) => one.taken?.by);

describe('a change that is on its way to the agent', () => {
  test('it is uncertain what is watched until the next change, or until nothing has changed', () => {
    const world = joined();
    const camera = world.share('user', 'camera');
    at(10);
    world.unsettle();
    at(20);
    world.mute(camera);
    at(30);
    world.unsettle();
    at(40);
    world.settle();
    expect(watched(world)).toEqual([
      '0 user camera',
      '10 user camera?',
      '20 nothing',
      '30 nothing?',
      '40 nothing',
    ]);
    expect(taken(world, camera)).toEqual(['mute']);
  });
});

describe('the person whom the agent of a story serves', () => {
  test('without a link, the agent serves the first one of those in the room', () => {
    const world = joined();
    world.join('guest');
    expect(world.served).toBe('user');
    world.leave('user');
    expect(world.served).toBe('guest');
    world.join('user');
    expect(world.served).toBe('guest');
  });

  test('with a link, the agent serves no other person while the linked person is away', () => {
    const world = joined(true);
    world.join('guest');
    world.leave('user');
    expect(world.served).toBeUndefined();
    world.join('user');
    expect(world.served).toBe('user');
  });

  test('the first person is linked when the agent starts, or at the join after that', () => {
    const world = new World(true);
    world.join('guest');
    world.join('user');
    world.leave('guest');
    world.start();
    world.leave('user');
    world.join('guest');
    expect(world.served).toBeUndefined();
    const empty = new World(true);
    empty.start();
    empty.join('guest');
    empty.join('user');
    empty.leave('guest');
    expect(empty.served).toBeUndefined();
  });
});

describe('the source that the agent of a story watches', () => {
  test('the newest source of the served person that is not muted is watched', () => {
    const world = joined();
    world.join('guest');
    at(1);
    const camera = world.share('user', 'camera');
    at(2);
    const screen = world.share('user', 'screen');
    at(3);
    world.share('guest', 'camera');
    at(4);
    world.mute(screen);
    at(5);
    world.unmute(screen);
    at(6);
    world.unshare(screen);
    at(7);
    world.unshare(camera);
    at(8);
    world.leave('user');
    expect(watched(world)).toEqual([
      '1 user camera',
      '2 user screen',
      '4 user camera',
      '5 user screen',
      '6 user camera',
      '7 nothing',
      '8 guest camera',
    ]);
  });

  test('a pinned source is watched, and no other one in its place', () => {
    const world = joined();
    world.share('user', 'camera');
    const screen = world.share('user', 'screen');
    at(1);
    world.pin('camera');
    at(2);
    world.pin('screen');
    at(3);
    world.unshare(screen);
    at(4);
    world.pin(null);
    expect(watched(world).slice(-4)).toEqual([
      '1 user camera',
      '2 user screen',
      '3 nothing',
      '4 user camera',
    ]);
  });

  test('nothing is watched while the video is off, and after the end', () => {
    const world = joined();
    world.share('user', 'camera');
    at(1);
    world.setMode('off');
    at(2);
    world.setMode('onDemand');
    expect(world.mode).toBe('onDemand');
    at(3);
    world.end();
    at(4);
    world.share('user', 'screen');
    expect(watched(world).slice(-3)).toEqual(['1 nothing', '2 user camera', '3 nothing']);
  });

  test('a switch by the user is uncertain until the answer, and takes no picture before it', () => {
    const world = joined();
    const camera = world.share('user', 'camera');
    at(1);
    world.requestMode('off');
    expect(world.mode).toBe('sampled');
    expect(taken(world, camera)).toEqual([undefined]);
    at(2);
    world.setMode('off');
    expect(taken(world, camera)).toEqual(['off']);
    at(3);
    world.requestMode('sampled');
    expect(world.mode).toBe('sampled');
    at(4);
    world.setMode('sampled');
    expect(watched(world)).toEqual([
      '0 user camera',
      '1 user camera?',
      '2 nothing',
      '3 user camera',
      '3 user camera?',
      '4 user camera',
    ]);
  });

  test('a withdrawal is uncertain until its change is made', () => {
    const world = joined();
    world.share('user', 'camera');
    at(1);
    world.withdraw(() => {
      expect(watched(world).at(-1)).toBe('1 user camera?');
      at(2);
    });
    expect(watched(world).slice(-2)).toEqual(['1 user camera?', '2 user camera']);
  });
});

describe('the pictures of a story', () => {
  test('a mute, an unshare, an off and a leave take all pictures of the source so far', () => {
    const ends = {
      mute: (world: World, share: Share) => world.mute(share),
      unshare: (world: World, share: Share) => world.unshare(share),
      off: (world: World) => world.setMode('off'),
      leave: (world: World) => world.leave('user'),
    };
    for (const [by, end] of Object.entries(ends)) {
      const world = joined();
      world.join('guest');
      const other = world.share('guest', 'camera');
      const share = world.share('user', 'camera');
      world.show(share);
      world.show(share);
      end(world, share);
      expect(taken(world, share)).toEqual([by, by, by]);
      expect(taken(world, other)).toEqual([by === 'off' ? by : undefined]);
    }
  });

  test('a picture keeps the time and the reason of its first taking', () => {
    const world = joined();
    const share = world.share('user', 'camera');
    at(5);
    world.mute(share);
    at(6);
    world.setMode('off');
    expect(share.current?.taken).toEqual({ at: T0 + 5, by: 'mute' });
  });

  test('a source that is shared again has only its new pictures', () => {
    const world = joined();
    world.unshare(world.share('user', 'camera'));
    const again = world.share('user', 'camera');
    const screen = world.share('user', 'screen');
    const other = world.share('guest', 'camera');
    expect(world.find('user', 'camera')).toBe(again);
    expect(world.find('user', 'screen')).toBe(screen);
    expect(world.find('guest', 'screen')).toBeUndefined();
    expect(world.find('guest', 'camera')).toBe(other);
    expect(world.sharesOf('user')).toEqual([again, screen]);
    world.setMode('onDemand');
    expect(taken(world, again)).toEqual([undefined]);
  });

  test('pictures follow each other, and keep the side that is up', () => {
    const world = joined();
    const share = world.share('user', 'camera', false);
    const first = share.current;
    at(3);
    const second = world.show(share);
    const third = world.show(share, true);
    expect(first?.next).toBe(second);
    expect(second.next).toBe(third);
    expect([first, second, third].map((one) => one?.isUpright)).toEqual([false, false, true]);
    expect([first?.from, second.from]).toEqual([T0, T0 + 3]);
    expect(share.current).toBe(third);
  });

  test('a picture has the level that was used longest ago, and no two sources the same', () => {
    const world = joined();
    const camera = world.share('user', 'camera');
    const screen = world.share('user', 'screen');
    const levels = Array.from({ length: 10 }, () => world.show(screen).level);
    expect(camera.current?.level).toBe(1);
    expect(levels).toEqual([3, 4, 5, 6, 7, 8, 9, 0, 2, 3]);
  });

  test('a picture that is shown while the video is off is hidden until it is on again', () => {
    const world = joined();
    const share = world.share('user', 'camera');
    expect(share.current?.hidden).toBeUndefined();
    world.setMode('off');
    at(2);
    const { hidden } = world.show(share);
    expect(hidden).toEqual({ by: 'off', from: T0 + 2, until: Number.POSITIVE_INFINITY });
    at(3);
    world.setMode('sampled');
    at(4);
    world.setMode('onDemand');
    expect(hidden?.until).toBe(T0 + 3);
  });

  test('the pictures of a person who is not served are hidden until the person is', () => {
    const world = joined();
    world.join('guest');
    const { current } = world.share('guest', 'camera');
    expect(current?.hidden).toMatchObject({ by: 'not served', from: T0 });
    at(1);
    world.setMode('onDemand');
    expect(current?.hidden?.until).toBe(Number.POSITIVE_INFINITY);
    at(2);
    world.leave('user');
    expect(current?.hidden?.until).toBe(T0 + 2);
  });

  test('another link hides the pictures of the person who was served before', () => {
    const world = joined(true);
    world.join('guest');
    const own = world.share('user', 'camera').current;
    const other = world.share('guest', 'camera').current;
    expect(own?.isUpright).toBe(true);
    at(1);
    world.link('guest');
    expect(other?.hidden?.from).toBe(T0);
    expect(own?.hidden).toEqual({
      by: 'not served',
      from: T0 + 1,
      until: Number.POSITIVE_INFINITY,
    });
    expect(other?.hidden?.until).toBe(T0 + 1);
    at(2);
    world.link('guest');
    expect(other?.hidden?.until).toBe(T0 + 1);
    at(3);
    world.link('user');
    expect(own?.hidden?.until).toBe(T0 + 3);
    expect(other?.hidden).toMatchObject({ from: T0 + 3, until: Number.POSITIVE_INFINITY });
    expect(watched(world).slice(-3)).toEqual(['0 user camera', '1 guest camera', '3 user camera']);
  });

  test('a picture that is hidden by an off stays so when another person is linked', () => {
    const world = joined(true);
    world.join('guest');
    const share = world.share('user', 'camera');
    world.setMode('off');
    const { hidden } = world.show(share);
    at(1);
    world.link('guest');
    expect(hidden).toMatchObject({ by: 'off', until: Number.POSITIVE_INFINITY });
    expect(share.current?.hidden).toBe(hidden);
  });
});
