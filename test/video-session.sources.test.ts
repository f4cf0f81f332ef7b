import { TrackSource } from '@livekit/rtc-node';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { waitFor } from 'xstate';
import type { VideoEventOf } from '../src/session/reporter.ts';
import type { StreamStatus } from '../src/source.ts';
import type { TestCamera } from '../src/testing/camera/test-camera.ts';
import { USER } from '../src/testing/identities.ts';
import { fileCamera } from './support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  nextEvent,
  type Stage,
  setStage,
  untilWatching,
} from './support/loopback.ts';
import { sourceAt } from './support/sources.ts';

const camera = fileCamera();
const screen = fileCamera({ width: 128, height: 72 });
afterEach(endStages);

/** Another source shows a frame. Resolves when it is the newest. */
async function seen(stage: Stage, cause: () => void, of: TestCamera): Promise<string> {
  const changed = nextEvent(stage.video, 'pick.changed');
  cause();
  await changed;
  const switched = nextEvent(stage.video, 'source.switched');
  // The stream of the new source opens after that of the old one is closed.
  const timer = setInterval(() => of.show(5), 5);
  const { to } = await switched;
  clearInterval(timer);
  return to.sid;
}

const shareScreen = ({ room }: Stage) =>
  room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);

describe('a track that names no source', () => {
  test.each(['camera', 'screen'] as const)(
    'a track without a source is reported once if the option source is %s',
    async (source) => {
      const stage = setStage(camera, { video: { input: { source } } });
      await stage.start();
      const errors: VideoEventOf<'error'>[] = [];
      stage.video.on('error', (event) => errors.push(event));
      stage.room.join(USER);
      const { sid } = stage.room.publish(USER, camera.track, TrackSource.SOURCE_UNKNOWN);
      expect(errors).toEqual([
        {
          type: 'error',
          cause: 'source',
          message: expect.stringContaining(`the video track ${sid} of ${USER} names no source`),
        },
      ]);
      await stage.room.reconnect('resume');
      expect(errors).toHaveLength(1);
    },
  );

  test('a track without a source is watched and can be looked at as a camera', async () => {
    const stage = setStage(camera, { video: { input: { sources: ['camera', 'screen'] } } });
    await stage.start();
    stage.room.join(USER);
    const { sid } = stage.room.publish(USER, camera.track, TrackSource.SOURCE_UNKNOWN);
    await untilWatching(stage.video, sid);
    const look = stage.video.look('camera');
    camera.show(4);
    expect((await look).trackSid).toBe(sid);
    await stage.type('What do you see?');
    expect(stage.model.last.text).toBe('What do you see?\npicture 1: video');
    expect(stage.model.last.pictures).toHaveLength(1);
    expect(stage.video.metrics().errors).toEqual({ source: 1 });
  });

  test('a track without a source is watched without a report if the option source is latest', async () => {
    const stage = setStage(camera);
    await stage.start();
    stage.room.join(USER);
    const { sid } = stage.room.publish(USER, camera.track, TrackSource.SOURCE_UNKNOWN);
    await untilWatching(stage.video, sid);
    expect(stage.video.metrics().errors).toEqual({});
  });
});

describe('the watched source', () => {
  test('the newest source is watched, and the turn has its picture', async () => {
    const stage = await liveStage(camera);
    await stage.show(2);
    const events: VideoEventOf<'source.switched'>[] = [];
    stage.video.on('source.switched', (event) => events.push(event));
    let sid = '';
    await seen(stage, () => ({ sid } = shareScreen(stage)), screen);
    const { gapMs, ...event } = events[0] ?? { gapMs: -1 };
    expect(event).toEqual({
      type: 'source.switched',
      from: { sid: stage.publication.sid, identity: USER, source: 'camera' },
      to: { sid, identity: USER, source: 'screen' },
      reason: 'subscribed',
    });
    expect(gapMs).toBeGreaterThanOrEqual(0);
    expect(stage.video.metrics().switches).toMatchObject({ count: 2, gapMs: { count: 2 } });
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toHaveLength(1);
    expect(stage.model.last.pictures[0]?.id).toContain(`_${sid}_`);
  });

  test('a source that is no longer watched leaves no picture in a turn', async () => {
    const stage = await liveStage(camera);
    await stage.show(2);
    const changed = nextEvent(stage.video, 'pick.changed');
    shareScreen(stage);
    await changed;
    camera.show(3);
    expect(await stage.video.latestFrame()).toBeUndefined();
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toEqual([]);
  });

  test('the camera is watched again while the screen is muted', async () => {
    const stage = await liveStage(camera);
    const shared = shareScreen(stage);
    const back = () => stage.room.mute(shared);
    await nextEvent(stage.video, 'pick.changed');
    expect(await seen(stage, back, camera)).toBe(stage.publication.sid);
    expect(await seen(stage, () => stage.room.unmute(shared), screen)).toBe(shared.sid);
  });

  test('a pinned source is watched until the pin is removed', async () => {
    const stage = await liveStage(camera);
    const { sid } = stage.publication;
    const shared = shareScreen(stage);
    await nextEvent(stage.video, 'pick.changed');
    const { video } = stage;
    expect(await seen(stage, () => video.pinSource('camera'), camera)).toBe(sid);
    expect(await seen(stage, () => video.pinSource(null), screen)).toBe(shared.sid);
    expect(await seen(stage, () => video.pinSource({ trackSid: sid }), camera)).toBe(sid);
    expect(await seen(stage, () => video.pinSource('screen'), screen)).toBe(shared.sid);
  });

  test('a pinned source may belong to a participant who is not served', async () => {
    const stage = await liveStage(camera);
    stage.room.join('guest');
    const { sid } = stage.room.publish('guest', screen.track, TrackSource.SOURCE_CAMERA);
    const pin = () => stage.video.pinSource({ identity: 'guest' });
    expect(await seen(stage, pin, screen)).toBe(sid);
    await stage.hear('Who is there?');
    expect(stage.model.last.ownPictures[0]?.id).toContain(`_${sid}_`);
  });

  test('a source is watched again after its user left and came back', async () => {
    const stage = await liveStage(camera);
    await stage.show(2);
    stage.room.leave(USER);
    await stage.type('Are you there?');
    expect(stage.model.last.pictures).toEqual([]);
    await stage.cameraOn();
    const { id } = await stage.show(3);
    await stage.type('And now?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test.each(['resume', 'full'] as const)(
    'a source is watched again after a %s reconnect',
    async (kind) => {
      const stage = await liveStage(camera);
      await stage.show(2);
      await stage.room.reconnect(kind);
      const look = stage.video.look();
      const timer = setInterval(() => camera.show(4), 5);
      await look;
      clearInterval(timer);
      await stage.type('What is it?');
      expect(stage.model.last.ownPictures).toHaveLength(1);
    },
  );
});

describe('a camera that stops sending without a mute', () => {
  test('a camera that stops sending is stalled, and live again with its next frame', async () => {
    const stage = await liveStage(camera, { video: { input: { stallAfterMs: 200 } } });
    const { video } = stage;
    const until = (streamStatus: StreamStatus) =>
      waitFor(video.actor, ({ context }) => sourceAt(context)?.streamStatus === streamStatus);
    await stage.show(2);
    await until('live');
    await until('stalled');
    expect(video.metrics().stalls).toBeGreaterThan(0);
    // Its last frame is not too old yet.
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toHaveLength(1);
    await stage.show(3);
    await until('live');
    await stage.type('And now?');
    expect(stage.model.last.ownPictures).toHaveLength(1);
  });
});

describe('events', () => {
  test('events continue after a handler that throws, which is reported as an error', async () => {
    const stage = await liveStage(camera);
    const errors: VideoEventOf<'error'>[] = [];
    const turns: string[] = [];
    stage.video.on('turn.ready', () => {
      throw new Error('my fault');
    });
    stage.video.on('turn.ready', ({ outcome }) => turns.push(outcome));
    stage.video.on('error', (event) => {
      errors.push(event);
      throw new Error('my fault again');
    });
    for (const text of ['one', 'two']) {
      const { id } = await stage.show(4);
      await stage.type(text);
      expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    }
    expect(turns).toEqual(['attached', 'attached']);
    const error = { type: 'error', cause: 'handler', message: 'my fault' };
    expect(errors).toEqual([error, error]);
    expect(stage.video.metrics().errors).toEqual({ handler: 2 });
  });

  test('a handler that is removed gets no more events', async () => {
    const stage = await liveStage(camera);
    let count = 0;
    const stop = stage.video.on('look.answered', () => count++);
    await stage.show(4);
    stop();
    stop();
    await stage.show(4);
    expect(count).toBe(1);
  });

  test('each event has the type that its name stands for', async () => {
    const { video } = await liveStage(camera);
    video.on('source.switched', (event) => {
      expectTypeOf(event.gapMs).toEqualTypeOf<number>();
      expectTypeOf(event.to.source).toEqualTypeOf<'camera' | 'screen' | 'unknown'>();
    });
    video.on('turn.ready', (event) => {
      expectTypeOf(event.requestId).toEqualTypeOf<number>();
      expectTypeOf(event.outcome).toExtend<string>();
    });
    video.on('error', (event) => expectTypeOf(event.message).toEqualTypeOf<string>());
    // @ts-expect-error there is no such event
    expect(() => video.on('frame', () => {})).toThrow('use one of');
  });
});
