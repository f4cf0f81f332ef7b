import { setTimeout as wait } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { RoomEvent, type VideoTrack } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, expect, test } from 'vitest';
import { TextReader } from '../../offline/text-reader.ts';
import { VideoSession, type VideoSessionOptions, voiceActivitySampler } from '../../src/index.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import type { TurnOptions, VideoInputOptions } from '../../src/session/options.ts';
import type { StreamStatus } from '../../src/source.ts';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, type Person, RealRoom, type Share } from '../support/real-room.ts';

const SLOW = 200_000;
const CAMERA_FPS = 10;
/** A silent user is sampled once in ten minutes: an earlier sample has another cause. */
const RARELY = voiceActivitySampler({ silentFps: 1 / 600 });
const INSTRUCTIONS = 'You see.';

const reader = new TextReader();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await closeRooms();
}, SLOW);
afterAll(() => reader.close());

/** A room on a real server, a user in it, and an agent whose model is the fake. */
class Stage {
  readonly fake = new FakeGeminiLive();
  readonly room: RealRoom;
  readonly user: Person;
  readonly session: voice.AgentSession;
  readonly video: VideoSession;
  /** According to the events. */
  streamStatus: StreamStatus = 'none';
  pauses = 0;
  watched: string | undefined;

  private constructor(
    room: RealRoom,
    user: Person,
    baseUrl: string,
    options: Omit<VideoSessionOptions, 'room'>,
  ) {
    this.room = room;
    this.user = user;
    const llm = new google.realtime.RealtimeModel({
      apiKey: 'k',
      httpOptions: { baseUrl },
      instructions: INSTRUCTIONS,
    });
    this.session = new voice.AgentSession({
      llm,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    this.video = new VideoSession(this.session, { room: room.agentRoom, ...options });
    this.video.on('streamStatus.changed', ({ streamStatus }) => {
      this.streamStatus = streamStatus;
      if (streamStatus === 'paused') this.pauses += 1;
    });
    this.video.on('pick.changed', ({ pick }) => {
      this.watched = pick?.sid;
    });
  }

  static async start(
    room: RealRoom,
    input: VideoInputOptions = {},
    turn: TurnOptions = {},
  ): Promise<Stage> {
    const user = await room.join('user');
    const fake = new FakeGeminiLive();
    const { baseUrl } = await fake.listen();
    const options = {
      input: { pauseWhenIdle: true, lookTimeoutMs: WAIT_LIMIT_MS, ...input },
      turn: { attachBudgetMs: WAIT_LIMIT_MS, ...turn },
    };
    const stage = Object.assign(new Stage(room, user, baseUrl, options), { fake });
    ends.push(() => stage.close());
    await stage.video.start({
      agent: new voice.Agent({ instructions: INSTRUCTIONS }),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      outputOptions: { audioEnabled: false },
    });
    return stage;
  }

  /** Frames of a track that the server sends, counted independently of Sightline. */
  async arrivals({ sid }: Share): Promise<{ count: number }> {
    const arrivals = { count: 0 };
    await until('subscribed', () => this.#track(sid) !== undefined);
    const tap = openNativeTap(this.#track(sid) as VideoTrack, {
      onFrame: (frame) => {
        if (!frame.isBlack()) arrivals.count += 1;
        frame.release();
      },
      onEnd: () => {},
    });
    ends.push(async () => tap?.close());
    return arrivals;
  }

  /** Waits for this number of samples from now on. */
  async samples(count: number): Promise<void> {
    const before = this.fake.frames.length;
    await until(`${count} samples`, () => this.fake.frames.length >= before + count);
  }

  /** As the server reports the active speakers. */
  speaking(isSpeaking: boolean): void {
    const participant = this.room.agentRoom.remoteParticipants.get('user');
    this.room.agentRoom.emit(
      RoomEvent.ActiveSpeakersChanged,
      isSpeaking && participant ? [participant] : [],
    );
  }

  async untilPaused(): Promise<void> {
    await until('paused', () => this.streamStatus === 'paused');
  }

  async close(): Promise<void> {
    await this.video.close();
    await this.fake.close();
  }

  #track(sid: string) {
    return this.room.agentRoom.remoteParticipants.get('user')?.trackPublications.get(sid)?.track;
  }
}

/** How bright a picture is, from 0 to 255. */
async function brightness({ data }: { data: Buffer }): Promise<number> {
  const { channels } = await sharp(data).stats();
  return channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length;
}

/** Waits for two seconds of video. */
async function untilFlows(arrivals: { count: number }, when = 'frames'): Promise<void> {
  const before = arrivals.count;
  await until(when, () => arrivals.count >= before + 2 * CAMERA_FPS);
}

/** Waits for two seconds without a frame. */
async function untilStill(arrivals: { count: number }): Promise<void> {
  let last = { count: arrivals.count, at: performance.now() };
  await until('no more frames', () => {
    if (arrivals.count > last.count) last = { count: arrivals.count, at: performance.now() };
    return performance.now() - last.at > 2000;
  });
}

describeWithServer('a video with samples that are far apart', (server) => {
  test(
    'a video is paused at the server between two samples, and no sample is black',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame();
      const camera = await stage.user.share('camera');
      const arrivals = await stage.arrivals(camera);
      await first;
      await stage.untilPaused();
      const before = { count: arrivals.count, at: performance.now() };
      const { received } = stage.video.metrics().frames;
      await stage.samples(3);
      const came = arrivals.count - before.count;
      const sent = ((performance.now() - before.at) / 1000) * CAMERA_FPS;
      expect(came).toBeGreaterThan(0);
      expect(came).toBeLessThan(0.6 * sent);
      expect(stage.video.metrics().frames.received - received).toBeLessThan(0.6 * sent);
      for (const frame of stage.fake.frames) expect(await brightness(frame)).toBeGreaterThan(60);
      const words = await Promise.all(stage.fake.frames.map(({ data }) => reader.read(data)));
      expect(words.at(-1)).toContain(camera.text);
      expect(stage.fake.violations).toEqual([]);
      expect(stage.video.metrics().errors).toEqual({});
      console.info({ came, sent });
    },
    SLOW,
  );

  test(
    'a paused video is resumed when the user speaks or the application looks',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()), { sampler: RARELY });
      const first = stage.fake.nextFrame();
      const camera = await stage.user.share('camera');
      await first;
      await stage.untilPaused();
      const { trackSid, frame } = await stage.video.look();
      expect(trackSid).toBe(camera.sid);
      expect(frame.data.slice(0, 64).some((luma) => luma > 20)).toBe(true);

      await stage.untilPaused();
      const { pauses } = stage;
      const seen = stage.fake.nextFrame();
      stage.speaking(true);
      expect(await brightness(await seen)).toBeGreaterThan(60);
      await stage.samples(2);
      expect(stage.pauses, 'one frame a second is not worth a pause').toBe(pauses);
    },
    SLOW,
  );

  test(
    'a paused video is resumed for a typed turn, which gets a fresh frame',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame();
      await stage.user.share('camera');
      await first;
      await stage.untilPaused();
      // Old enough to be another picture.
      await wait(1000);
      const asked = Date.now();
      const sentFrames: number[] = [];
      stage.video.on('sample.sent', async () => {
        sentFrames.push((await stage.video.latestFrame())?.receivedAt ?? 0);
      });
      await stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout();
      const sent = stage.fake.messages.map(({ message }) => JSON.stringify(message));
      const text = sent.findIndex((message) => message.includes('And now?'));
      expect(sent[text - 1]).toContain('"realtimeInput":{"video"');
      expect(sentFrames[0]).toBeGreaterThanOrEqual(asked);
    },
    SLOW,
  );

  test(
    'a video can be unpublished during a pause, and the next one is watched',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame();
      const camera = await stage.user.share('camera');
      await first;
      await stage.untilPaused();
      await camera.stop();
      await until('nothing to see', () => stage.streamStatus === 'none');
      const next = stage.fake.nextFrame();
      await stage.user.share('screen');
      expect(await brightness(await next)).toBeGreaterThan(60);
    },
    SLOW,
  );

  test(
    'a video is never paused if the option is off',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()), {
        pauseWhenIdle: false,
      });
      const first = stage.fake.nextFrame();
      await stage.user.share('camera');
      await first;
      await stage.samples(3);
      expect(stage.pauses).toBe(0);
    },
    SLOW,
  );

  test(
    'a video that was paused is switched on again for its next subscriber',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame();
      const camera = await stage.user.share('camera');
      const arrivals = await stage.arrivals(camera);
      await first;
      await stage.untilPaused();
      const screenSeen = stage.video.on('source.switched', () => {});
      const screen = await stage.user.share('screen');
      await until(
        'screen watched',
        () => stage.streamStatus !== 'paused' && stage.watched === screen.sid,
      );
      await untilFlows(arrivals, 'frames of the camera again');
      screenSeen();
      await screen.stop();
      const back = stage.fake.nextFrame();
      await until('camera watched', () => stage.watched === camera.sid);
      expect(await brightness(await back)).toBeGreaterThan(60);

      await stage.untilPaused();
      await stage.video.close();
      await untilFlows(arrivals, 'frames after the end');
    },
    SLOW,
  );

  test(
    'a video that is off costs nothing, and is back before the next sample is due',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()), {
        pauseWhenIdle: false,
        sampler: RARELY,
      });
      const first = stage.fake.nextFrame();
      const cameraFrames = await stage.arrivals(await stage.user.share('camera'));
      await first;
      for (let time = 0; time < 3; time++) {
        stage.video.setMode('off');
        await untilStill(cameraFrames);
        const back = stage.fake.nextFrame();
        stage.video.setMode('sampled');
        await back;
      }

      // Also a track that is shared while the video is off.
      stage.video.setMode('off');
      const screenFrames = await stage.arrivals(await stage.user.share('screen'));
      await untilStill(cameraFrames);
      await untilStill(screenFrames);

      await stage.video.close();
      await untilFlows(cameraFrames, 'frames of the camera after the end');
      await untilFlows(screenFrames, 'frames of the screen after the end');
    },
    SLOW,
  );
});
