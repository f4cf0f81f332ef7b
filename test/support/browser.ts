import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BROWSER_FLAGS } from '../../src/testing/processes/find-browser.ts';
import type { Ticket } from '../../src/testing/rooms.ts';
import { WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { browserPath } from './real-parts.ts';

/** A camera with a test pattern, and a screen that is shared without a dialog. */
const FLAGS = [
  ...BROWSER_FLAGS,
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--auto-select-desktop-capture-source=Entire screen',
];

/** @param more - Flags of this test. */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const args = [...FLAGS, ...more];
  return chromium.launch({ executablePath: browserPath(), args, timeout: 60_000 });
}

/** A web site on loopback. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a page of a user, with LiveKit's own browser client. */
export async function serveUserPage(
  page = new URL('./browser-user.html', import.meta.url),
): Promise<Site> {
  const require = createRequire(import.meta.url);
  const files = new Map([
    ['/', { file: page, type: 'text/html' }],
    // `require` resolves to the bundle, which a page can load directly.
    ['/livekit-client.js', { file: require.resolve('livekit-client'), type: 'text/javascript' }],
  ]);
  const server = createServer(async ({ url }, response) => {
    const found = files.get(url ?? '');
    response.writeHead(found ? 200 : 404, found ? { 'content-type': found.type } : {});
    response.end(found ? await readFile(found.file) : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A user at a browser. */
export class BrowserUser {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, site: Site, { url, token }: Ticket): Promise<BrowserUser> {
    const page = await browser.newPage();
    await page.goto(`${site.url}#${new URLSearchParams({ url, token })}`);
    return new BrowserUser(page);
  }

  /** Presses a button of the page, and resolves when its action is done. */
  async press(button: 'connect' | 'camera' | 'screen' | 'stop-screen'): Promise<void> {
    await this.#page.click(`#${button}`);
    const told = this.#page.locator('#done', { hasText: /.+/ });
    const result = await told.textContent({ timeout: WAIT_LIMIT_MS });
    if (result !== `${button} is done`) throw new Error(`in the browser: ${result}`);
  }

  /** What a track of this name shows; `undefined` while there is none. */
  seen(name: string): Promise<{ width: number; height: number; grey: number } | undefined> {
    return this.#page.evaluate(`(() => {
      const video = document.querySelector('video[data-name="${name}"]');
      if (!video?.videoWidth) return undefined;
      const canvas = new OffscreenCanvas(1, 1);
      const pen = canvas.getContext('2d');
      // The middle, without black bars at the sides.
      const { videoWidth: width, videoHeight: height } = video;
      pen.drawImage(video, width / 3, height / 3, width / 3, height / 3, 0, 0, 1, 1);
      const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
      return { width, height, grey: Math.round((red + green + blue) / 3) };
    })()`);
  }
}
