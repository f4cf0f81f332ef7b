import { TrackSource } from '@livekit/rtc-node';
import { afterEach, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import { OptionError } from '../../src/errors.ts';
import type { TurnOptions, VideoInputOptions } from '../../src/session/options.ts';
import { USER } from '../../src/testing/identities.ts';
import { isPicture, recordedMessage } from '../../src/testing/recorded-request.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, nextEvent, type Stage, shownIn } from '../support/loopback.ts';
import { sourceAt } from '../support/sources.ts';

const camera = fileCamera();
const screen = fileCamera();
afterEach(endStages);

const both: VideoInputOptions = { sources: ['camera', 'screen'] };

const stageOf = (input: VideoInputOptions, turn: TurnOptions = {}) =>
  liveStage(camera, { video: { input, turn } });

/** The user shares the screen as well. Resolves when its stream is open. */
async function shareScreen({ room, video }: Stage) {
  const publication = room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
  const { sid } = publication;
  await waitFor(
    video.actor,
    ({ context }) =>
      sourceAt(context, 1)?.pick?.sid === sid && sourceAt(context, 1)?.streamStatus === 'opening',
  );
  return publication;
}

/** The screen shows a level. Resolves when it is the screen's newest frame. */
async function showScreen({ video }: Stage, level: number): Promise<void> {
  const seen = video.look('screen');
  screen.show(level);
  await seen;
}

/** The user's message in the last request: texts, and pictures by their level. */
async function lastTurn({ model }: Stage): Promise<(string | number)[]> {
  const parts = model.last.messages.findLast(({ role }) => role === 'user')?.parts ?? [];
  return Promise.all(
    parts.map(async (part) => (isPicture(part) ? (await shownIn(part)).level : part)),
  );
}

describe('several sources', () => {
  test('several sources are all shown in a turn, each with its name', async () => {
    const stage = await stageOf(both);
    await shareScreen(stage);
    await stage.show(3);
    await showScreen(stage, 8);
    await stage.type('What do you see?');
    expect(await lastTurn(stage)).toEqual([
      'What do you see?',
      'picture 1: camera',
      3,
      'picture 2: screen',
      8,
    ]);
  });

  test('several sources have their names even if only one of them is live', async () => {
    const stage = await stageOf(both);
    await stage.show(3);
    await stage.type('What do you see?');
    expect(await lastTurn(stage)).toEqual(['What do you see?', 'picture 1: camera', 3]);
    const shared = await shareScreen(stage);
    await showScreen(stage, 8);
    await stage.type('And now?');
    expect(await lastTurn(stage)).toEqual(['And now?', 'picture 1: screen', 8]);
    stage.room.unpublish(shared);
    await stage.show(4);
    await stage.type('And now?');
    expect(await lastTurn(stage)).toEqual(['And now?', 'picture 1: camera', 4]);
  });

  test('several sources leave their last pictures in the history, one each', async () => {
    const stage = await stageOf(both);
    await shareScreen(stage);
    for (const level of [2, 3]) {
      await stage.show(level);
      await showScreen(stage, level + 5);
      await stage.type(`Look ${level}`);
    }
    const kept = stage.session.history.items.flatMap((item) =>
      item.type === 'message' && item.role === 'user'
        ? recordedMessage(item).parts.filter(isPicture)
        : [],
    );
    expect(await Promise.all(kept.map(async (one) => (await shownIn(one)).level))).toEqual([3, 8]);
    // The screen's newest frame stays: the next turn shows it if nothing changes.
    expect(stage.video.metrics().frames).toMatchObject({ sent: 3, pending: 1 });
  });

  test('several sources can be looked at by name, and cannot be pinned', async () => {
    const stage = await stageOf(both);
    await shareScreen(stage);
    await stage.show(3);
    await showScreen(stage, 8);
    expect((await stage.video.latestFrame())?.source).toBe('camera');
    expect((await stage.video.latestFrame('screen'))?.source).toBe('screen');
    expect(() => stage.video.pinSource('camera')).toThrow(/do not pin/);
  });

  test('several sources all end with the session', async () => {
    const stage = await stageOf(both);
    await shareScreen(stage);
    await stage.show(3);
    await showScreen(stage, 8);
    await stage.video.close();
    expect(stage.room.eventNames()).toEqual([]);
    const { frames } = stage.video.metrics();
    expect(frames).toMatchObject({ pending: 0, held: 0 });
  });
});

test('look finds a source by name even if the selector is another one', async () => {
  const stage = await stageOf({});
  await stage.show(3);
  const look = stage.video.look('camera');
  stage.camera.show(4);
  expect(await look).toMatchObject({ source: 'camera' });
  await expect(stage.video.look('window' as never)).rejects.toThrow(OptionError);
});

describe('motion in a turn', () => {
  /** While the user speaks, each of these levels is shown and kept. */
  async function speak(stage: Stage, ...levels: number[]) {
    for (const [index, level] of levels.entries()) {
      await stage.show(level);
      const kept = nextEvent(stage.video, 'motion.kept');
      if (index === 0) stage.room.speaking(USER);
      await kept;
    }
  }

  test('motion in a turn is shown by pictures from the time of speech, oldest first', async () => {
    const stage = await stageOf({}, { pictures: 3 });
    await speak(stage, 2, 5);
    stage.room.speaking();
    await stage.show(8);
    await stage.type('What did I do?');
    const [question, ...parts] = await lastTurn(stage);
    expect(question).toBe('What did I do?');
    expect(parts).toEqual([
      expect.stringMatching(/^picture 1: camera, \d\.\d s earlier$/),
      2,
      expect.stringMatching(/^picture 2: camera, \d\.\d s earlier$/),
      5,
      'picture 3: camera, now',
      8,
    ]);
    const seconds = parts.map((part) =>
      Number.parseFloat(String(part).slice('picture 1: camera, '.length)),
    );
    expect(seconds[0]).toBeGreaterThanOrEqual(seconds[2] ?? Number.NaN);

    const bytes = stage.model.last.pictures.reduce((sum, { data }) => sum + data.length, 0);
    expect(stage.video.metrics().bytesSent).toBe(bytes);

    await stage.show(9);
    await stage.type('And now?');
    expect(await lastTurn(stage)).toEqual(['And now?', 9]);
    expect(stage.video.metrics().frames).toMatchObject({ sent: 4, pending: 0 });
  });

  test('motion in a turn stays within the limit of bytes by leaving out the earliest pictures', async () => {
    const stage = await stageOf({}, { pictures: 3, maxBytes: 1 });
    await speak(stage, 2, 5);
    stage.room.speaking();
    await stage.show(8);
    await stage.type('What did I do?');
    expect(await lastTurn(stage)).toEqual(['What did I do?', 8]);
  });

  test('motion in a turn shows nothing of a camera that was muted meanwhile', async () => {
    const stage = await stageOf({}, { pictures: 3 });
    await speak(stage, 2, 5);
    const kept = nextEvent(stage.video, 'motion.kept');
    stage.room.mute(stage.publication);
    expect(await kept).toMatchObject({ frameIds: [] });
    await stage.type('What did I do?');
    expect(await lastTurn(stage)).toEqual(['What did I do?']);
  });

  test('motion in a turn leaves no frame in use when the session ends during the turn', async () => {
    const stage = await stageOf({}, { pictures: 3 });
    await speak(stage, 2, 5);
    await stage.video.close();
    expect(stage.video.metrics().frames).toMatchObject({ pending: 0, held: 0 });
  });
});
