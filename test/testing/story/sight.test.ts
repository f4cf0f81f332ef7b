import { describe, expect, test } from 'vitest';
import { Sight } from '../../../src/testing/story/sight.ts';
import type { Share, Showing, World } from '../../../src/testing/story/world.ts';

/** As in a loopback room. */
const SPREAD_MS = 60;

const camera: Share = { who: 'user', what: 'camera', isMuted: false };
const screen: Share = { who: 'user', what: 'screen', isMuted: false };

const showing = (share: Share, from: number, seenAt: number | undefined, more = {}): Showing => ({
  share,
  level: 1,
  isUpright: true,
  from,
  hidden: undefined,
  ...(seenAt === undefined ? {} : { seenAt }),
  ...more,
});

type Watched = World['watched'][number];

const sightOf = (watched: Watched[], showings: Showing[] = []) =>
  new Sight({ watched, showings, served: 'user' } as unknown as World, SPREAD_MS);

describe('whether a turn must have a picture', () => {
  const shown = [showing(camera, 100, 120)];
  const before = { at: 0, share: undefined };
  const since = { at: 100, share: camera };

  test.each<[string, string, Watched[], Showing[]?]>([
    ['one', 'its picture was seen before', [before, since]],
    ['one', 'its picture was seen at its beginning', [since], [showing(camera, 100, 500)]],
    ['either', 'its picture was seen too late', [since], [showing(camera, 100, 501)]],
    ['either', 'its picture was never seen', [since], [showing(camera, 100, undefined)]],
    ['either', 'its source has shown nothing since a mute', [since], [showing(camera, 98, 99)]],
    ['one', 'its source is watched a moment later', [since], [showing(camera, 99, 120)]],
    ['either', 'only another source was seen', [since], [showing(screen, 100, 120)]],
    ['none', 'nothing was watched', [before]],
    ['none', 'its source was watched after it', [before, { at: 601, share: camera }]],
    ['either', 'its source was watched at its end', [before, { at: 600, share: camera }]],
    ['none', 'its source had gone', [since, { at: 439, share: undefined }]],
    ['either', 'its source had just gone', [since, { at: 440, share: undefined }]],
    ['either', 'a change is on its way', [{ ...since, isUncertain: true }]],
    ['either', 'a change from nothing is on its way', [{ ...before, isUncertain: true }]],
  ])('a turn must have %s picture if %s', (expected, _why, watched, showings = shown) => {
    expect(sightOf(watched, showings).expected(500, 600)).toBe(expected);
  });
});

describe('whether a picture is the newest', () => {
  const next = (seenAt?: number) => ({ next: showing(camera, 200, seenAt) });

  test.each<[boolean, string, object, number?]>([
    [true, 'no other follows', {}],
    [true, 'the next was never seen', next()],
    [true, 'the next was seen at that time', next(500)],
    [false, 'the next was seen before', next(499)],
    [true, 'the next was seen within the slack', next(499), 1],
  ])('whether a picture is current is %s if %s', (isCurrent, _why, more, slack = 0) => {
    const one = showing(camera, 100, 120, more);
    const sight = sightOf([{ at: 100, share: camera }], [one]);
    expect(sight.isCurrent(one, 500, slack)).toBe(isCurrent);
    expect(sight.isNewest(one, 500, 600, slack)).toBe(isCurrent);
  });

  test('a picture of a source that was not watched in the turn is not the newest', () => {
    const one = showing(camera, 100, 120);
    const newest = (watched: Watched[], ...others: Showing[]) =>
      sightOf(watched, [one, ...others]).isNewest(one, 500, 600, 10);
    expect(newest([{ at: 601, share: camera }])).toBe(false);
    expect(newest([{ at: 600, share: camera }])).toBe(true);
    expect(newest([{ at: 100, share: screen }])).toBe(false);
    const changed = [
      { at: 100, share: camera },
      { at: 300, share: screen },
    ];
    expect(newest(changed, showing(screen, 300, 489))).toBe(false);
    expect(newest(changed, showing(screen, 300, 490))).toBe(true);
    expect(newest(changed, showing(screen, 200, 250), showing(screen, 300, 490))).toBe(true);
    expect(newest(changed, showing(camera, 350, 495), showing(screen, 300, 320))).toBe(false);
    expect(newest([changed[0] as Watched, { at: 489, share: undefined }])).toBe(false);
    expect(newest([changed[0] as Watched, { at: 490, share: undefined }])).toBe(true);
  });
});

describe('whether a source was shared during a whole turn', () => {
  const found = (...showings: Showing[]) =>
    sightOf([], showings).sharedAllTheTime('camera', 500, 600);

  test('a source counts as shared if it was seen before the turn and not taken in it', () => {
    expect(found(showing(camera, 100, 500))).toBe(camera);
    expect(found(showing(camera, 100, 501))).toBeUndefined();
    expect(found(showing(camera, 100, undefined))).toBeUndefined();
    expect(found(showing(screen, 100, 120))).toBeUndefined();
    expect(found(showing(camera, 100, 120, { taken: { at: 601, by: 'mute' } }))).toBe(camera);
    expect(found(showing(camera, 100, 120, { taken: { at: 600, by: 'mute' } }))).toBeUndefined();
    const hidden = { by: 'off', from: 100, until: 200 };
    expect(found(showing(camera, 100, 120, { hidden }))).toBeUndefined();
    expect(found(showing({ ...camera, who: 'guest' }, 100, 120))).toBeUndefined();
  });

  test('a source does not count as shared while a change is on its way to the agent', () => {
    const isUncertain = true as const;
    const shownFrom = (at: number) =>
      sightOf(
        [
          { at: 0, share: camera },
          { at, share: camera, isUncertain },
          { at: at + 50, share: camera },
        ],
        [showing(camera, 100, 120)],
      ).sharedAllTheTime('camera', 500, 600);
    expect([300, 560, 601].map(shownFrom)).toEqual([camera, undefined, camera]);
  });
});
