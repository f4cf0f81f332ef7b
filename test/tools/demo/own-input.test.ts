import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoOptions } from '../../../tools/demo/options.ts';
import { InputError, type OwnInput, openOwnInput } from '../../../tools/demo/own-input.ts';

const ASKS = { asks: ['What can you see?'] };

let folder: string;
let text: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-input-'));
  text = join(folder, 'notes.txt');
  await writeFile(text, 'not a picture');
});
afterAll(() => rm(folder, { recursive: true }));

describe('the files of a user', () => {
  test.each(['image', 'video', 'screen'])('a missing file of --%s is reported', async (option) => {
    const missing = join(folder, 'missing.jpg');
    const opened = openOwnInput({ ...ASKS, [option]: missing });
    await expect(opened).rejects.toThrow(InputError);
    await expect(opened).rejects.toThrow(
      `--${option} ${missing}: there is no such file. Give the path of a file`,
    );
  });

  test.each<[keyof OwnInput, string]>([
    ['image', 'it is not a picture that can be read. Give a JPEG'],
    ['screen', 'it is not a picture that can be read. Give a JPEG'],
    ['video', 'it is not a video that ffmpeg can play. Give an MP4'],
  ])('an unknown format of --%s is reported with the known ones', async (option, problem) => {
    const opened = openOwnInput({ ...ASKS, [option]: text });
    await expect(opened).rejects.toThrow(`--${option} ${text}: ${problem}`);
  });

  test('a clip without ffmpeg is reported with the remedy', async () => {
    const opened = openOwnInput({ ...ASKS, video: text }, join(folder, 'no-ffmpeg'));
    await expect(opened).rejects.toThrow(`--video ${text}: it needs ffmpeg, which is missing`);
  });
});

describe('the options for own input', () => {
  test('files and questions are taken in their order', () => {
    const args = ['--image', 'a.jpg', '--screen', 'b.png', '--ask', 'one?', '--ask', 'two?'];
    expect(demoOptions(args)).toMatchObject({
      own: { image: 'a.jpg', screen: 'b.png', asks: ['one?', 'two?'] },
    });
  });

  test('a file without a question is asked about as a whole', () => {
    expect(demoOptions(['--video', 'a.mp4'])).toMatchObject({ own: ASKS });
  });

  test('no file means the scenes of the demo', () => {
    expect(demoOptions([])).toMatchObject({ own: undefined });
  });

  test.each([
    [['--ask', 'Why?'], '--ask needs a picture: add --image, --video or --screen'],
    [['--image', 'a.jpg', '--ask', ' '], '--ask " ": write a question'],
    [
      ['--image', 'a.jpg', '--video', 'b.mp4'],
      '--image a.jpg and --video b.mp4 are both the camera',
    ],
    [['--image', 'a.jpg', '--text', 'A'], '--text is for the scenes of the demo'],
    [['--image', 'a.jpg', '--watch'], '--watch has its own scenes'],
    [['--image', 'a.jpg', '--web'], 'leave out --image'],
  ])('%j is refused', (args, message) => {
    expect(() => demoOptions(args)).toThrow(message);
  });
});
