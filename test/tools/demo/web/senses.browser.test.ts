import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SELF } from '../../../../offline/eyes/answers.ts';
import { type Speech, speak } from '../../../../offline/speech.ts';
import { Child, endChildren } from '../../../../src/testing/processes/child.ts';
import { until } from '../../../../src/testing/waits.ts';
import { launchBrowser } from '../../../support/browser.ts';
import { describeWithServerAndBrowser } from '../../../support/real-parts.ts';
import { Visitor } from '../../../support/web-visitor.ts';

const SLOW = 900_000;
/** The first start installs two packages. */
const START_LIMIT_MS = 300_000;
/** The end of waiting for an answer on a busy machine, in ms. */
const ANSWER_LIMIT_MS = 200_000;
/** Slower than the agent's voice, as people speak. */
const VOICE = { wordsPerMinute: 150 };

const COFFEE = fileURLToPath(new URL('../../../../examples/testing/coffee.jpg', import.meta.url));
/** A photograph of three people, from a package of the registry. */
const PEOPLE = createRequire(import.meta.url).resolve('@vladmandic/face-api/demo/sample1.jpg');
const STILL = 'scale=640:-2,crop=640:360';
/** A camera that moves over a photograph. */
const MOVING = 'scale=680:-2,crop=640:360:20*t:10*t';

/** The folder for pictures of the page, for a developer to look at; none unless it is set. */
const PICTURES = process.env.SIGHTLINE_PAGE_PICTURES;

describeWithServerAndBrowser('the page of npm run demo -- --web without a key', (server) => {
  let browser: Browser | undefined;
  let url = '';
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sightline-hearing-'));
    const { url: LIVEKIT_URL, apiKey, apiSecret } = server();
    const demo = new Child(['tools/demo/main.ts', '--web', '--headless'], {
      ...{ SIGHTLINE_MODEL: undefined, GOOGLE_API_KEY: undefined, OPENAI_API_KEY: undefined },
      ...{ LIVEKIT_URL, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret },
    });
    const line = await demo.line(/Open http/, START_LIMIT_MS);
    url = line.slice(line.indexOf('http'));
    if (PICTURES) await mkdir(PICTURES, { recursive: true });
  }, SLOW);
  afterEach(async () => {
    await browser?.close();
  });
  afterAll(async () => {
    await endChildren();
    await rm(folder, { recursive: true });
  }, SLOW);

  /** A visitor with this picture before the browser's camera, whom the agent hears. */
  async function visitor(picture: string, filter: string): Promise<Visitor> {
    const file = cameraFile(folder, picture, filter);
    browser = await launchBrowser([`--use-file-for-fake-video-capture=${file}`]);
    const ann = await Visitor.open(browser, url, { screen: 'INVOICE 4711', speaks: true });
    await ann.join();
    await ann.reads('Demo model: sees text, people and things');
    // The greeting, so that it is not taken for an answer. A busy page may join too late to read it.
    if (await ann.hasAnswerAfter(0)) await ann.answerAfter(0, ANSWER_LIMIT_MS);
    await ann.talk();
    return ann;
  }

  async function photograph({ page }: Visitor, name: string): Promise<void> {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `spoken-${name}.png`) });
  }

  test.each([
    {
      ...{ about: 'photo', picture: COFFEE, filter: STILL, share: 'camera' },
      ...{ question: 'what can you see right now', answer: /^(?!.*not understand).* cups?\b/ },
    },
    {
      ...{ about: 'video', picture: PEOPLE, filter: MOVING, share: 'camera' },
      ...{
        question: 'how many people are in the room',
        answer: /I see \d people and \d faces?\.$/,
      },
    },
    {
      ...{ about: 'screen', picture: COFFEE, filter: STILL, share: 'screen' },
      ...{ question: 'what is written on my screen', answer: /The text says: .*INVOICE 4711/ },
    },
  ])(
    'a spoken question about a $about is understood on this machine and answered aloud',
    async ({ about, picture, filter, share, question, answer }) => {
      const ann = await visitor(picture, filter);
      await ann.press(`Share ${share}`);
      await ann.reads(`Watching your ${share}`);
      await Promise.all([
        ann.hears(ANSWER_LIMIT_MS),
        ann.sayUntil(await speak(question, VOICE), answer, ANSWER_LIMIT_MS),
      ]);
      await photograph(ann, about);
      expect(ann.complaints).toEqual([]);
    },
    SLOW,
  );

  test(
    'an answer stops if the user speaks into it, and what the user said is answered',
    async () => {
      const ann = await visitor(COFFEE, STILL);
      await ann.press('Share camera');
      await ann.reads('Watching your camera');
      const question = await speak('what colors can you see in the picture', VOICE);
      // More than once, because a busy machine loses parts of the sound.
      await until('an answer that stopped', () => isStopped(ann, question), ANSWER_LIMIT_MS);
      await photograph(ann, 'interruption');
      expect(ann.complaints).toEqual([]);
    },
    SLOW,
  );

  test(
    'a sound that becomes no question gets a hint, which the next message takes away',
    async () => {
      const ann = await visitor(COFFEE, STILL);
      await ann.say(tone());
      const hint = ann.page.getByText('I hear you, but I understood no question');
      await hint.waitFor();
      await photograph(ann, 'hint');
      await ann.ask('Who are you?');
      await hint.waitFor({ state: 'detached' });
      expect(ann.complaints).toEqual([]);
    },
    SLOW,
  );
});

/** Two seconds that are loud, and no speech. */
function tone(): Speech {
  const sampleRate = 16_000;
  const samples = Int16Array.from({ length: 2 * sampleRate }, (_, at) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * 440 * at) / sampleRate)),
  );
  return { samples, sampleRate };
}

/** Speaks into a long answer. Whether it stopped on its way, and another answer came. */
async function isStopped(ann: Visitor, speech: Speech): Promise<boolean> {
  const before = await ann.answers.count();
  await ann.ask('Who are you?');
  await ann.answers.nth(before).filter({ hasText: 'I am' }).waitFor();
  await ann.hears();
  await ann.say(speech);
  const isAnswered = await ann.hasAnswerAfter(before + 1);
  await ann.answerAfter(before, ANSWER_LIMIT_MS);
  // The page shows the words that were spoken.
  return isAnswered && !(await ann.answers.nth(before).textContent())?.endsWith(SELF);
}

/** A file that Chromium takes for its camera, in a loop: a small one, which costs little to encode. */
function cameraFile(folder: string, picture: string, filter: string): string {
  const file = join(folder, 'camera.y4m');
  execFileSync(ffmpeg, [
    ...['-y', '-loglevel', 'error', '-loop', '1', '-i', picture, '-t', '2', '-r', '5'],
    ...['-vf', filter, '-pix_fmt', 'yuv420p', file],
  ]);
  return file;
}
