import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { describeWithBrowser } from '../support/real-parts.ts';

const STYLE = fileURLToPath(new URL('../../examples/web/style.css', import.meta.url));
const MESSAGE =
  '<li data-from="agent"><span class="unseen">Agent: </span>The picture is mostly white.</li>';

/** The parts of the room that give the page its height, as `room-view.tsx` and `chat.tsx` nest them. */
const room = (style: string, messages: number) => `<!doctype html><style>${style}</style>
  <div id="root"><div class="inside">
    <header><p class="pill">Connected</p></header>
    <main>
      <section class="stage"><figure class="face"></figure></section>
      <section class="card seen"><header><h2>What it sees</h2></header></section>
      <div class="controls"><fieldset><button class="toggle">Talk</button></fieldset></div>
      <section class="card chat">
        <ol class="log">${MESSAGE.repeat(messages)}</ol>
        <div class="ask"><form><input></form></div>
      </section>
    </main>
  </div></div>`;

describeWithBrowser('the style of the example page', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  test.each([
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ])('a long conversation makes the page no higher than its window: %j', async (viewport) => {
    if (!browser) throw new Error('the browser did not start');
    const { outputFiles } = await build({ entryPoints: [STYLE], bundle: true, write: false });
    const page = await browser.newPage({ viewport });
    await page.setContent(room(outputFiles[0]?.text ?? '', 60));
    const sizes = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
    );
    expect(sizes).toEqual([viewport.width, viewport.height]);
    await page.close();
  });
});
