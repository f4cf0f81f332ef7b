import { llm } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { waitFor } from 'xstate';
import type { VideoInputOptions } from '../../src/session/options.ts';
import { USER } from '../../src/testing/identities.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, type Stage, setStage, shownIn } from '../support/loopback.ts';
import { sourceAt } from '../support/sources.ts';

const camera = fileCamera();
const screen = fileCamera({ source: 'screen' });
afterEach(async () => {
  vi.useRealTimers();
  await endStages();
});

const AN_HOUR_MS = 3_600_000;

/** The clock goes on, and no frame comes meanwhile. */
const waitAnHour = () => vi.setSystemTime(Date.now() + AN_HOUR_MS);

/** The user shares a screen; done when it is read. */
async function share({ room, video }: Stage, place = 0) {
  if (!room.remoteParticipants.has(USER)) room.join(USER);
  const publication = room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
  await waitFor(
    video.actor,
    ({ context }) =>
      sourceAt(context, place)?.pick?.sid === publication.sid &&
      sourceAt(context, place)?.streamStatus === 'opening',
  );
  return publication;
}

/** The screen shows another page: one frame, and none after it. */
async function turnPageTo({ video }: Stage, level: number, kind?: 'screen'): Promise<void> {
  const seen = video.look(kind);
  screen.show(level);
  await seen;
}

/** A stage whose user shares a screen alone. Its clock stands still. */
async function sharingStage(input: VideoInputOptions = {}) {
  vi.useFakeTimers({ toFake: ['Date'] });
  const stage = setStage(camera, { video: { input } });
  await stage.start();
  const publication = await share(stage);
  return { stage, publication };
}

const levels = async ({ model }: Stage) =>
  Promise.all(model.last.pictures.map(async (picture) => (await shownIn(picture)).level));

test('a page that is an hour old is what the screen shows: each turn has it, and no older page', async () => {
  const { stage } = await sharingStage();
  await turnPageTo(stage, 2);
  await stage.type('What is on the first page?');
  await turnPageTo(stage, 7);
  waitAnHour();
  await stage.type('And on this one?');
  expect(await levels(stage)).toEqual([7]);
  waitAnHour();
  await stage.type('What was it again?');
  expect(await levels(stage)).toEqual([7]);
  expect(stage.model.last.ownPictures).toHaveLength(1);
  expect(stage.video.metrics().turns).toMatchObject({ attached: 3, 'too-old': 0 });
});

test('a page is in the request with keepPictures 0, too, however many turns it has been in', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const stage = setStage(camera, { video: { turn: { keepPictures: 0 } } });
  await stage.start();
  await share(stage);
  await turnPageTo(stage, 2);
  for (const words of ['one', 'two']) {
    await stage.type(words);
    expect(await levels(stage)).toEqual([2]);
  }
});

test('a muted screen shows nothing, however new its page is', async () => {
  const { stage, publication } = await sharingStage();
  await turnPageTo(stage, 2);
  stage.room.mute(publication);
  await stage.type('What is there?');
  expect(await levels(stage)).toEqual([]);
});

test('the page is shown beside a camera, also if the camera has sent nothing for an hour', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const stage = await liveStage(camera, { video: { input: { sources: ['camera', 'screen'] } } });
  await share(stage, 1);
  await turnPageTo(stage, 7, 'screen');
  waitAnHour();
  await stage.show(3);
  await stage.type('What do you see?');
  expect(await levels(stage)).toEqual([3, 7]);
  await stage.show(4);
  waitAnHour();
  await stage.type('And now?');
  const question = stage.model.last.messages.findLast(({ role }) => role === 'user');
  expect(question?.parts.filter((part) => typeof part === 'string')).toEqual([
    'And now?',
    'picture 1: screen',
  ]);
});

test('look() and latestFrame() give the page, at any age, and a changed one at once', async () => {
  const { stage } = await sharingStage();
  await turnPageTo(stage, 2);
  await stage.type('What is there?');
  waitAnHour();
  for (const kind of [undefined, 'screen'] as const) {
    const { frame } = await stage.video.look(kind);
    expect(frame.data[0]).toBe(16 + 2 * 20);
  }
  expect((await stage.video.latestFrame())?.source).toBe('screen');
  const look = stage.video.look();
  screen.show(8);
  expect((await look).frame.data[0]).toBe(16 + 8 * 20);
});

test('a look at a screen that sends no frame fails with the reason', async () => {
  const { stage } = await sharingStage({ lookTimeoutMs: 400 });
  await expect(stage.video.look()).rejects.toMatchObject({
    reason: 'timeout',
    message: 'no frame came within 400 ms: the screen sends its next frame when it changes',
  });
});

test('a look at a still screen that is not followed fails with the option that follows it', async () => {
  const stage = await liveStage(camera, {
    video: { input: { source: 'camera', lookTimeoutMs: 400 } },
  });
  stage.room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
  await expect(stage.video.look('screen')).rejects.toMatchObject({
    reason: 'timeout',
    message:
      'no frame came within 400 ms: the screen sends its next frame when it changes; ' +
      "input.sources: ['camera', 'screen'] keeps the newest frame of both",
  });
});

test('a still screen does not count as stalled', async () => {
  const { stage } = await sharingStage({ stallAfterMs: 100 });
  const statuses: string[] = [];
  stage.video.on('streamStatus.changed', ({ streamStatus }) => statuses.push(streamStatus));
  await turnPageTo(stage, 2);
  // Longer than the limit: it waits 300 ms for another frame.
  await stage.video.look();
  expect(statuses).toEqual(['live']);
  expect(stage.video.metrics().stalls).toBe(0);
});

test('a tool that is called an hour later still has the page in its follow-up', async () => {
  const { stage } = await sharingStage();
  const wait = llm.tool({ name: 'wait', description: 'Waits.', execute: async () => 'done' });
  await stage.agent.updateTools([wait]);
  await turnPageTo(stage, 5);
  waitAnHour();
  stage.model.replies.push({ call: 'wait' });
  await stage.type('What is there?');
  expect(stage.model.requests).toHaveLength(2);
  expect(await levels(stage)).toEqual([5]);
});
