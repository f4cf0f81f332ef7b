import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import type { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import type { ReceivedFrame } from '../../src/testing/fakes/service-record.ts';
import { USER } from '../../src/testing/identities.ts';
import type { LoopbackPublication } from '../../src/testing/loopback-room.ts';
import { until } from '../../src/testing/waits.ts';
import {
  endStages,
  geminiStage,
  levelOf,
  live,
  never,
  openAIStage,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';

let camera: TestCamera;
beforeAll(() => {
  camera = new TestCamera({ width: 320, height: 240 });
});
afterEach(endStages);
afterAll(async () => {
  await stagesEnded();
  await camera.close();
});

/** The kind of each picture or line of OpenAI's conversation, in order. */
const conversation = ({ conversation }: FakeOpenAIRealtime): string[] =>
  conversation.flatMap(({ role, content }) =>
    (content as { type: string; text?: string }[]).map(({ type, text }) =>
      type === 'input_image' ? 'picture' : `${role}: ${text}`,
    ),
  );

const isNotice = ({ width, height }: Pick<ReceivedFrame, 'width' | 'height'>) =>
  width === 640 && height === 360;

const quiet: StageOptions = { video: { input: { sampler: never } } };

describe('a camera that is muted', () => {
  test("a muted camera is removed from OpenAI's conversation, which gets one line with the time", async () => {
    const stage = await openAIStage(quiet);
    await live(stage);
    const publication = await stage.watch(camera);
    await stage.shown(camera, 5);
    expect(conversation(stage.fake)).toEqual(['picture']);
    stage.room.mute(publication);
    await until('the line', () => conversation(stage.fake).some((one) => one !== 'picture'));
    expect(conversation(stage.fake)).toEqual([
      expect.stringMatching(/^system: The camera is off since \d\d:\d\d:\d\d UTC: you see nothing/),
    ]);
    await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    await stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout();
    expect(conversation(stage.fake).filter((one) => one.includes('is off since'))).toHaveLength(1);
    expect(stage.fake.violations).toEqual([]);
  });

  test('a muted camera is announced to Gemini by one picture with the time', async () => {
    const stage = await geminiStage(quiet);
    await live(stage);
    const publication = await stage.watch(camera);
    await stage.shown(camera, 5);
    const notice = stage.fake.nextFrame(isNotice);
    stage.room.mute(publication);
    const picture = await notice;
    expect(await levelOf(picture)).toBeLessThan(2);
    await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(stage.fake.frames.filter(isNotice)).toHaveLength(1);
    expect(stage.fake.violations).toEqual([]);
  });

  test('a camera that is muted repeatedly is announced at each end, with the new frames in between', async () => {
    const stage = await openAIStage(quiet);
    await live(stage);
    const publication = await stage.watch(camera);
    for (const level of [3, 7]) {
      await stage.shown(camera, level);
      expect(conversation(stage.fake)).toContain('picture');
      stage.room.mute(publication);
      await until('no picture', () => !conversation(stage.fake).includes('picture'));
      await until('the line', () => conversation(stage.fake).length === 1);
      stage.room.unmute(publication);
    }
    expect(stage.fake.violations).toEqual([]);
  });
});

describe('a source that ends', () => {
  type Ended = (stage: RealtimeStage, publication: LoopbackPublication) => void;
  const ends: readonly [name: string, source: TrackSource, line: string, end: Ended][] = [
    [
      'a screen that is unshared',
      TrackSource.SOURCE_SCREENSHARE,
      'The screen is off since',
      ({ room }, publication) => room.unpublish(publication),
    ],
    [
      'the camera of a user who leaves',
      TrackSource.SOURCE_CAMERA,
      'The camera is off since',
      ({ room }) => room.leave(USER),
    ],
  ];

  test.each(ends)(
    "%s is removed from OpenAI's conversation, which gets one line with the time",
    async (_name, source, line, end) => {
      const stage = await openAIStage(quiet);
      await live(stage);
      const publication = await stage.watch(camera, source);
      await stage.shown(camera, 5);
      expect(conversation(stage.fake)).toEqual(['picture']);
      end(stage, publication);
      await until('the line', () => conversation(stage.fake).some((one) => one !== 'picture'));
      await until('no picture', () => !conversation(stage.fake).includes('picture'));
      expect(conversation(stage.fake)).toEqual([expect.stringContaining(line)]);
      expect(stage.fake.violations).toEqual([]);
    },
  );

  test.each(ends)('%s is announced to Gemini by one picture', async (_name, source, _line, end) => {
    const stage = await geminiStage(quiet);
    await live(stage);
    const publication = await stage.watch(camera, source);
    await stage.shown(camera, 5);
    const notice = stage.fake.nextFrame(isNotice);
    end(stage, publication);
    expect(await levelOf(await notice)).toBeLessThan(2);
    await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(stage.fake.frames.filter(isNotice)).toHaveLength(1);
    expect(stage.fake.violations).toEqual([]);
  });
});

test('a camera that is muted just before the connection to OpenAI drops is not shown on the next one', async () => {
  const stage = await openAIStage(quiet);
  await live(stage);
  const publication = await stage.watch(camera);
  await stage.shown(camera, 5);
  await until('the picture', () => conversation(stage.fake).includes('picture'));
  stage.room.mute(publication);
  const resumed = stage.next('model.resumed');
  stage.fake.closeConnection(1011);
  await resumed;
  await until('the line', () => conversation(stage.fake).some((one) => one !== 'picture'));
  expect(conversation(stage.fake)).toEqual([expect.stringContaining('The camera is off')]);
  expect(stage.framesOn(2)).toEqual([]);
});

test("a camera and a screen that end one after the other have a line each in OpenAI's conversation", async () => {
  const stage = await openAIStage({
    video: { input: { sampler: never, sources: ['camera', 'screen'] } },
  });
  await live(stage);
  const screen = new TestCamera({ width: 320, height: 240 });
  const publications = [
    stage.publish(camera),
    stage.publish(screen, TrackSource.SOURCE_SCREENSHARE),
  ];
  const showing = setInterval(() => {
    camera.show(3);
    screen.show(8);
  }, 50);
  await until(
    'both',
    () => conversation(stage.fake).filter((one) => one === 'picture').length === 2,
  );
  clearInterval(showing);
  const lines = () => conversation(stage.fake).filter((one) => one.includes('is off since'));
  for (const [i, publication] of publications.entries()) {
    stage.room.mute(publication);
    await until('its line', () => lines().length > i);
  }
  expect(lines()).toEqual([
    expect.stringContaining('The camera is off'),
    expect.stringContaining('The screen is off'),
  ]);
  expect(stage.fake.violations).toEqual([]);
  await screen.close();
});

describe('a camera that is covered', () => {
  /** The user covers the lens, until the condition holds. */
  async function coveredUntil(check: () => boolean): Promise<void> {
    const showing = setInterval(() => camera.show(0), 100);
    await until('the line', check).finally(() => clearInterval(showing));
  }

  test("a covered camera is removed from OpenAI's conversation, which gets one line with the time", async () => {
    const stage = await openAIStage(quiet);
    await live(stage);
    await stage.watch(camera);
    await stage.shown(camera, 5);
    const lines = () => conversation(stage.fake).filter((one) => one !== 'picture');
    await coveredUntil(() => lines().length > 0);
    await until('no picture', () => !conversation(stage.fake).includes('picture'));
    expect(lines()).toEqual([
      expect.stringMatching(/^system: The camera is dark since \d\d:\d\d:\d\d UTC/),
    ]);
    await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(lines().filter((one) => one.includes('is dark since'))).toHaveLength(1);
    expect(stage.fake.violations).toEqual([]);
  });

  test('a covered camera is announced to Gemini by one picture', async () => {
    const stage = await geminiStage(quiet);
    await live(stage);
    await stage.watch(camera);
    await stage.shown(camera, 5);
    await coveredUntil(() => stage.fake.frames.some(isNotice));
    expect(stage.fake.frames.filter(isNotice)).toHaveLength(1);
  });
});

describe('a video that is switched off', () => {
  test("a video that is switched off leaves no picture in OpenAI's conversation", async () => {
    const stage = await openAIStage(quiet);
    await live(stage);
    await stage.watch(camera);
    await stage.shown(camera, 4);
    await stage.shown(camera, 6);
    stage.video.setMode('off');
    await until('no picture', () => !conversation(stage.fake).includes('picture'));
    await until('the line', () => conversation(stage.fake).length === 1);
    expect(stage.fake.violations).toEqual([]);
  });

  test("a part of a picture that a look sent is removed from OpenAI's conversation when video is switched off", async () => {
    const stage = await openAIStage(quiet);
    await live(stage);
    await stage.watch(camera);
    await stage.shown(camera, 4);
    const looked = stage.video.look({ region: { x: 0, y: 0, width: 0.5, height: 0.5 } });
    camera.show(6);
    const isPart = ({ width }: ReceivedFrame) => width === 160;
    const arrived = stage.fake.nextFrame(isPart);
    expect(await stage.video.showRealtime(await looked)).toBe('sent');
    await arrived;
    stage.video.setMode('off');
    await until('no picture', () => !conversation(stage.fake).includes('picture'));
    expect(stage.fake.violations).toEqual([]);
  });
});

test('a source that another one replaces at once is not announced as ended', async () => {
  const stage: RealtimeStage = await openAIStage(quiet);
  await live(stage);
  const publication = await stage.watch(camera);
  await stage.shown(camera, 4);
  const other = new TestCamera({ width: 320, height: 240 });
  stage.room.unpublish(publication);
  await stage.watch(other);
  const before = stage.fake.frames.length;
  await until('the other camera', () => {
    other.show(8);
    return stage.fake.frames.length > before;
  });
  await stage.session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
  const lines = conversation(stage.fake as FakeOpenAIRealtime);
  expect(lines.filter((one) => one.includes('is off since'))).toEqual([]);
  expect(lines.filter((one) => one === 'picture')).not.toEqual([]);
  await other.close();
});

test("honest: false keeps the old pictures in OpenAI's conversation, and adds no line", async () => {
  const stage = await openAIStage({ video: { input: { sampler: never, honest: false } } });
  await live(stage);
  const publication = await stage.watch(camera);
  await stage.shown(camera, 5);
  stage.room.mute(publication);
  await stage.session.generateReply({ userInput: 'What did you see?' }).waitForPlayout();
  expect(conversation(stage.fake).filter((one) => one === 'picture')).toHaveLength(1);
  expect(conversation(stage.fake).filter((one) => one.includes('is off'))).toEqual([]);
});
