import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LINK_POLL_MS } from '../../src/actors/room-events.ts';
import { everyFrame, type Sampler, voiceActivitySampler } from '../../src/index.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import type { ReceivedFrame } from '../../src/testing/fakes/service-record.ts';
import { USER } from '../../src/testing/identities.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  live,
  liveStage,
  never,
  PROVIDERS,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const WIDE = { width: 640, height: 360 };
const HIGH = { width: 480, height: 640 };

const still = fileCamera({ width: 160, height: 120 });
let camera: SyntheticCamera;
let screen: SyntheticCamera;
beforeAll(async () => {
  camera = new SyntheticCamera({ name: 'c', source: 'camera', ...WIDE, fps: 12, text: 'CAMERA' });
  screen = new SyntheticCamera({ name: 's', source: 'screen', ...HIGH, fps: 12, text: 'SCREEN' });
  await Promise.all([camera.start(), screen.start()]);
});
afterEach(endStages);
afterAll(async () => {
  await stagesEnded();
  await Promise.all([camera.stop(), screen.stop()]);
});

const { SOURCE_SCREENSHARE } = TrackSource;
const ofCamera = ({ width }: { width: number }) => width === WIDE.width;
const ofScreen = ({ width }: { width: number }) => width === HIGH.width;

describe.each(PROVIDERS)('%s', (provider) => {
  test(`${provider} gets a new source at once, and nothing of the old one after the switch`, async () => {
    const stage = await liveStage(provider, {
      video: { input: { sampler: voiceActivitySampler({ speakingFps: 8, silentFps: 8 }) } },
    });
    const seen = stage.fake.nextFrame(ofCamera);
    await stage.watch(camera);
    await seen;
    for (let time = 0; time < 3; time++) {
      const shared = stage.fake.nextFrame(ofScreen);
      const publication = await stage.watch(screen, SOURCE_SCREENSHARE);
      // All that was sent before the switch has arrived when a question is answered.
      await stage.fake.connection.reaction();
      const before = stage.fake.frames.length;
      await shared;
      const back = stage.fake.nextFrame(ofCamera);
      expect(stage.fake.frames.slice(before).filter(ofCamera)).toEqual([]);
      stage.room.unpublish(publication);
      await back;
    }
    expect(stage.fake.violations).toEqual([]);
  });

  test(`${provider} gets the first frame of a source even if no sample is due`, async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    const seen = stage.fake.nextFrame(ofCamera);
    await stage.watch(camera);
    await seen;
    const shared = stage.fake.nextFrame(ofScreen);
    await stage.watch(screen, SOURCE_SCREENSHARE);
    await shared;
    expect(stage.fake.frames.map(ofCamera)).toEqual([true, false]);
  });

  test(`${provider} gets nothing after its source is gone, not even the last frame`, async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    const seen = stage.fake.nextFrame();
    const publication = await stage.watch(camera);
    await seen;
    // A newer frame that was not sent.
    await stage.video.look();
    await stage.settled();
    await stage.video.look();
    await stage.settled();
    const received = () => stage.video.metrics().frames.received;
    const before = received();
    await until('another frame in', () => received() > before);
    const nothing = stage.next('pick.changed', ({ pick }) => pick === null);
    stage.room.unpublish(publication);
    await nothing;
    await until('the stream closed', async () => (await stage.video.latestFrame()) === undefined);
    await stage.fake.connection.reaction();
    const sent = stage.fake.frames.length;
    await stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout();
    await stage.fake.connection.reaction();
    expect(stage.fake.frames).toHaveLength(sent);
    expect(stage.fake.violations).toEqual([]);
  });

  test(`${provider} gets no picture that was being encoded when its source was left`, async () => {
    // Takes long enough to be overtaken.
    const resize = { width: 2400, height: 2400, strategy: 'scale_aspect_fit' } as const;
    const stage = await liveStage(provider, {
      video: { input: { sampler: never, image: { format: 'png', resize, enlarge: true } } },
    });
    const first = stage.fake.nextFrame();
    await stage.watch(camera);
    await first;
    // A sample begins, and the user shares the screen.
    await stage.video.look();
    const shared = stage.fake.nextFrame();
    await stage.watch(screen, SOURCE_SCREENSHARE);
    expect(await shared).toMatchObject({ width: 1800, height: 2400 });
    expect(stage.skips).toContain('overtaken');
    expect(stage.fake.frames).toHaveLength(2);
  }, 40_000);
});

test('a typed turn right after setParticipant has the picture of the new participant', async () => {
  // The poll of the link never comes; that of the model's connection does.
  const every = setInterval;
  const intervals = vi
    .spyOn(globalThis, 'setInterval')
    .mockImplementation(((run: () => void, ms: number) =>
      every(ms === LINK_POLL_MS ? () => {} : run, ms)) as typeof setInterval);
  onTestFinished(() => intervals.mockRestore());
  const stage = await liveStage('openai', {
    video: { input: { sampler: never }, turn: { attachBudgetMs: 20_000 } },
  });
  const roomIO = new voice.RoomIO({ agentSession: stage.session, room: stage.room.asRoom() });
  stage.session._roomIO = roomIO;
  roomIO.setParticipant(USER);
  stage.room.join('guest');
  stage.room.publish('guest', still.track, TrackSource.SOURCE_CAMERA);
  await stage.watch(camera);
  await stage.next('sample.sent');
  const seen: ReceivedFrame[][] = [];
  stage.fake.reply = ({ frames }) => {
    seen.push([...frames]);
    return 'Hello.';
  };
  roomIO.setParticipant('guest');
  let timer = setTimeout(function show() {
    still.show(7);
    timer = setTimeout(show, 20);
  }, 20);
  onTestFinished(() => clearTimeout(timer));
  await stage.session.generateReply({ userInput: 'Who is there?' }).waitForPlayout();
  expect(seen[0]?.at(-1)).toMatchObject({ width: 160, height: 120 });
});

describe('samplers', () => {
  test.each(PROVIDERS)('a sampler of the application gets every frame: %s', async (provider) => {
    let asked = 0;
    const stage = await liveStage(provider, {
      video: {
        input: {
          sampler: ({ sinceLastMs, user, width }) => {
            asked += 1;
            return user === 'speaking' && width === WIDE.width && (sinceLastMs ?? 1e9) >= 200;
          },
        },
      },
    });
    const first = stage.fake.nextFrame();
    await stage.watch(camera);
    await first;
    const before = stage.fake.frames.length;
    while (asked < 5) await stage.video.look();
    expect(asked).toBeGreaterThanOrEqual(stage.video.metrics().frames.received - 1);
    stage.room.speaking(USER);
    await stage.fake.until(() => stage.fake.frames.length > before + 7, 'frames');
    stage.room.speaking();
  });

  test('a sampler knows what the agent does', async () => {
    let done: string | undefined;
    const sampler: Sampler = ({ agent }) => {
      done = agent;
      return false;
    };
    const stage = await liveStage('google', { video: { input: { sampler } } });
    const state = vi.spyOn(stage.session, 'agentState', 'get').mockReturnValue('thinking');
    await stage.watch(camera);
    await until('a decision', () => done !== undefined);
    expect(done).toBe('thinking');
    state.mockRestore();
  });

  test('a sampler that throws is counted each time and logged once, and the default replaces it', async () => {
    const stage = await setStage('google', {
      video: {
        input: {
          sampler: () => {
            throw new Error('of no use');
          },
        },
      },
    });
    const failed = stage.next('sampler.failed');
    await live(stage);
    const first = stage.fake.nextFrame();
    await stage.watch(camera);
    await failed;
    await first;
    await stage.fake.nextFrame();
    await until('counted each time', () => (stage.video.metrics().errors.sampler ?? 0) > 10);
    const [one] = stage.events.filter(({ type }) => type === 'error');
    expect(one).toMatchObject({ cause: 'sampler', message: expect.stringContaining('of no use') });
  });

  test('the sampler everyFrame sends as many frames as possible, one at a time', async () => {
    const stage = await liveStage('google', { video: { input: { sampler: everyFrame() } } });
    await stage.watch(camera);
    await stage.fake.until(() => stage.fake.frames.length >= 12, '12 frames');
    expect(stage.video.metrics().frames.skipped).toEqual({});
    expect(stage.fake.violations).toEqual([]);
  });
});
