import type { Browser, Page } from 'playwright-core';
import type { Ticket } from '../../../src/testing/rooms.ts';
import { type Site, serveUserPage } from '../browser.ts';

export type Codec = 'vp8' | 'vp9' | 'h264' | 'av1';

/** The layers that the page sends of its 1280x720 video. */
export const LAYER_WIDTHS = [320, 640, 1280] as const;

/** The functions of the page. */
interface PageUser {
  connect(url: string, token: string): Promise<void>;
  codecs(): string[];
  share(text: string, options: object): Promise<string>;
  show(text: string): void;
  sendUpTo(layer: number): void;
  codecSent(): Promise<string | undefined>;
}
declare const user: PageUser;

/** A user at a browser who shows a sheet of paper, 1280x720. */
export class CanvasUser {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, site: Site, { url, token }: Ticket): Promise<CanvasUser> {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.evaluate(([to, as]) => user.connect(to, as), [url, token] as const);
    return new CanvasUser(page);
  }

  /** The page of these users. */
  static site = (): Promise<Site> => serveUserPage(new URL('./canvas-user.html', import.meta.url));

  /** Whether this browser supports the codec. */
  async canSend(codec: Codec): Promise<boolean> {
    return (await this.#page.evaluate(() => user.codecs())).includes(`video/${codec}`);
  }

  /** Resolves with the track's sid. */
  share(text: string, videoCodec: Codec, simulcast: boolean): Promise<string> {
    return this.#page.evaluate(([words, options]) => user.share(words, options), [
      text,
      { videoCodec, simulcast },
    ] as const);
  }

  show(text: string): Promise<void> {
    return this.#page.evaluate((words) => user.show(words), text);
  }

  /** Sends no layer above this one; 0 is the lowest. */
  sendUpTo(layer: number): Promise<void> {
    return this.#page.evaluate((best) => user.sendUpTo(best), layer);
  }

  /** According to the browser's statistics. */
  codecSent(): Promise<string | undefined> {
    return this.#page.evaluate(() => user.codecSent());
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}
