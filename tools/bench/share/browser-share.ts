import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ScreenShareCaptureOptions, TrackPublishOptions } from 'livekit-client';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Size } from '../../../src/frames/geometry.ts';
import { BROWSER_FLAGS } from '../../../src/testing/processes/find-browser.ts';
import type { Ticket } from '../../../src/testing/rooms.ts';

/** What a frontend passes to `setScreenShareEnabled`. */
export interface ShareOptions {
  readonly capture?: Pick<ScreenShareCaptureOptions, 'resolution' | 'contentHint'>;
  readonly publish?: Pick<
    TrackPublishOptions,
    'screenShareEncoding' | 'simulcast' | 'videoCodec' | 'degradationPreference'
  >;
}

/** Limit of each step on a busy machine, in ms. */
const PATIENCE_MS = 120_000;

const FLAGS = [
  ...BROWSER_FLAGS,
  // The tab is shared without a dialog.
  '--auto-accept-this-tab-capture',
  // The page comes from no real address, but has to connect to a server on this machine.
  '--disable-features=LocalNetworkAccessChecks',
];

/** Only pages of a secure origin may share. Nothing listens here: the requests are answered below. */
const ORIGIN = 'http://localhost:1/';

const HTML = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<style>html, body { margin: 0; overflow: hidden } img { display: block }</style>
<img id="screen" alt="">
<script src="livekit-client.js"></script>
<script>
const room = new LivekitClient.Room();
async function show(url) {
  const screen = document.getElementById('screen');
  screen.src = url;
  await screen.decode();
  // It is painted before the second frame.
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
}
</script>`;

/** A user of Chromium who shares the tab with LiveKit's browser client. */
export class BrowserShare {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** Opens a window of this size, and joins the room. */
  static async open(executablePath: string, size: Size, ticket: Ticket): Promise<BrowserShare> {
    const client = createRequire(import.meta.url).resolve('livekit-client');
    const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: PATIENCE_MS });
    try {
      const page = await browser.newPage({ viewport: { ...size }, deviceScaleFactor: 1 });
      page.setDefaultTimeout(PATIENCE_MS);
      await page.route(`${ORIGIN}**`, async (route) => {
        const isScript = route.request().url().endsWith('.js');
        const body = isScript ? await readFile(client) : HTML;
        await route.fulfill({ body, contentType: isScript ? 'text/javascript' : 'text/html' });
      });
      await page.goto(ORIGIN);
      await page.evaluate(
        `room.connect(${JSON.stringify(ticket.url)}, ${JSON.stringify(ticket.token)})`,
      );
      return new BrowserShare(browser, page);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Shows a picture in the whole window. Resolves when it is painted. */
  async show(picture: Buffer): Promise<void> {
    await this.#page.evaluate(`show('data:image/png;base64,${picture.toString('base64')}')`);
  }

  async share({ capture, publish }: ShareOptions): Promise<void> {
    const given = JSON.stringify({ ...capture, preferCurrentTab: true });
    await this.#page.evaluate(
      `room.localParticipant.setScreenShareEnabled(true, ${given}, ${JSON.stringify(publish ?? {})})`,
    );
  }

  async unshare(): Promise<void> {
    await this.#page.evaluate('room.localParticipant.setScreenShareEnabled(false)');
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
