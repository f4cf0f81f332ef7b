import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoomServiceClient } from 'livekit-server-sdk';
import type { Browser, WebSocketRoute } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Child, endChildren } from '../../../../src/testing/processes/child.ts';
import { randomText } from '../../../../src/testing/rooms.ts';
import { until, within } from '../../../../src/testing/waits.ts';
import { launchBrowser } from '../../../support/browser.ts';
import { GROUP } from '../../../support/people.ts';
import { describeWithServerAndBrowser } from '../../../support/real-parts.ts';
import { Visitor } from '../../../support/web-visitor.ts';

const SLOW = 400_000;
/** The first start installs a package. */
const START_LIMIT_MS = 200_000;

/** The faces of the photograph, of 1280x1025, as a camera of 1280x720 shows its top. */
const FACES = GROUP.frontal.map(({ x, y, width, height }) => {
  const scale = 1025 / 720;
  return { x, y: y * scale, width, height: height * scale };
});
const WHOLE = { x: 0, y: 0, width: 1, height: 1 };
/** The wide one last: it also shows the hints of the switches. */
const SIZES = [
  ['narrow', 390, 844],
  ['wide', 1280, 800],
] as const;

/** The folder for pictures of the page, for a developer to look at; none unless it is set. */
const PICTURES = process.env.SIGHTLINE_PAGE_PICTURES;

describeWithServerAndBrowser('the page of npm run demo -- --web --avatar', (server) => {
  let browser: Browser | undefined;
  let demo: Child | undefined;
  let url = '';

  beforeAll(async () => {
    const { url: LIVEKIT_URL, apiKey, apiSecret } = server();
    const env = { LIVEKIT_URL, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
    demo = new Child(['tools/demo/main.ts', '--web', '--avatar', '--headless'], env);
    browser = await launchBrowser();
    const line = await demo.line(/Open http/, START_LIMIT_MS);
    url = line.slice(line.indexOf('http'));
    if (PICTURES) await mkdir(PICTURES, { recursive: true });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await endChildren();
  }, SLOW);

  async function photograph({ page }: Visitor, name: string): Promise<void> {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }

  test(
    "the page gets answers about camera and screen, shows when the agent's video is off, and resumes it",
    async () => {
      if (!browser) throw new Error('the browser did not start');
      const shown = { camera: randomText(), screen: randomText() };
      const failures = ['NotAllowedError', 'NotFoundError'];
      const ann = await Visitor.open(browser, url, { ...shown, failures });
      await photograph(ann, 'outside');
      await ann.join();
      await ann.reads('Nothing to look at');
      expect(await ann.pictureIsShown()).toBe(false);

      await ann.press('Share camera');
      await ann.reads('The camera is blocked');
      await photograph(ann, 'denied');
      await ann.press('Share camera');
      await ann.reads('No camera was found');
      await ann.press('Share camera');
      await ann.reads('Watching your camera');
      await ann.askUntil(shown.camera);
      await ann.reads('Camera, sent');
      expect(await ann.pictureIsShown()).toBe(true);
      await until('moving face', () => ann.faceMoves());
      await photograph(ann, 'camera');

      await ann.press('Share screen');
      await ann.reads('Watching your screen');
      await ann.askUntil(shown.screen);
      await ann.reads('Screen, sent');
      const mark = await ann.markAfter(`Where is ${shown.screen}?`);
      // The text is a little above the middle of the screen.
      expect(mark.x).toBeCloseTo(0.5, 1);
      expect(mark.y).toBeCloseTo(0.49, 1);
      await photograph(ann, 'mark');
      await photograph(ann, 'screen');

      const eyes = ann.page.getByRole('switch', { name: 'Let it watch' });
      // Space, as on a keyboard.
      await eyes.press(' ');
      await ann.reads('Not looking');
      await ann.askUntil('I am not looking');
      await photograph(ann, 'off');
      await eyes.press(' ');
      await ann.reads('Watching your screen');

      for (const colorScheme of ['light', 'dark'] as const) {
        await ann.page.emulateMedia({ colorScheme });
        await ann.page.setViewportSize({ width: 390, height: 844 });
        expect(await ann.overflow()).toBe(0);
        await photograph(ann, `narrow-${colorScheme}`);
      }
      await ann.press('Leave');
      await ann.reads('You have left');
      expect(ann.complaints).toEqual([]);
      await ann.page.close();
    },
    SLOW,
  );

  test(
    'the page hides faces from the model, and shows what the model gets instead',
    async () => {
      if (!browser) throw new Error('the browser did not start');
      const bytes = await sharp(await readFile(GROUP.file))
        .resize(1280)
        .jpeg()
        .toBuffer();
      const photo = `data:image/jpeg;base64,${bytes.toString('base64')}`;
      const ann = await Visitor.open(browser, url, { camera: '', screen: '', photo });
      await ann.join();
      await ann.press('Share camera');
      await ann.reads('Watching your camera');
      await ann.reads('It sees faces');
      await ann.page.getByRole('switch', { name: 'Hide faces' }).press(' ');
      await ann.reads('Live, with faces hidden');
      const hidden = async () => {
        const [whole = 1, ...faces] = await ann.blackShares('video', [WHOLE, ...FACES]);
        // The view is black until its first picture.
        return whole < 0.6 && faces.every((share) => share > 0.6);
      };
      await until('black faces in the live view', hidden);
      for (const [name, width, height] of SIZES) {
        await ann.page.setViewportSize({ width, height });
        expect(await ann.overflow()).toBe(0);
        await photograph(ann, `faces-${name}`);
      }

      // Each answer about a picture has its colours.
      await ann.askUntil(/The picture is mostly|No colour is/);
      await ann.page.getByRole('switch', { name: 'Hide faces' }).press(' ');
      await ann.reads('It sees faces');
      await ann.reads('Camera, sent');
      await until('the picture of the question', () => ann.pictureIsShown());
      const sent = await ann.blackShares('img', FACES);
      expect(Math.min(...sent)).toBeGreaterThan(0.6);
      expect(ann.complaints).toEqual([]);
      await ann.page.close();
    },
    SLOW,
  );

  test(
    'the page resumes a connection that breaks, and a user who was removed can join again',
    async () => {
      if (!browser) throw new Error('the browser did not start');
      const ann = await Visitor.open(browser, url, { camera: 'A', screen: 'B' });
      let signal: WebSocketRoute | undefined;
      let connections = 0;
      await ann.page.routeWebSocket(/127\.0\.0\.1/, (socket) => {
        connections++;
        signal = socket;
        socket.connectToServer();
      });
      await ann.press('Join');
      await ann.reads('Connected');
      await signal?.close({ code: 4000 });
      await ann.reads('Reconnecting');
      await photograph(ann, 'reconnecting');
      await ann.reads('Connected');
      expect(connections).toBeGreaterThan(1);

      const { url: livekit, apiKey, apiSecret } = server();
      const rooms = new RoomServiceClient(livekit.replace(/^ws/, 'http'), apiKey, apiSecret);
      for (const { name } of await rooms.listRooms())
        for (const { identity } of await rooms.listParticipants(name))
          if (identity.startsWith('visitor-')) await rooms.removeParticipant(name, identity);
      await ann.reads('The connection is gone');
      await photograph(ann, 'gone');
      expect(await ann.focused()).toBe('Join again');
      await ann.page.close();
    },
    SLOW,
  );

  test(
    'Ctrl-C ends the page with all its processes, and no secret was printed',
    async () => {
      if (!demo) throw new Error('the demo did not start');
      demo.signal('SIGINT');
      expect(await within('end of the demo', demo.ended)).toEqual({ code: 0, signal: null });
      await demo.groupIsGone();
      expect(demo.output).not.toContain(server().apiSecret);
    },
    SLOW,
  );
});
