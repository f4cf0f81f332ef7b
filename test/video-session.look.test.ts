import { TrackSource, VideoBufferType } from '@livekit/rtc-node';
import { afterEach, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import { LookError, type LookOptions, type SeenFrame } from '../src/index.ts';
import { TestCamera } from '../src/testing/camera/test-camera.ts';
import { greyLevel } from '../src/testing/pictures/likeness.ts';
import { fileCamera } from './support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  setStage,
  shownIn,
  untilBlind,
  untilWatching,
} from './support/loopback.ts';
import { sourceAt } from './support/sources.ts';

const camera = fileCamera();
const screen = fileCamera();
const guestCamera = fileCamera();
afterEach(endStages);

async function lookErrorOf(look: Promise<unknown>): Promise<LookError> {
  const error = await look.then(
    () => expect.fail('it saw something'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LookError);
  return error as LookError;
}

describe('look', () => {
  test('look waits for a frame that is newer than the newest one', async () => {
    const stage = await liveStage(camera);
    const newest = await stage.show(2);
    const look = stage.video.look();
    expect((await stage.video.latestFrame())?.id).toBe(newest.id);
    camera.show(7);
    const seen = await look;
    expect(seen.id).toBe(newest.id + 1);
    expect(seen).toMatchObject({
      trackSid: stage.publication.sid,
      identity: 'user',
      source: 'camera',
      width: 96,
      height: 64,
      rotation: 0,
      receivedAt: expect.any(Number),
    });
    expect(seen.frame.type).toBe(VideoBufferType.I420);
    expect(seen.frame.data[0]).toBe(16 + 7 * 20);
    expect(stage.video.metrics().looks).toEqual({ answered: 2, failed: 0 });
  });

  test('look shows a source that is not watched, whatever is pinned', async () => {
    const stage = await liveStage(camera);
    stage.video.pinSource({ trackSid: stage.publication.sid });
    stage.room.publish('user', screen.track, TrackSource.SOURCE_SCREENSHARE);
    const showing = setInterval(() => screen.show(8), 20);
    const seen = await stage.video.look('screen');
    clearInterval(showing);
    expect(seen).toMatchObject({ identity: 'user', source: 'screen' });
  });

  test('look at another participant shows what they share, and the turn does not', async () => {
    const stage = await liveStage(camera);
    const { room, video } = stage;
    room.join('guest');
    room.publish('guest', guestCamera.track, TrackSource.SOURCE_CAMERA);
    room.publish('guest', screen.track, TrackSource.SOURCE_SCREENSHARE);
    const showing = setInterval(() => {
      guestCamera.show(6);
      screen.show(8);
    }, 20);
    const levelOf = ({ frame }: SeenFrame) => ((frame.data[0] ?? 0) - 16) / 20;
    try {
      const newest = await video.look({ participant: 'guest' });
      expect(newest).toMatchObject({ identity: 'guest', source: 'screen' });
      const looks = [
        video.look({ participant: 'guest', source: 'camera' }),
        video.look({ participant: 'guest', source: 'screen' }),
      ];
      const seen = await Promise.all(looks);
      expect(seen.map(levelOf)).toEqual([6, 8]);
      // The sources of the looks are closed by now.
      expect(
        (await Promise.all(seen.map((frame) => frame.encode()))).map(({ width }) => width),
      ).toEqual([96, 96]);
    } finally {
      clearInterval(showing);
    }
    const own = video.look({ participant: 'user' });
    await stage.show(3);
    expect(await own).toMatchObject({ identity: 'user' });
    await stage.type('What do I show?');
    expect(await shownIn(stage.model.last.pictures[0])).toMatchObject({ level: 3 });
    expect(Object.keys(video.actor.getSnapshot().context.sources)).toEqual(['linked/latest']);
  });

  test('a look at a participant by a frame id gives no frame of another participant', async () => {
    const stage = await liveStage(camera);
    stage.video.expectRegions();
    const { id } = await stage.show(3);
    await stage.type('What do I show?');
    stage.room.join('guest');
    stage.room.publish('guest', guestCamera.track, TrackSource.SOURCE_CAMERA);
    const showing = setInterval(() => guestCamera.show(6), 20);
    const seen = await stage.video
      .look({ participant: 'guest', frameId: id })
      .finally(() => clearInterval(showing));
    expect(seen.identity).toBe('guest');
    expect(await stage.video.look({ participant: 'user', frameId: id })).toMatchObject({ id });
  });

  test('looks at the served participant and at one who is named "linked" show each their own', async () => {
    const stage = await liveStage(camera);
    stage.room.join('linked');
    stage.room.publish('linked', guestCamera.track, TrackSource.SOURCE_CAMERA);
    stage.video.pinSource({ identity: 'another' });
    const showing = setInterval(() => {
      camera.show(3);
      guestCamera.show(6);
    }, 20);
    const looks = [
      stage.video.look({ source: 'camera', participant: 'linked' }),
      stage.video.look('camera'),
    ];
    const seen = await Promise.all(looks).finally(() => clearInterval(showing));
    expect(seen.map(({ identity }) => identity)).toEqual(['linked', 'user']);
  });

  test('a look at a participant takes the source that is live', async () => {
    const stage = await liveStage(camera, {
      video: { input: { sources: ['camera', 'screen'], stallAfterMs: 200 } },
    });
    stage.room.publish('user', screen.track, TrackSource.SOURCE_SCREENSHARE);
    const showing = setInterval(() => screen.show(8), 20);
    const { sources } = stage.video.actor.getSnapshot().context;
    expect(Object.keys(sources)).toEqual(['linked/camera', 'linked/screen']);
    await waitFor(
      stage.video.actor,
      ({ context }) =>
        context.sources['linked/screen']?.streamStatus === 'live' &&
        context.sources['linked/camera']?.streamStatus !== 'live',
    );
    const seen = await stage.video
      .look({ participant: 'user' })
      .finally(() => clearInterval(showing));
    expect(seen.source).toBe('screen');
  });

  test('a look at a participant who shares nothing names them and what is missing', async () => {
    const stage = await liveStage(camera, { video: { input: { lookTimeoutMs: 100 } } });
    stage.room.join('guest');
    const messageOf = (look: LookOptions) =>
      stage.video.look(look).catch(({ message }: LookError) => message);
    expect(await messageOf({ participant: 'guest' })).toBe('guest shares no camera or screen');
    expect(await messageOf({ participant: 'guest', source: 'screen' })).toBe(
      'guest shares no screen',
    );
    expect(await messageOf({ participant: 'stranger' })).toBe(
      'stranger shares no camera or screen',
    );
  });

  test('look gives all waiting callers the same frame', async () => {
    const stage = await liveStage(camera);
    const looks = [stage.video.look(), stage.video.look(), stage.video.look()];
    camera.show(3);
    const [first, ...others] = await Promise.all(looks);
    for (const other of others) expect(other.id).toBe(first?.id);
    expect(stage.video.metrics().looks).toEqual({ answered: 3, failed: 0 });
    // Returned three times, but one frame.
    expect(stage.video.metrics().frames).toMatchObject({ received: 1, sampled: 1 });
  });

  test('look uses up no frame: the turn gets the same one', async () => {
    const stage = await liveStage(camera);
    const { id } = await stage.show(3);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('look fails after the time limit, with a remedy', async () => {
    const stage = await liveStage(camera, { video: { input: { lookTimeoutMs: 30 } } });
    const error = await lookErrorOf(stage.video.look());
    expect(error).toMatchObject({
      reason: 'timeout',
      code: 'look-timeout',
      message: 'no frame came within 30 ms: is a camera or screen shared?',
    });
    expect(stage.video.metrics().looks).toEqual({ answered: 0, failed: 1 });
  });

  test('look needs a running session', async () => {
    const stage = setStage(camera);
    expect(await lookErrorOf(stage.video.look())).toMatchObject({
      reason: 'closed',
      code: 'look-closed',
      message: 'look() needs a started VideoSession',
    });
    await stage.video.close();
    expect(await lookErrorOf(stage.video.look())).toMatchObject({ reason: 'closed' });
  });

  test('look fails when the session ends', async () => {
    const stage = await liveStage(camera);
    const look = lookErrorOf(stage.video.look());
    await stage.video.close();
    expect(await look).toMatchObject({
      reason: 'closed',
      message: 'the VideoSession was closed',
    });
  });

  test('look at a region keeps what the model is shown, for later looks at a part of it', async () => {
    const stage = await liveStage(camera);
    const region = { x: 0.5, y: 0, width: 0.5, height: 0.5 };
    const first = stage.video.look({ region });
    camera.show(2);
    const fresh = await first;
    expect(fresh).toMatchObject({ region, wasShown: false });
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    const part = await stage.video.look({ region, frameId: id });
    expect(part).toMatchObject({ id, region, wasShown: true });
    expect(part.frame).toMatchObject({ width: 48, height: 32 });
    expect(await greyLevel(part)).toBe(4);
  });

  test('look is refused while video is off, and fails when it is switched off', async () => {
    const stage = await liveStage(camera);
    const waiting = lookErrorOf(stage.video.look());
    stage.video.setMode('off');
    expect(await waiting).toMatchObject({ reason: 'off', code: 'look-off' });
    expect(await lookErrorOf(stage.video.look())).toMatchObject({
      reason: 'off',
      message: "video is off: call setMode('onDemand') first",
    });
    expect(stage.video.metrics().looks).toEqual({ answered: 0, failed: 2 });
  });
});

describe('latestFrame', () => {
  test('latestFrame returns a copy that does not change', async () => {
    const stage = await liveStage(camera);
    expect(await stage.video.latestFrame()).toBeUndefined();
    await stage.show(2);
    const copy = await stage.video.latestFrame();
    await stage.show(9);
    await stage.video.close();
    expect(copy?.frame.data[0]).toBe(16 + 2 * 20);
    expect(await copy?.encode({ format: 'png' })).toMatchObject({
      mimeType: 'image/png',
      width: 96,
      height: 64,
    });
  });

  test('latestFrame returns nothing after its source is gone', async () => {
    const stage = await liveStage(camera);
    await stage.show(2);
    stage.room.unpublish(stage.publication);
    expect(await stage.video.latestFrame()).toBeUndefined();
  });
});

describe('setMode', () => {
  test('setMode off closes the stream, and any other mode opens it again', async () => {
    const stage = await liveStage(camera);
    await stage.show(2);
    stage.video.setMode('off');
    await untilBlind(stage.video);
    expect(await stage.video.latestFrame()).toBeUndefined();
    const { received } = stage.video.metrics().frames;
    camera.show(3);
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.video.metrics().frames).toMatchObject({ received, held: 0, pending: 0 });

    stage.video.setMode('onDemand');
    await untilWatching(stage.video, stage.publication.sid);
    const { id } = await stage.show(4);
    await stage.hear('And now?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('video that is off from the start opens no stream until it is switched on', async () => {
    const stage = setStage(camera, { video: { input: { mode: 'off' } } });
    await stage.start();
    stage.room.join('user');
    const { sid } = stage.room.publish('user', camera.track, camera.source);
    await waitFor(stage.video.actor, ({ context }) => sourceAt(context)?.pick?.sid === sid);
    expect(stage.video.metrics().via, 'no stream was opened').toBeNull();
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toEqual([]);
    stage.video.setMode('sampled');
    await untilWatching(stage.video, sid);
    const { id } = await stage.show(4);
    await stage.type('And now?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('video that is off still follows the tracks in the room', async () => {
    const stage = await liveStage(camera);
    const screen = new TestCamera();
    stage.video.setMode('off');
    await untilBlind(stage.video);
    const { sid } = stage.room.publish('user', screen.track, screen.source);
    await waitFor(stage.video.actor, ({ context }) => sourceAt(context)?.pick?.sid === sid);
    stage.video.setMode('sampled');
    await untilWatching(stage.video, sid);
    const look = stage.video.look();
    screen.show(8);
    expect((await look).trackSid).toBe(sid);
    await screen.close();
  });
});
