import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { TrackSource, VideoStream } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeFrame, OptionError } from '../../../src/index.ts';
import { greyFrame } from '../../../src/testing/camera/levels.ts';
import { type ShowOptions, TestCamera } from '../../../src/testing/camera/test-camera.ts';
import { TestingError } from '../../../src/testing/errors.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { greyLevel, looksLike } from '../../../src/testing/pictures/likeness.ts';
import { until, within } from '../../../src/testing/waits.ts';
import { isAlive } from '../../support/worker.ts';

const COFFEE = new URL('../../../examples/testing/coffee.jpg', import.meta.url);
const CAT = fileURLToPath(new URL('../../data/photos/cat.jpg', import.meta.url));

const cameras: TestCamera[] = [];
const kept = (camera: TestCamera) => {
  cameras.push(camera);
  return camera;
};
const readers: { cancel(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.cancel()));
  await Promise.all(cameras.splice(0).map((camera) => camera.close()));
});

/** The frames that a subscriber of the camera gets. */
function watch(camera: TestCamera) {
  const reader = new VideoStream(camera.track).getReader();
  readers.push(reader);
  return {
    async next() {
      const { value } = await within('a frame', reader.read());
      if (!value) throw new Error('the stream ended');
      return value;
    },
    /** The next frame that shows the requested content. */
    async until(wanted: (level: number | undefined) => boolean) {
      for (;;) {
        const event = await this.next();
        const level = await greyLevel(event);
        if (wanted(level)) return { ...event, level };
      }
    },
    /** Shows a level until it arrives: rtc-node may drop a frame of a stream that just opens. */
    async shown(level: number, options?: ShowOptions) {
      const showing = setInterval(() => camera.show(level, options), 30);
      try {
        return await this.until((seen) => seen === level);
      } finally {
        clearInterval(showing);
      }
    },
  };
}

describe('a camera with set content', () => {
  test('a camera sends one frame for each show(), in its own size', async () => {
    const camera = kept(new TestCamera({ width: 160, height: 96 }));
    const frames = watch(camera);
    const { frame } = await frames.shown(3);
    expect([frame.width, frame.height]).toEqual([160, 96]);
    const before = camera.frames;
    camera.show(8);
    expect(camera.frames).toBe(before + 1);
    await frames.until((level) => level === 8);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'a camera shows level %i, which can be read from a JPEG',
    async (level) => {
      expect(await greyLevel(await encodeFrame(greyFrame(level)))).toBe(level);
    },
  );

  test.each([-1, 10, 2.5])('a camera refuses level %d, and names the valid ones', (level) => {
    const camera = kept(new TestCamera());
    expect(() => camera.show(level)).toThrow(TestingError);
    expect(() => camera.show(level)).toThrow(/whole number from 0 to 9/);
  });

  test('a camera shows a file, bytes and a frame', async () => {
    const camera = kept(new TestCamera());
    const frames = watch(camera);
    await frames.shown(1);
    await camera.show(CAT);
    expect(await looksLike(await frames.until((level) => level === undefined), CAT)).toBe(true);
    await camera.show(await sharp(fileURLToPath(COFFEE)).png().toBuffer());
    expect(await looksLike(await frames.next(), COFFEE)).toBe(true);
    await camera.show(greyFrame(5, { width: 32, height: 32 }));
    expect(await greyLevel(await frames.next())).toBe(5);
  });

  test('a camera scales a picture to its own size, and keeps the aspect ratio', async () => {
    const camera = kept(new TestCamera({ width: 240, height: 240 }));
    const frames = watch(camera);
    await frames.shown(1);
    await camera.show(COFFEE);
    const { frame } = await frames.until((level) => level === undefined);
    expect([frame.width, frame.height]).toEqual([240, 160]);
  });

  test('a camera can be rotated, and its frames state their rotation', async () => {
    const camera = kept(new TestCamera({ width: 96, height: 64 }));
    const frames = watch(camera);
    camera.rotation = 90;
    const { rotation, frame } = await frames.shown(6);
    expect({ rotation, width: frame.width }).toEqual({ rotation: 1, width: 96 });
    expect((await frames.shown(7, { rotation: 0 })).rotation).toBe(0);
  });

  test.each(['no-such.jpg', Buffer.from('no picture')])(
    'a camera reports that %s is no picture',
    async (file) => {
      const camera = kept(new TestCamera());
      await expect(camera.show(file)).rejects.toMatchObject({
        code: 'testing-picture',
        remedy: expect.stringContaining('JPEG'),
      });
    },
  );

  test('a camera does not fetch a link', async () => {
    await expect(TestCamera.fromImage('https://example.com/cat.jpg')).rejects.toThrow(
      /does not use the network/,
    );
  });
});

describe('a camera with a photo', () => {
  test('a camera repeats its photo', async () => {
    const camera = kept(await TestCamera.fromImage(COFFEE));
    const frames = watch(camera);
    for (let count = 0; count < 3; count++) {
      const event = await frames.next();
      expect(await looksLike(event, COFFEE)).toBe(true);
      expect([event.frame.width, event.frame.height]).toEqual([480, 320]);
    }
  });

  test('a camera shows a photo upright if the file states its rotation', async () => {
    const turned = await sharp(fileURLToPath(COFFEE))
      .rotate(90)
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toBuffer();
    const camera = kept(await TestCamera.fromImage(turned, { width: 120 }));
    const event = await watch(camera).next();
    expect([event.frame.width, event.frame.height]).toEqual([120, 80]);
    expect(await looksLike(event, COFFEE)).toBe(true);
  });
});

describe('the options and the end of a camera', () => {
  afterEach(() => void vi.useRealTimers());

  test('a camera has the name and the source of its options, and begins with one frame', () => {
    const usual = kept(new TestCamera());
    expect([usual.track.name, usual.source]).toEqual(['test', TrackSource.SOURCE_CAMERA]);
    expect(usual.frames).toBe(1);
    const screen = kept(new TestCamera({ name: 'slides', source: 'screen' }));
    expect([screen.track.name, screen.source]).toEqual([
      ...['slides', TrackSource.SOURCE_SCREENSHARE],
    ]);
  });

  test('a camera repeats its picture at its rate, a photo ten times a second', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const framesOf = (camera: TestCamera) => {
      const before = camera.frames;
      vi.advanceTimersByTime(1000);
      return camera.frames - before;
    };
    expect(framesOf(kept(new TestCamera({ fps: 25 })))).toBe(25);
    expect(framesOf(kept(new TestCamera()))).toBe(0);
    expect(framesOf(kept(await TestCamera.fromImage(COFFEE)))).toBe(10);
    expect(framesOf(kept(await TestCamera.fromImage(COFFEE, { fps: 0 })))).toBe(0);
  });

  test('a camera that is closed ends its track once, and sends nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const camera = new TestCamera({ fps: 10 });
    const closed = vi.spyOn(camera.track, 'close');
    await Promise.all([camera.close(), camera.close()]);
    expect(closed).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
    const { frames } = camera;
    camera.show(5);
    camera.mute();
    expect([camera.frames, camera.muted]).toEqual([frames, false]);
  });
});

describe('a camera that fails', () => {
  test('a camera sends nothing while it is stalled, and continues with later frames', async () => {
    const camera = kept(new TestCamera());
    const frames = watch(camera);
    await frames.shown(2);
    camera.stall();
    const before = camera.frames;
    camera.show(4);
    camera.show(5);
    expect(camera.frames).toBe(before);
    camera.resume();
    expect((await frames.until((level) => level !== 2)).level).toBe(5);
  });

  test('a camera can mute its publication, sends nothing, and comes back', async () => {
    const camera = kept(new TestCamera());
    const room = new LoopbackRoom();
    const events: string[] = [];
    room.on('trackMuted', ({ sid }) => events.push(`muted ${sid}`));
    room.on('trackUnmuted', ({ sid }) => events.push(`unmuted ${sid}`));
    room.join('ada');
    const publication = room.publish('ada', camera.track, camera.source);
    const frames = watch(camera);
    await frames.shown(2);
    camera.mute();
    camera.mute();
    expect([publication.muted, camera.muted]).toEqual([true, true]);
    const before = camera.frames;
    camera.show(4);
    expect(camera.frames).toBe(before);
    camera.unmute();
    expect((await frames.until((level) => level !== 2)).level).toBe(4);
    expect(events).toEqual([`muted ${publication.sid}`, `unmuted ${publication.sid}`]);
    room.unpublish(publication);
    camera.mute();
    expect(events).toHaveLength(2);
  });

  test('a muted camera is muted in a room that it joins later', () => {
    const camera = kept(new TestCamera());
    camera.mute();
    const room = new LoopbackRoom();
    room.join('ada');
    expect(room.publish('ada', camera.track, camera.source).muted).toBe(true);
  });
});

describe('a camera without a picture', () => {
  const REMEDY = 'pass the path or the `file:` URL of a picture, its bytes, or a frame';

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [{ data: 'text' }, 'of type object'],
  ])('fromImage and show refuse a value that is not a picture: %j', async (value, what) => {
    const picture = value as never;
    const camera = kept(new TestCamera());
    for (const shown of [TestCamera.fromImage(picture), camera.show(picture)]) {
      const error = await Promise.resolve(shown).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(OptionError);
      expect(error).toMatchObject({
        option: 'picture',
        value,
        message: `picture is ${what}: ${REMEDY}`,
      });
    }
  });
});

describe('a camera with a video', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-video-'));
  /** Two seconds: half a second of each of four greys. */
  const video = join(folder, 'steps.mkv');
  const LEVELS = [2, 4, 6, 8];

  beforeAll(async () => {
    const greys = LEVELS.map((level) => `color=0x${hex(level)}:s=160x96:r=20:d=0.5`);
    execFileSync(ffmpeg, [
      ...['-loglevel', 'error', '-y'],
      ...greys.flatMap((grey) => ['-f', 'lavfi', '-i', grey]),
      ...['-filter_complex', `concat=n=${greys.length}:v=1`, '-c:v', 'mpeg4', '-q:v', '2', video],
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const hex = (level: number) =>
    Math.round((level * 20 * 255) / 219)
      .toString(16)
      .padStart(2, '0')
      .repeat(3);

  test('a camera plays a whole video in its order and at its speed, and ends', async () => {
    const begin = performance.now();
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg, loop: false }));
    const frames = watch(camera);
    const seen = new Set<number | undefined>();
    let ended = false;
    const end = camera.ended.then(() => {
      ended = true;
    });
    while (!ended) {
      const next = await Promise.race([frames.next(), end]);
      if (next) seen.add(await greyLevel(next));
    }
    // A reader on a busy machine misses frames, and so perhaps levels. It sees no other order.
    const levels = [...seen].filter((level) => level !== 1);
    expect(levels).toEqual(LEVELS.filter((level) => seen.has(level)));
    expect(levels.length).toBeGreaterThan(1);
    const length = performance.now() - begin;
    // A file of 2 s that is read as fast as possible takes a fraction of that.
    expect(length).toBeGreaterThan(1900);
    expect(camera.frames).toBeLessThanOrEqual(41);
  });

  test('a camera repeats a video in a loop', async () => {
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg, startMs: 1600 }));
    const frames = watch(camera);
    await frames.until((level) => level === 8);
    await frames.until((level) => level === 2);
  });

  test('a camera can seek in a video', async () => {
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg, width: 80 }));
    const frames = watch(camera);
    await camera.seek(1100);
    const { frame } = await frames.until((level) => level === 6);
    expect([frame.width, frame.height]).toEqual([80, 48]);
    await camera.seek(600);
    await frames.until((level) => level === 4);
  });

  test('a video goes on in time while its camera is stalled', async () => {
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg, loop: false }));
    const frames = watch(camera);
    camera.stall();
    await camera.ended;
    camera.resume();
    await frames.until((level) => level === 8);
  });

  test('a camera stops its video when it shows something else', async () => {
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg }));
    const frames = watch(camera);
    await frames.shown(9);
    await expect(camera.seek(0)).rejects.toMatchObject({ code: 'testing-video' });
  });

  /** A program that runs ffmpeg, and the ids of its processes that run. */
  function recordedFfmpeg(name: string) {
    const pids = join(folder, `${name}.pids`);
    const recorder = join(folder, `${name}.sh`);
    writeFileSync(recorder, `#!/bin/sh\necho $$ >> ${pids}\nexec ${ffmpeg} "$@"\n`, {
      mode: 0o755,
    });
    const running = () => readFileSync(pids, 'utf8').trim().split('\n').map(Number).filter(isAlive);
    return { recorder, running };
  }

  test('a camera ends ffmpeg when it shows something else', async () => {
    const { recorder, running } = recordedFfmpeg('shows');
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg: recorder }));
    expect(running()).toHaveLength(1);
    camera.show(9);
    await until('the end of ffmpeg', () => running().length === 0);
  });

  test('a camera ends ffmpeg when it seeks and when it is closed', async () => {
    const { recorder, running } = recordedFfmpeg('seeks');
    const camera = kept(await TestCamera.fromVideo(video, { ffmpeg: recorder }));
    const [first] = running();
    await camera.seek(1000);
    await until('the end of the first ffmpeg', () => !running().includes(first ?? 0));
    expect(running()).toHaveLength(1);
    await camera.close();
    await until('the end of each ffmpeg', () => running().length === 0);
  });

  test('a camera that is closed while its video loops ends ffmpeg', async () => {
    const { recorder, running } = recordedFfmpeg('loops');
    const camera = await TestCamera.fromVideo(video, { ffmpeg: recorder });
    await camera.close();
    await until('the end of ffmpeg', () => running().length === 0);
  });

  test.each([
    [undefined, 'undefined'],
    ['', '""'],
    [new URL('https://example.com/cat.mp4'), 'of class URL'],
  ])('fromVideo refuses a value that is not a path: %j', async (file, what) => {
    const error = await TestCamera.fromVideo(file as string).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({
      option: 'file',
      value: file,
      message: `file is ${what}: pass the path or the \`file:\` URL of a video`,
    });
  });

  test('a camera reports how to install ffmpeg if it is missing, and is closed', async () => {
    const closed = vi.spyOn(TestCamera.prototype, 'close');
    const made = TestCamera.fromVideo(video, { ffmpeg: '/no/such/ffmpeg' });
    await expect(made).rejects.toMatchObject({
      code: 'testing-ffmpeg',
      remedy: expect.stringContaining('apt-get install ffmpeg'),
    });
    expect(closed).toHaveBeenCalledOnce();
    closed.mockRestore();
  });

  test.each([
    ['a file that is not there', 'no-such.mkv', 0],
    ['a file that is no video', fileURLToPath(import.meta.url), 0],
    ['a time after the end', video, 60_000],
  ])('a camera reports that it cannot play %s', async (_, file, startMs) => {
    const made = TestCamera.fromVideo(file, { ffmpeg, startMs, loop: false });
    await expect(made).rejects.toMatchObject({ code: 'testing-video' });
  });
});
