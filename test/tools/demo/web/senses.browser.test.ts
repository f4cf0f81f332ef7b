import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  const browsers: Browser[] = [];
  let url = '';
  let folder = '';
  /** One call of a user with a still picture, in which most of the tests take place. */
  let ann: Visitor;

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
    ann = await visitor(COFFEE, STILL);
  }, SLOW);
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await endChildren();
    await rm(folder, { recursive: true });
  }, SLOW);

  /** A visitor with this picture before the browser's camera, whom the agent hears. */
  async function visitor(picture: string, filter: string): Promise<Visitor> {
    const file = cameraFile(folder, picture, filter);
    const browser = await launchBrowser([`--use-file-for-fake-video-capture=${file}`]);
    browsers.push(browser);
    const user = await Visitor.open(browser, url, { screen: 'INVOICE 4711', speaks: true });
    await user.join();
    await user.reads('Demo model: sees text, people and things');
    // The greeting, so that it is not taken for an answer. A busy page may join too late to read it.
    if (await user.hasAnswerAfter(0)) await user.answerAfter(0, ANSWER_LIMIT_MS);
    await user.talk();
    return user;
  }

  /** Shares the camera or the screen, asks about it aloud, and hears the right answer. */
  async function asks(who: Visitor, share: string, question: string, answer: RegExp) {
    await who.press(`Share ${share}`);
    await who.reads(`Watching your ${share}`);
    await Promise.all([
      who.hears(ANSWER_LIMIT_MS),
      who.sayUntil(await speak(question, VOICE), answer, ANSWER_LIMIT_MS),
    ]);
    expect(who.complaints).toEqual([]);
  }

  async function photograph({ page }: Visitor, name: string): Promise<void> {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `spoken-${name}.png`) });
  }

  test(
    'a sound that becomes no question gets a hint, which the next message takes away',
    async () => {
      await ann.say(tone());
      const hint = ann.page.getByText('I hear you, but I understood no question');
      await hint.waitFor();
      await photograph(ann, 'hint');
      const before = await ann.answers.count();
      await ann.ask('Who are you?');
      await hint.waitFor({ state: 'detached' });
      await ann.answerAfter(before, ANSWER_LIMIT_MS);
      expect(ann.complaints).toEqual([]);
    },
    SLOW,
  );

  test.each([
    ['photo', 'camera', 'what can you see right now', /^(?!.*not understand).* cups?\b/],
    ['screen', 'screen', 'what is written on my screen', /The text says: .*INVOICE 4711/],
  ])(
    'a spoken question about a %s is understood on this machine and answered aloud',
    async (about, share, question, answer) => {
      await asks(ann, share, question, answer);
      await photograph(ann, about);
      await ann.press(`Stop ${share}`);
      await ann.reads('Nothing to look at');
    },
    SLOW,
  );

  test(
    'a spoken question about a video is understood on this machine and answered aloud',
    async () => {
      const bob = await visitor(PEOPLE, MOVING);
      const answer = /I see \d people and \d faces?\.$/;
      await asks(bob, 'camera', 'how many people are in the room', answer);
      await photograph(bob, 'video');
      await bob.page.close();
    },
    SLOW,
  );

  test(
    'an answer stops if the user speaks into it, and what the user said is answered',
    async () => {
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
  const file = join(folder, `${basename(picture)}.y4m`);
  execFileSync(ffmpeg, [
    ...['-y', '-loglevel', 'error', '-loop', '1', '-i', picture, '-t', '2', '-r', '5'],
    ...['-vf', filter, '-pix_fmt', 'yuv420p', file],
  ]);
  return file;
}
