import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { BrowserUser, launchBrowser, type Site, serveUserPage } from './browser.ts';

/**
 * One browser with the user's page for the tests of a `describe`.
 * @returns a function that opens the page with a ticket.
 */
export function userBrowser() {
  let browser: Browser | undefined;
  let site: Site | undefined;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchBrowser(), serveUserPage()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  return (ticket: Parameters<typeof BrowserUser.open>[2]): Promise<BrowserUser> => {
    if (!browser || !site) throw new Error('the browser did not start');
    return BrowserUser.open(browser, site, ticket);
  };
}
