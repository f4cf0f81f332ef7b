import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { letters } from '../../../src/frames/letters.ts';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { within } from '../../../src/testing/waits.ts';
import type { DemoResult } from '../../../tools/demo/result.ts';

const SLOW = 400_000;
const COFFEE = fileURLToPath(new URL('../../../examples/testing/coffee.jpg', import.meta.url));
/** A photograph of people, from a package of the registry. */
const PEOPLE = createRequire(import.meta.url).resolve('@vladmandic/face-api/demo/sample1.jpg');
const REPORT = new URL('../../../demo-report/index.html', import.meta.url);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-show-'));
});
afterEach(async () => {
  await endChildren();
  await rm(folder, { recursive: true });
});

/** The result of a run with these options, and what it printed. */
async function runDemo(...options: string[]): Promise<{ result: DemoResult; output: string }> {
  const json = join(folder, 'demo.json');
  const demo = new Child(['tools/demo/main.ts', '--headless', '--json', json, ...options]);
  const { code } = await within('end of the demo', demo.ended, SLOW);
  expect(code, demo.output).toBe(0);
  await demo.groupIsGone();
  return { result: JSON.parse(await readFile(json, 'utf8')) as DemoResult, output: demo.output };
}

describe('the demo with own input', () => {
  test(
    'questions about a photo and a screenshot are answered from each of them',
    async () => {
      const screen = join(folder, 'screen.png');
      const text = letters('INVOICE 4711', {
        ...{ color: 'black', width: 900, height: 200, align: 'centre' },
      });
      await text.flatten({ background: 'white' }).toFile(screen);
      const { result, output } = await runDemo(
        ...['--image', COFFEE, '--screen', screen],
        ...['--ask', 'Is there a cup?', '--ask', 'What does it say?'],
      );
      const answers = result.turns.map(({ frame, answer }) => [frame?.source, answer]);
      expect(answers).toEqual([
        ['camera', expect.stringMatching(/ a cup\.$/)],
        ['camera', expect.any(String)],
        ['screen', 'I see no cup.'],
        ['screen', expect.stringContaining('INVOICE 4711')],
      ]);
      expect(result.turns.map(({ imagesInRequest }) => imagesInRequest)).toEqual([1, 1, 1, 1]);
      expect(output).toContain('not from a language model');
      const report = await readFile(REPORT, 'utf8');
      for (const { question } of result.turns) expect(report).toContain(question);
      expect(report.match(/src="data:image\/jpeg/g)).toHaveLength(4);
    },
    SLOW,
  );

  test(
    'a clip plays as the camera',
    async () => {
      const clip = join(folder, 'clip.mp4');
      execFileSync(ffmpeg, [
        ...['-loglevel', 'error', '-loop', '1', '-i', PEOPLE, '-t', '2', '-r', '15'],
        ...['-vf', 'scale=960:-2', '-pix_fmt', 'yuv420p', clip],
      ]);
      const { result } = await runDemo('--video', clip, '--ask', 'How many people are there?');
      expect(result.turns.map(({ answer }) => answer)).toEqual([
        expect.stringMatching(/^I see \d people and \d faces\.$/),
      ]);
    },
    SLOW,
  );
});
