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
import { speak } from '../../../../offline/speech.ts';
import { Child, endChildren } from '../../../../src/testing/processes/child.ts';
import { launchBrowser } from '../../../support/browser.ts';
import { describeWithServerAndBrowser } from '../../../support/real-parts.ts';
import { Visitor } from '../../../support/web-visitor.ts';

const SLOW = 500_000;
/** The first start installs two packages. */
const START_LIMIT_MS = 300_000;
/** The end of waiting for an answer on a busy machine, in ms. */
const ANSWER_LIMIT_MS = 300_000;
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

  /** A visitor with this picture before the browser's camera, whom the agent hears and has greeted. */
  async function visitor(picture: string, filter: string): Promise<Visitor> {
    const file = cameraFile(folder, picture, filter);
    browser = await launchBrowser([`--use-file-for-fake-video-capture=${file}`]);
    const ann = await Visitor.open(browser, url, { screen: 'INVOICE 4711', speaks: true });
    await ann.join();
    await ann.reads('Demo model: sees text, people and things');
    await ann.talk();
    await ann.page.waitForSelector('.face[data-state="listening"]');
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
      const [said, answers] = ['you', 'agent'].map((from) =>
        ann.page.locator(`.log [data-from="${from}"]`),
      );
      const before = (await answers?.count()) ?? 0;
      await ann.ask('Who are you?');
      await answers?.nth(before).filter({ hasText: 'I am' }).waitFor();
      await ann.hears();
      await ann.say(question);
      await said?.nth(1).waitFor();
      await answers?.nth(before + 1).waitFor();
      // Both texts are those that were spoken: the first one stopped on its way.
      expect(SELF).toMatch(/how many people there are\.$/);
      expect(await answers?.nth(before).textContent()).not.toContain('how many people');
      await photograph(ann, 'interruption');
      expect(ann.complaints).toEqual([]);
    },
    SLOW,
  );
});

/** A file that Chromium takes for its camera, in a loop: a small one, which costs little to encode. */
function cameraFile(folder: string, picture: string, filter: string): string {
  const file = join(folder, 'camera.y4m');
  execFileSync(ffmpeg, [
    ...['-y', '-loglevel', 'error', '-loop', '1', '-i', picture, '-t', '2', '-r', '5'],
    ...['-vf', filter, '-pix_fmt', 'yuv420p', file],
  ]);
  return file;
}
