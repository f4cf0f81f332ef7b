import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Child, endChildren } from '../../../../src/testing/processes/child.ts';
import { until } from '../../../../src/testing/waits.ts';
import { launchBrowser } from '../../../support/browser.ts';
import {
  REALTIME_PROVIDERS,
  type RealtimeService,
} from '../../../support/providers/realtime-services.ts';
import { describeWithServerAndBrowser } from '../../../support/real-parts.ts';
import { Visitor } from '../../../support/web-visitor.ts';

const SLOW = 400_000;
/** The end of a wait in a browser that encodes and decodes, in ms. */
const LIMIT_MS = 120_000;

/** The folder for pictures of the page, for a developer to look at; none unless it is set. */
const PICTURES = process.env.SIGHTLINE_PAGE_PICTURES;

describeWithServerAndBrowser('the page of npm run demo -- --web with a key', (server) => {
  let browser: Browser | undefined;
  let fake: RealtimeService | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
    if (PICTURES) await mkdir(PICTURES, { recursive: true });
  }, SLOW);
  afterEach(async () => {
    await endChildren();
    await fake?.close();
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
  }, SLOW);

  /** Whether the server has the visitor's microphone, and whether it is muted. */
  async function microphone(): Promise<'none' | 'muted' | 'open'> {
    const { url, apiKey, apiSecret } = server();
    const rooms = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret);
    for (const { name } of await rooms.listRooms())
      for (const { tracks } of await rooms.listParticipants(name))
        for (const { source, muted } of tracks)
          if (source === TrackSource.MICROPHONE && tracks.some(isCamera))
            return muted ? 'muted' : 'open';
    return 'none';
  }

  test.each(REALTIME_PROVIDERS)(
    'a visitor with a key talks to the real model, which hears and sees: $name',
    async ({ name, make, environment }) => {
      if (!browser) throw new Error('the browser did not start');
      const model = make();
      fake = model;
      model.reply = ({ text }) => (text.includes('What is this?') ? 'A big letter.' : 'Hello.');
      const { baseUrl } = await model.listen();
      const { url: LIVEKIT_URL, apiKey, apiSecret } = server();
      const env = { LIVEKIT_URL, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
      const demo = new Child(['tools/demo/main.ts', '--web', '--headless'], {
        ...{ SIGHTLINE_MODEL: undefined, GOOGLE_API_KEY: undefined, OPENAI_API_KEY: undefined },
        ...env,
        ...environment(baseUrl),
      });
      const line = await demo.line(/Open http/, LIMIT_MS);
      const ann = await Visitor.open(browser, line.slice(line.indexOf('http')), {
        camera: 'A',
        screen: 'B',
        failures: ['NotAllowedError'],
      });
      await ann.join();
      await ann.reads(`${name}: `);
      // Speech would interrupt the greeting.
      expect(await ann.answerAfter(0, LIMIT_MS)).toContain('Hello.');

      await ann.press('Talk');
      await ann.reads('The microphone is blocked');
      expect(await ann.level()).toBeUndefined();
      await ann.press('Share camera');
      await ann.reads('Watching your camera');
      await ann.press('Talk');
      await until('a level', async () => ((await ann.level()) ?? 0) > 0, LIMIT_MS);
      expect(await microphone()).toBe('open');
      await until('pictures for the model', () => model.frames.length > 0, LIMIT_MS);
      await ann.reads('Camera, sent');
      expect(await ann.pictureIsShown()).toBe(true);

      await model.hear('What is this?');
      await ann.page.locator('.log [data-from="you"]', { hasText: 'What is this?' }).waitFor();
      await ann.page.locator('.log [data-from="agent"]', { hasText: 'A big letter.' }).waitFor();
      for (const [size, width, height] of [
        ['wide', 1280, 800],
        ['narrow', 390, 844],
      ] as const) {
        await ann.page.setViewportSize({ width, height });
        expect(await ann.overflow()).toBe(0);
        if (PICTURES)
          await ann.page.screenshot({ path: join(PICTURES, `${name}-${size}.png`.toLowerCase()) });
      }

      await ann.press('Mute microphone');
      await until('a muted microphone', async () => (await microphone()) === 'muted', LIMIT_MS);
      await ann.press('Leave');
      await ann.reads('You have left');
      expect(model.violations).toEqual([]);
      expect(ann.complaints).toEqual([]);
      await ann.page.close();
    },
    SLOW,
  );
});

const isCamera = ({ source }: { source: TrackSource }): boolean => source === TrackSource.CAMERA;
