import { voice } from '@livekit/agents';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from 'xstate';
import { tutor } from '../../../examples/screen-tutor.ts';
import { watchDoor } from '../../../examples/shop-door.ts';
import { logTexts } from '../../../examples/silent-logger.ts';
import { OfflineReader } from '../../../offline/reader.ts';
import { VideoSession, type VideoWatch } from '../../../src/index.ts';
import { SyntheticCamera } from '../../../src/testing/camera/synthetic-camera.ts';
import { TestCamera } from '../../../src/testing/camera/test-camera.ts';
import { USER } from '../../../src/testing/identities.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { RecordingLLM } from '../../../src/testing/recording-llm.ts';
import { until, WAIT_LIMIT_MS, within } from '../../../src/testing/waits.ts';
import type { WatchNews } from '../../../src/watch/video-watch.ts';

const SLOW = 60_000;
/** Times a second. */
const FPS = 10;

const eyes = new OfflineReader();
const closings: (() => Promise<void>)[] = [];
beforeAll(() => eyes.prewarm());
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});
afterAll(() => eyes.aclose());

/** A room with a user, and an agent that is not started yet. */
async function emptyRoom() {
  const room = new LoopbackRoom();
  room.join(USER);
  const model = new RecordingLLM();
  const session = new voice.AgentSession({ llm: model });
  const video = new VideoSession(session, { room, input: { lookTimeoutMs: 10_000 } });
  closings.push(() => video.close());
  const start = () => video.start({ agent: new voice.Agent({ instructions: 'Watch.' }) });
  return { room, video, session, model, start };
}

/** The user shares a camera or a screen without a text. */
async function userWith(source: 'camera' | 'screen') {
  const cast = await emptyRoom();
  const size = { width: 640, height: 360 };
  const camera = new SyntheticCamera({ name: source, source, ...size, fps: FPS, text: '' });
  closings.push(() => camera.stop());
  await camera.start();
  cast.room.publish(USER, camera.track, camera.trackSource);
  /** Two seconds of video in which nothing happens. */
  const quietTime = async () => {
    const { frames } = camera;
    await until('two seconds of frames', () => camera.frames >= frames + 2 * FPS);
  };
  return { ...cast, camera, quietTime };
}

type Watched = VideoWatch<{ text: string }>;

type News = WatchNews<{ text: string }>;

/** The next event of this type that passes the check. */
const next = <T extends News['type']>(
  watch: Watched,
  type: T,
  check: (event: Extract<News, { type: T }>) => boolean = () => true,
) =>
  within(
    type,
    new Promise<void>((resolve) => {
      const stop = watch.on(type, (event) => {
        if (!check(event)) return;
        stop();
        resolve();
      });
    }),
  );

const yes = (watch: Watched) => next(watch, 'look.decided', ({ act }) => act);
/** It looked, and there was nothing, or nothing new. */
const no = (watch: Watched) => next(watch, 'look.decided', ({ act }) => !act);

/** Nothing is under way, and no cool-down runs. */
const idle = (watch: Watched) =>
  waitFor(watch.actor, (now) => now.matches({ watching: { loop: { idle: 'untimed' } } }), {
    timeout: WAIT_LIMIT_MS,
  });

/** What the agent said so far. */
const said = (session: voice.AgentSession) =>
  session.history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'assistant' ? [item.textContent] : [],
  );

const line = (text: string) => `I can read "${text}". I am coming to the door.`;

describe('the shop door', () => {
  test(
    'the shop door says a line once for each text that stays',
    async () => {
      const { camera, quietTime, video, session, start } = await userWith('camera');
      const watch = watchDoor({ video, session, eyes, coolDownMs: 300 });
      const looked = no(watch);
      await start();
      await looked;
      for (const text of ['ZEBRA 9035', 'QUARTZ 1187']) {
        const acted = next(watch, 'act.done');
        await camera.setText(text);
        await acted;
        await idle(watch);
        const { looks } = watch.metrics();
        await quietTime();
        expect(watch.metrics().looks).toBe(looks);
        const gone = no(watch);
        await camera.setText('');
        await gone;
      }
      expect(said(session)).toEqual([line('ZEBRA 9035'), line('QUARTZ 1187')]);
      expect(watch.metrics()).toMatchObject({ acts: 2, failures: { look: 0, decide: 0, act: 0 } });
    },
    SLOW,
  );

  test(
    'the shop door says nothing about a text that is gone before it is confirmed',
    async () => {
      const { camera, quietTime, video, session, start } = await userWith('camera');
      const watch = watchDoor({ video, session, eyes });
      const looked = no(watch);
      await start();
      await looked;
      const seen = yes(watch);
      await camera.setText('OTTER 3826');
      await seen;
      const gone = no(watch);
      await camera.setText('');
      await gone;
      await idle(watch);
      await quietTime();
      expect(said(session)).toEqual([]);
      expect(watch.metrics().acts).toBe(0);
    },
    SLOW,
  );
});

describe('the screen tutor', () => {
  test(
    'the screen tutor gives one hint for each heading, and none while the user speaks',
    async () => {
      const { camera, quietTime, video, session, model, start } = await userWith('screen');
      model.replies.push('Mind the fractions.', 'Mind the roots.');
      const watch = tutor({ video, session, eyes });
      const looked = no(watch);
      await start();
      await looked;
      const hinted = next(watch, 'act.done');
      await camera.setText('FRACTIONS');
      await hinted;
      await quietTime();
      expect(model.requests).toHaveLength(1);

      session._updateUserState('speaking');
      const dropped = next(watch, 'act.dropped');
      await camera.setText('POWERS 42');
      await dropped;
      // It looks once more when the screen is quiet.
      await quietTime();
      session._updateUserState('listening');

      const again = next(watch, 'act.done');
      await camera.setText('ROOTS');
      await again;
      expect(said(session)).toEqual(['Mind the fractions.', 'Mind the roots.']);
      expect(model.requests).toHaveLength(2);
      expect(JSON.stringify(model.requests[0]?.messages)).toContain('FRACTIONS');
      expect(JSON.stringify(model.last.messages)).toContain('ROOTS');
    },
    SLOW,
  );
});

describe('the silent logger', () => {
  const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

  test(
    'the silent logger writes a line for each text, and says nothing',
    async () => {
      const { camera, quietTime, video, session, model, start } = await userWith('camera');
      const lines: object[] = [];
      const watch = logTexts(video, eyes, (line) => lines.push(line));
      const looked = no(watch);
      await start();
      await looked;
      for (const text of ['ZEBRA 9035', 'QUARTZ 1187']) {
        const acted = next(watch, 'acted');
        await camera.setText(text);
        await acted;
        await quietTime();
      }
      expect(lines).toEqual([
        { at: isoTime, text: 'ZEBRA 9035', source: 'camera' },
        { at: isoTime, text: 'QUARTZ 1187', source: 'camera' },
      ]);
      expect(said(session)).toEqual([]);
      expect(model.requests).toHaveLength(0);
    },
    SLOW,
  );

  test('the silent logger writes that the camera is covered', async () => {
    const { video, room, start } = await emptyRoom();
    const covered = new TestCamera();
    room.publish(USER, covered.track, covered.source);
    const showing = setInterval(() => covered.show(1), 1000 / FPS);
    const written = new Promise<object>((resolve) => {
      logTexts(video, eyes, (line) => resolve(line));
    });
    try {
      await start();
      expect(await within('line', written)).toEqual({ at: isoTime, visibility: 'covered' });
    } finally {
      clearInterval(showing);
      await covered.close();
    }
  });
});
