import { type llm, voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { VideoInputOptions } from '../../src/session/options.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import { isPicture } from '../../src/testing/recorded-request.ts';
import { RecordingLLM, type ToolCall } from '../../src/testing/recording-llm.ts';
import { within } from '../../src/testing/waits.ts';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { endStages, type Stage, setStage, shownIn } from '../support/loopback.ts';

const QUESTION = 'What do you see?';
const CAMERA_LEVEL = 3;
const SCREEN_LEVEL = 8;

let camera: TestCamera;
let screen: TestCamera;
let showing: NodeJS.Timeout;
beforeAll(() => {
  camera = new TestCamera();
  screen = new TestCamera();
  showing = setInterval(() => {
    camera.show(CAMERA_LEVEL);
    screen.show(SCREEN_LEVEL);
  }, 30);
});
afterEach(endStages);
afterAll(async () => {
  clearInterval(showing);
  await Promise.all([camera.close(), screen.close()]);
});

/** An agent with the look tool, and a user in its room. */
async function lookingStage(input: VideoInputOptions = {}): Promise<Stage> {
  const model = new RecordingLLM();
  const stage = setStage(camera, { model, video: { input: { lookTimeoutMs: 3000, ...input } } });
  const agent = new voice.Agent({ instructions: 'Look.', tools: [createLookTool(stage.video)] });
  await stage.video.start({ agent });
  stage.room.join(USER);
  return stage;
}

/** The user shares a track. Resolves when it is the watched one. */
async function share({ room, video }: Stage, media: TestCamera, source: TrackSource) {
  const publication = room.publish(USER, media.track, source);
  await untilSeen(video, publication.sid);
  return publication;
}

/** Resolves with the first frame of this track. */
function untilSeen(video: Stage['video'], sid: string): Promise<void> {
  const seen = new Promise<void>((resolve) => {
    const stop = video.on('source.switched', ({ to }) => {
      if (to.sid !== sid) return;
      stop();
      resolve();
    });
  });
  return within(`frame of ${sid}`, seen);
}

/**
 * The model calls these tools at once.
 * @returns levels of the pictures after the question, in the request that follows the calls
 */
async function looksAt(stage: Stage, ...calls: ToolCall[]): Promise<number[]> {
  const { model } = stage;
  const before = model.requests.length;
  model.replies.push(calls, 'I see it.');
  await stage.type(QUESTION);
  expect(model.requests).toHaveLength(before + 2);
  const { messages } = model.last;
  const question = messages.findLastIndex(({ parts }) => parts.includes(QUESTION));
  const pictures = messages.slice(question + 1).flatMap(({ parts }) => parts.filter(isPicture));
  return levelsOf(pictures);
}

/** Levels of the pictures that a turn of the user gets. */
async function seenInTurn(stage: Stage): Promise<number[]> {
  await stage.type('And now?');
  return levelsOf(stage.model.last.ownPictures);
}

const levelsOf = (pictures: readonly llm.ImageContent[]) =>
  Promise.all(pictures.map(async (picture) => (await shownIn(picture)).level));

/** The results of the tool for the model, in the order of the calls. */
const outputsOf = ({ session }: Stage): string[] =>
  session.history.items
    .filter((item) => item.type === 'function_call_output')
    .sort((a, b) => a.callId.localeCompare(b.callId))
    .map(({ output }) => output);

const lookAt = (source: 'camera' | 'screen'): ToolCall => ({ call: 'look', args: { source } });

/** One source is watched at a time: the newest, which is the screen. */
async function sharingBoth() {
  const stage = await lookingStage();
  const shared = {
    camera: await share(stage, camera, TrackSource.SOURCE_CAMERA),
    screen: await share(stage, screen, TrackSource.SOURCE_SCREENSHARE),
  };
  expect(await seenInTurn(stage)).toEqual([SCREEN_LEVEL]);
  return { stage, shared };
}

/** Nothing is pinned: the newest share is watched, and without it the one before. */
async function expectTheNewestIsWatched(
  stage: Stage,
  shared: Awaited<ReturnType<typeof sharingBoth>>['shared'],
) {
  expect(await seenInTurn(stage), 'the screen is the newest').toEqual([SCREEN_LEVEL]);
  stage.room.unpublish(shared.screen);
  await untilSeen(stage.video, shared.camera.sid);
  expect(await seenInTurn(stage), 'the camera is left').toEqual([CAMERA_LEVEL]);
}

describe('looks at camera and screen, while the screen is watched', () => {
  test('looks at camera and screen, one after the other, show the requested source', async () => {
    const { stage } = await sharingBoth();
    expect(await looksAt(stage, lookAt('camera'))).toEqual([CAMERA_LEVEL]);
    expect(await looksAt(stage, lookAt('screen'))).toEqual([SCREEN_LEVEL]);
  });

  test('looks at camera and screen at once show the requested sources', async () => {
    const { stage } = await sharingBoth();
    const levels = await looksAt(stage, lookAt('camera'), lookAt('screen'));
    expect(levels.sort()).toEqual([CAMERA_LEVEL, SCREEN_LEVEL]);
  });

  test('looks at camera and screen at once are each answered by the named source', async () => {
    const { stage } = await sharingBoth();
    await looksAt(stage, lookAt('camera'), lookAt('screen'));
    expect(outputsOf(stage)).toEqual([
      expect.stringContaining('The picture of the camera'),
      expect.stringContaining('The picture of the screen'),
    ]);
  });

  test('looks one after the other do not change the watched source', async () => {
    const { stage, shared } = await sharingBoth();
    await looksAt(stage, lookAt('camera'));
    await looksAt(stage, lookAt('screen'));
    await expectTheNewestIsWatched(stage, shared);
  });

  test('looks at once do not change the watched source', async () => {
    const { stage, shared } = await sharingBoth();
    await looksAt(stage, lookAt('camera'), lookAt('screen'));
    await expectTheNewestIsWatched(stage, shared);
  });
});

test('a look without a source takes the first one that is shared', async () => {
  const stage = await lookingStage({ sources: ['camera', 'screen'], lookTimeoutMs: 1000 });
  await share(stage, screen, TrackSource.SOURCE_SCREENSHARE);
  expect(await looksAt(stage, { call: 'look' })).toEqual([SCREEN_LEVEL]);
});
