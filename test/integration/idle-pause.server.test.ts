import { setTimeout as wait } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { RoomEvent, type VideoTrack } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, expect, test } from 'vitest';
import { TextReader } from '../../offline/text-reader.ts';
import { VideoSession, type VideoSessionOptions } from '../../src/index.ts';
import { openNativeTap } from '../../src/internals/rtc-native-tap.ts';
import type { TurnOptions, VideoInputOptions } from '../../src/session/options.ts';
import type { StreamStatus } from '../../src/source.ts';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { until } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, type Person, RealRoom, type Share } from '../support/real-room.ts';

const SLOW = 150_000;
const CAMERA_FPS = 10;
/** Between two samples while the user is silent, by default. */
const SILENT_INTERVAL_MS = 3000;
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
    const options = { input: { pauseWhenIdle: true, ...input }, turn };
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

/** Frames and bytes that arrive in this time. */
async function during(arrivals: { count: number }, seconds: number): Promise<number> {
  const before = arrivals.count;
  await wait(seconds * 1000);
  return arrivals.count - before;
}

describeWithServer('a video with samples that are far apart', (server) => {
  test(
    'a video is paused at the server between two samples, and no sample is black',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame(undefined, 20_000);
      const camera = await stage.user.share('camera');
      const arrivals = await stage.arrivals(camera);
      await first;
      await stage.untilPaused();
      const before = stage.fake.frames.length;
      const came = await during(arrivals, 9.5);
      const samples = stage.fake.frames.length - before;
      expect(samples).toBeGreaterThanOrEqual(2);
      expect(samples).toBeLessThanOrEqual(4);
      expect(came).toBeGreaterThan(0);
      // Without a pause it is 95.
      expect(came).toBeLessThan(0.6 * 9.5 * CAMERA_FPS);
      const { received } = stage.video.metrics().frames;
      expect(received).toBeLessThan(0.6 * 9.5 * CAMERA_FPS + 30);
      for (const frame of stage.fake.frames) expect(await brightness(frame)).toBeGreaterThan(60);
      const words = await Promise.all(stage.fake.frames.map(({ data }) => reader.read(data)));
      expect(words.at(-1)).toContain(camera.text);
      expect(stage.fake.violations).toEqual([]);
      expect(stage.video.metrics().errors).toEqual({});
      console.info({ came, received, samples });
    },
    SLOW,
  );

  test(
    'a paused video is resumed at once when the user speaks or the application looks',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame(undefined, 20_000);
      const camera = await stage.user.share('camera');
      const arrivals = await stage.arrivals(camera);
      await first;
      const latencies: number[] = [];
      for (let time = 0; time < 3; time++) {
        await stage.untilPaused();
        await wait(300);
        const asked = Date.now();
        const seen = stage.fake.nextFrame(undefined, 10_000);
        stage.speaking(true);
        latencies.push((await seen).at - asked);
        expect(await brightness(await seen)).toBeGreaterThan(60);
        // One frame a second is not worth a pause.
        expect(await during(arrivals, 1.5)).toBeGreaterThan(0.5 * 1.5 * CAMERA_FPS);
        stage.speaking(false);
      }
      expect(Math.min(...latencies)).toBeLessThan(SILENT_INTERVAL_MS / 2);
      await stage.untilPaused();
      const { trackSid, frame } = await stage.video.look();
      expect(trackSid).toBe(camera.sid);
      expect(frame.data.slice(0, 64).some((luma) => luma > 20)).toBe(true);
      console.info({ latencies });
    },
    SLOW,
  );

  test(
    'a paused video is resumed for a typed turn, which gets a fresh frame',
    async () => {
      const stage = await Stage.start(
        await RealRoom.withAgent(server()),
        {},
        { attachBudgetMs: 5000 },
      );
      const first = stage.fake.nextFrame(undefined, 20_000);
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
      const first = stage.fake.nextFrame(undefined, 20_000);
      const camera = await stage.user.share('camera');
      await first;
      await stage.untilPaused();
      await camera.stop();
      await until('nothing to see', () => stage.streamStatus === 'none');
      const next = stage.fake.nextFrame(undefined, 20_000);
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
      const first = stage.fake.nextFrame(undefined, 20_000);
      const arrivals = await stage.arrivals(await stage.user.share('camera'));
      await first;
      await wait(1000);
      expect(await during(arrivals, 5)).toBeGreaterThan(0.7 * 5 * CAMERA_FPS);
    },
    SLOW,
  );

  test(
    'a video that was paused is switched on again for its next subscriber',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()));
      const first = stage.fake.nextFrame(undefined, 20_000);
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
      expect(await during(arrivals, 2), 'the camera flows again').toBeGreaterThan(0);
      screenSeen();
      await screen.stop();
      const back = stage.fake.nextFrame(undefined, 15_000);
      await until('camera watched', () => stage.watched === camera.sid);
      expect(await brightness(await back)).toBeGreaterThan(60);

      await stage.untilPaused();
      await stage.video.close();
      expect(await during(arrivals, 2), 'after the end').toBeGreaterThan(0.5 * 2 * CAMERA_FPS);
    },
    SLOW,
  );

  test(
    'a video that is off costs nothing, and is back before the next sample is due',
    async () => {
      const stage = await Stage.start(await RealRoom.withAgent(server()), {
        pauseWhenIdle: false,
      });
      const first = stage.fake.nextFrame(undefined, 20_000);
      const cameraFrames = await stage.arrivals(await stage.user.share('camera'));
      await first;
      const backAfter: number[] = [];
      for (let time = 0; time < 3; time++) {
        stage.video.setMode('off');
        await wait(1000);
        expect(await during(cameraFrames, 2)).toBe(0);
        const asked = Date.now();
        const back = stage.fake.nextFrame(undefined, 10_000);
        stage.video.setMode('sampled');
        backAfter.push((await back).at - asked);
        await wait(500);
      }
      expect(Math.min(...backAfter)).toBeLessThan(SILENT_INTERVAL_MS / 2);
      console.info({ backAfter });

      // Also a track that is shared while the video is off.
      stage.video.setMode('off');
      const screenFrames = await stage.arrivals(await stage.user.share('screen'));
      await wait(1000);
      expect(await during(cameraFrames, 2)).toBe(0);
      expect(await during(screenFrames, 0.5)).toBe(0);

      await stage.video.close();
      const flows = 0.5 * 2 * CAMERA_FPS;
      expect(await during(cameraFrames, 2), 'after the end').toBeGreaterThan(flows);
      expect(await during(screenFrames, 2), 'after the end').toBeGreaterThan(0);
    },
    SLOW,
  );
});
