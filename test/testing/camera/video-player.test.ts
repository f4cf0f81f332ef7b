import { pathToFileURL } from 'node:url';
import type { VideoFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OptionError } from '../../../src/errors.ts';
import { type VideoFileOptions, VideoPlayer } from '../../../src/testing/camera/video-player.ts';
import {
  type FakeChild,
  fakeChildren,
  restoreChildren,
} from '../../support/processes/fake-children.ts';

let ffmpegs: FakeChild[];
let players: VideoPlayer[];
/** The luma of the frames that were shown. */
let shown: (number | undefined)[];
let now: number;

beforeEach(() => {
  ffmpegs = [];
  players = [];
  shown = [];
  now = 500;
  fakeChildren((child) => ffmpegs.push(child));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  for (const one of players) one.stop();
  for (const ffmpeg of ffmpegs) ffmpeg.end(0);
  vi.restoreAllMocks();
  restoreChildren();
});

function player(
  options: VideoFileOptions & { width?: number; height?: number } = {},
  file: string | URL = 'a.mp4',
): VideoPlayer {
  const one = new VideoPlayer(file, options, ({ data }: VideoFrame) => shown.push(data[0]));
  players.push(one);
  return one;
}

const newest = (): FakeChild => {
  const ffmpeg = ffmpegs.at(-1);
  if (!ffmpeg) throw new Error('ffmpeg was not started');
  return ffmpeg;
};
/** ffmpeg writes frames of 2 by 2 pixels, 25 a second. */
const begin = (rate = '25:1') => newest().stdout.write(`YUV4MPEG2 W2 H2 F${rate} Ip\n`);
const write = (...lumas: number[]) => {
  for (const luma of lumas)
    newest().stdout.write(Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc(6, luma)]));
};
/** Resolves when all that was written is read. */
const read = () => new Promise((resolve) => setTimeout(resolve));

test.each([
  [{}, 0, '-stream_loop -1 -ss 0 -i a.mp4'],
  [{}, 1500, '-ss 1.5 -i a.mp4'],
  [{ loop: false }, 0, '-ss 0 -i a.mp4'],
])('a video with the options %o begins at %i ms by its arguments', (options, fromMs, expected) => {
  void player(options)
    .play(fromMs)
    .catch(() => {});
  const { program, args } = newest();
  expect(program).toBe('ffmpeg');
  const text = args.join(' ');
  expect(text).toContain(`-nostdin ${expected} -an -sn -dn -pix_fmt yuv420p -f yuv4mpegpipe`);
});

test.each([
  [{ width: 80 }, 'scale=80:-2'],
  [{ height: 60 }, 'scale=-2:60'],
  [{ width: 80, height: 60 }, 'scale=80:60:force_original_aspect_ratio=decrease'],
])('a video with the size %o is scaled to fit', (size, scale) => {
  void player({ ...size, ffmpeg: '/my/ffmpeg' })
    .play(0)
    .catch(() => {});
  expect(newest().program).toBe('/my/ffmpeg');
  expect(newest().args.join(' ')).toContain(`-vf ${scale} -pix_fmt`);
});

test('a video is a path or a file URL', () => {
  const url = pathToFileURL('/videos/a b.mp4');
  void player({}, url)
    .play(0)
    .catch(() => {});
  expect(newest().args).toContain('/videos/a b.mp4');
  for (const file of ['', new URL('https://example.com/a.mp4'), 7 as never])
    expect(() => player({}, file)).toThrow(OptionError);
});

test('a frame that is due is shown, and one that is later than 60 ms is skipped', async () => {
  const playing = player().play(0);
  begin();
  write(1);
  await playing;
  expect(shown).toEqual([1]);
  // The next frames are due at 540, 580 and 620 ms.
  now = 641;
  write(2, 3, 4);
  await vi.waitUntil(() => shown.includes(4));
  expect(shown).toEqual([1, 4]);
});

test('a frame is not shown before it is due', async () => {
  const playing = player().play(0);
  // Each frame is due 1000 s after the one before.
  begin('1:1000');
  write(1, 2);
  await playing;
  await read();
  expect(shown).toEqual([1]);
});

test('a video that does not loop ends after its last frame, and one that loops begins again', async () => {
  const [once, again] = [player({ loop: false }), player()];
  for (const one of [once, again]) {
    const playing = one.play(40);
    begin();
    write(1);
    await playing;
  }
  for (const ffmpeg of [...ffmpegs]) ffmpeg.end(0);
  await once.ended;
  await vi.waitUntil(() => ffmpegs.length === 3);
  expect(newest().args.join(' ')).toContain('-stream_loop -1 -ss 0');
});

test('a video that is stopped shows nothing more, and neither ends nor begins again', async () => {
  const one = player({ loop: false });
  let hasEnded = false;
  void one.ended.then(() => {
    hasEnded = true;
  });
  const playing = one.play(0);
  begin();
  write(1);
  await playing;
  one.stop();
  expect(newest().signals).toEqual(['SIGKILL']);
  write(2);
  newest().end(null, 'SIGKILL');
  await read();
  expect({ shown, hasEnded, started: ffmpegs.length }).toEqual({
    ...{ shown: [1], hasEnded: false, started: 1 },
  });
});

test('a video that plays from another time ends the first ffmpeg', async () => {
  const one = player();
  const first = one.play(0);
  begin();
  write(1);
  await first;
  const second = one.play(2000);
  expect(ffmpegs.map(({ signals }) => signals)).toEqual([['SIGKILL'], []]);
  begin();
  write(5);
  await second;
  expect(shown).toEqual([1, 5]);
});

test('a video without a picture is an error with the words of ffmpeg', async () => {
  const playing = player().play(9000);
  newest().stderr.write(' no such file \n');
  newest().end(1);
  await expect(playing).rejects.toMatchObject({
    code: 'testing-video',
    message: expect.stringContaining('a.mp4 has no picture at 9000 ms (ffmpeg: no such file)'),
  });
  const silent = player().play(0);
  newest().end(0);
  await expect(silent).rejects.toThrow('(ffmpeg: no error)');
});

test('a missing ffmpeg is an error with the ways to install it', async () => {
  const playing = player().play(0);
  newest().emit('error', new Error('spawn ENOENT'));
  await expect(playing).rejects.toMatchObject({
    code: 'testing-ffmpeg',
    message: expect.stringContaining('spawn ENOENT'),
    remedy: expect.stringContaining('brew install ffmpeg'),
  });
});
