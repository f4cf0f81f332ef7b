import { describe, expect, test } from 'vitest';
import { RealtimeWorld, SILENT_MS, SPEAKING_MS } from '../support/machines/realtime-world.ts';
import { ofType } from '../support/machines/recorded.ts';

const differences = (times: readonly number[]) =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0));
const statuses = (world: RealtimeWorld) =>
  ofType(world.session.reports, 'streamStatus.changed').map(({ streamStatus }) => streamStatus);

/** A session after ten seconds of silence, with paused video. */
async function paused() {
  const world = await new RealtimeWorld().begin();
  await world.clock.advanceSettling(10_000);
  expect(world.wire.at(-1)?.what).toBe('pause');
  return world;
}

test('a video is paused between samples, resumed for speech, paused again and closed when switched off', async () => {
  const world = await new RealtimeWorld().begin();
  await world.clock.advanceSettling(10_000);
  // The first frame is sent at once, then one every three seconds; no video flows in between.
  expect(world.news()).toEqual([
    '0 open camera',
    '120 sent 1',
    '125 pause',
    '2500 resume',
    '3020 sent 6',
    '3025 pause',
    '5500 resume',
    '6020 sent 11',
    '6025 pause',
    '8500 resume',
    '9020 sent 16',
    '9025 pause',
  ]);

  world.agent({ type: 'user.speaking' });
  await world.clock.advanceSettling(4_000);
  expect(world.news()).toEqual([
    '10000 resume',
    '10080 sent 17',
    '11020 sent 26',
    '12020 sent 36',
    '13020 sent 46',
  ]);

  world.agent({ type: 'user.silent' });
  await world.clock.advanceSettling(8_000);
  expect(world.news()).toEqual([
    '14020 sent 56',
    '17020 sent 86',
    '17025 pause',
    '19500 resume',
    '20020 sent 91',
    '20025 pause',
  ]);

  world.session.actor.send({ type: 'mode.set', mode: 'off' });
  await world.clock.advanceSettling(60_000);
  expect(world.news()).toEqual(['22000 close']);
  expect(world.clock.pending).toBe(0);
  expect(statuses(world)).not.toContain('stalled');
  expect(ofType(world.session.reports, 'video.pauseGivenUp')).toEqual([]);
});

describe('a realtime model', () => {
  test('a realtime model gets a frame every three seconds in silence, and every second of speech', async () => {
    const world = await paused();
    world.news();
    await world.clock.advanceSettling(21_000);
    expect(new Set(differences(world.timesOf('sent')))).toEqual(new Set([SILENT_MS]));
    world.agent({ type: 'user.speaking' });
    world.news();
    await world.clock.advanceSettling(20_000);
    // The first frame waits for the video, the others do not.
    const [first, ...others] = differences(world.timesOf('sent'));
    expect(first).toBeLessThan(SPEAKING_MS);
    expect(new Set(others)).toEqual(new Set([SPEAKING_MS]));
    expect(world.timesOf('pause')).toEqual([]);
  });

  test('a realtime model gets a new frame every second of speech from a stream that rests in between', async () => {
    const world = await paused();
    world.gapMs = 33;
    world.agent({ type: 'user.speaking' });
    world.news();
    await world.clock.advanceSettling(20_000);
    const [, ...sent] = world.timesOf('sent');
    expect(new Set(differences(sent))).toEqual(new Set([SPEAKING_MS]));
    const whats = world.wire.map(({ what }) => what);
    expect(new Set(whats.filter((what) => what.startsWith('sent'))).size).toBe(sent.length + 1);
    expect(world.timesOf('rest').length).toBeGreaterThanOrEqual(sent.length - 1);
    expect(statuses(world).at(-1)).toBe('live');
    world.news();
    world.agent({ type: 'user.silent' });
    await world.clock.advanceSettling(2 * SILENT_MS);
    expect(world.timesOf('pause').length).toBeGreaterThan(0);
  });

  test('a realtime model that reconnects during a pause gets the newest frame first, and the next one on time', async () => {
    const world = await paused();
    world.news();
    world.connection('model.closedSilently');
    await world.clock.advanceSettling(2_100);
    expect(world.news()).toEqual([
      '10000 revive',
      '10320 sent 16',
      '11500 resume',
      '12020 sent 21',
      '12025 pause',
    ]);
    expect(ofType(world.session.reports, 'model.blind')).toEqual([]);
  });

  test('a realtime model gets a shared screen at once, even if the camera was paused', async () => {
    const world = await paused();
    world.news();
    world.publish('screen');
    await world.clock.advanceSettling(500);
    expect(world.news()).toEqual(['10000 close', '10000 open screen', '10120 sent 17']);
  });

  test('a realtime model gets the first frame that arrives if none was there in time', async () => {
    const world = await paused();
    world.news();
    world.cameraIsFrozen = true;
    world.agent({ type: 'user.speaking' });
    await world.clock.advanceSettling(500);
    expect(world.news()).toEqual(['10000 resume']);
    world.cameraIsFrozen = false;
    await world.clock.advanceSettling(200);
    expect(world.timesOf('sent')).toEqual([10_580]);
  });
});

describe('a camera that does not resume in time', () => {
  test('a camera that does not resume in time is reported as stalled, and is not paused again', async () => {
    const world = await paused();
    world.cameraIsFrozen = true;
    world.agent({ type: 'user.speaking' });
    world.agent({ type: 'user.silent' });
    await world.clock.advanceSettling(2_500);
    expect(ofType(world.session.reports, 'video.pauseGivenUp')).toHaveLength(1);
    expect(statuses(world).at(-1)).toBe('stalled');
    world.cameraIsFrozen = false;
    world.news();
    await world.clock.advanceSettling(20_000);
    expect(statuses(world).at(-1)).toBe('live');
    expect(world.timesOf('pause')).toEqual([]);
    expect(world.timesOf('sent').length).toBeGreaterThan(5);
  });
});

describe('close()', () => {
  test('close() during a pause leaves no timer', async () => {
    const world = await paused();
    world.news();
    world.session.actor.send({ type: 'session.close' });
    await world.clock.advanceSettling(60_000);
    expect(world.news()).toEqual([]);
    expect(world.session.actor.getSnapshot()).toMatchObject({ status: 'done', value: 'closed' });
    expect(world.clock.pending).toBe(0);
  });
});
