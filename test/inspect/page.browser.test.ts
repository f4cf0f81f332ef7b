import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createActor } from 'xstate';
import {
  createInspector,
  createRecorder,
  type InspectorServer,
  readRecording,
  startInspector,
} from '../../src/inspect/index.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { launchBrowser } from '../support/browser.ts';
import { fileCamera } from '../support/camera.ts';
import { actorMessage, connectRaw, lamp } from '../support/inspect.ts';
import { endStages, liveStage } from '../support/loopback.ts';
import { describeWithBrowser } from '../support/real-parts.ts';

const SLOW = 200_000;
const SIZES = [
  [390, 844],
  [1280, 800],
] as const;

/** The folder for pictures of the page, for a developer to look at; none unless it is set. */
const PICTURES = process.env.SIGHTLINE_PAGE_PICTURES;

/** Whether the first active state is inside of the chart's place. */
const ACTIVE_IS_IN_VIEW = `(() => {
  const place = document.querySelector('#chart').getBoundingClientRect();
  const state = document.querySelector('#chart .leaf').getBoundingClientRect();
  return state.left >= place.left - 1 && state.right <= place.right + 1
    && state.top >= place.top - 1 && state.bottom <= place.bottom + 1;
})()`;
/** How many pixels wider the time is than its place. */
const TIME_OVERFLOW = `(() => {
  const { scrollWidth, clientWidth } = document.querySelector('#when');
  return scrollWidth - clientWidth;
})()`;

async function photograph(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

describeWithBrowser('the inspector in a browser', () => {
  let browser: Browser;
  const camera = fileCamera();
  let dir: string;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sightline-page-'));
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await endStages();
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true });
  });

  async function open(options?: Parameters<typeof startInspector>[0]) {
    const server = await startInspector(options);
    ends.push(() => server.close());
    const page = await browser.newPage({ viewport: { width: 1480, height: 900 } });
    page.setDefaultTimeout(WAIT_LIMIT_MS);
    ends.push(() => page.close());
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(line.text());
    });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(server.url);
    return { server, page, complaints, asked };
  }

  /** An agent with video and an inspector. */
  async function watchedStage(server: InspectorServer, name = 'kiosk') {
    const inspector = createInspector({ url: server.agentUrl, name, metricsEveryMs: 20 });
    ends.push(() => inspector.close());
    await inspector.connected;
    const stage = await liveStage(camera, { video: { inspect: inspector.inspect } });
    inspector.metrics(() => stage.video.metrics());
    return stage;
  }

  const actor = (page: Page, name: string) => page.locator(`[data-name="${name}"]`);
  const lit = (page: Page, state: string) => page.locator(`#chart .leaf[data-state="${state}"]`);
  const position = (page: Page) => page.locator('#position').inputValue().then(Number);

  test(
    'the page lights active states, pauses, goes back and live, and keeps its selection after a reload',
    async () => {
      const { server, page, complaints, asked } = await open();
      await page.getByText('No agent yet').waitFor();
      await page.getByText('inspect: true').waitFor();
      await page.locator('#empty-overview [data-state="machines.session"]').waitFor();
      const stage = await watchedStage(server);
      await page.getByText('kiosk').waitFor();
      // All machines come first; a click on one shows its states.
      await page.locator('#all .leaf[data-state="machines.source"]').waitFor();
      expect(await page.locator('#all .leaf[data-state="machines.watch"]').count()).toBe(0);
      await page.locator('#all [data-state="machines.source"]').click();
      await page.locator('#chart [data-state="source.blind"]').waitFor();
      await page.getByRole('button', { name: 'All machines' }).click();
      await page.locator('#all .leaf[data-state="machines.source"]').waitFor();
      await actor(page, 'source:linked/latest').click();
      await lit(page, 'source.blind').waitFor();
      expect(await page.locator('#chart svg').count()).toBe(1);
      await stage.show(4);
      await lit(page, 'source.seeing').waitFor();
      expect(await page.locator('#chart .leaf').count()).toBe(1);

      // The spawned actors of the stream and of a turn, and the figures.
      await actor(page, 'stream-1').waitFor();
      await stage.type('What is it?');
      await actor(page, 'turn-1').waitFor();
      await page.locator('#metrics .group', { hasText: 'attached' }).first().waitFor();

      // Paused: the agent goes on, the page does not.
      await page.locator('#play').click();
      // The next frame of the page shows the last event that it got before the click.
      await page.locator('#play', { hasText: 'Play' }).waitFor();
      const paused = await position(page);
      stage.video.setMode('off');
      await page.locator('#live', { hasText: '+' }).waitFor();
      expect(await position(page)).toBe(paused);
      await lit(page, 'source.seeing').waitFor();
      await page.locator('#live').click();
      await lit(page, 'source.closed').waitFor();

      // Goes back to a state without video, by the log.
      await page.locator('#filter').fill('source seeing');
      await page.locator('#kinds').getByText('States').click();
      const change = page.locator('#log .line', { hasText: 'blind → seeing' });
      await change.click();
      await lit(page, 'source.seeing').waitFor();
      const seen = await position(page);
      await page.locator('body').press('ArrowLeft');
      await lit(page, 'source.blind').waitFor();
      expect(await position(page)).toBe(seen - 1);
      await page.locator('body').press('l');
      await lit(page, 'source.closed').waitFor();

      await page.reload();
      await lit(page, 'source.closed').waitFor();
      expect(await page.locator('#filter').inputValue()).toBe('source seeing');
      // A short-lived actor.
      expect(await page.locator('#log .line').count()).toBe(2);
      await stage.video.close();
      await page.locator('#link', { hasText: 'Connected' }).waitFor();
      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(server.url) && url !== 'data:,')).toEqual([]);
    },
    SLOW,
  );

  test(
    'a recording can be played with the keyboard alone',
    async () => {
      const file = join(dir, 'run.jsonl');
      const recorder = createRecorder(file, 'shop');
      const stage = await liveStage(camera, { video: { inspect: recorder.inspect } });
      await stage.show(4);
      await stage.type('What is it?');
      await stage.video.close();
      await recorder.close();

      const { server, page, complaints } = await open();
      server.load(await readRecording(file));
      await page.getByText('Recording,').waitFor();
      // At its end no machine runs.
      await page.locator('#all [data-state="machines.session"]').waitFor();
      await actor(page, 'session').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Home');
      await page.locator('[role="treeitem"][aria-selected="true"][data-name="session"]').waitFor();
      await page.locator('#states', { hasText: 'closed' }).waitFor();
      await page.locator('#position').focus();
      await page.keyboard.press('Home');
      // It is created, gets its first event, and has its first state.
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.locator('#states', { hasText: 'idle' }).waitFor();
      // States change faster than the test can poll them.
      await page.evaluate(`
        seen = [];
        const states = document.getElementById('states');
        new MutationObserver(() => seen.push(states.innerText)).observe(states, { childList: true });
      `);
      await page.locator('#log').focus();
      await page.keyboard.press(' ');
      await page.locator('#states', { hasText: 'closed' }).waitFor();
      const seen = String(await page.evaluate('seen.join()'));
      expect(seen).toContain('open.startup.ready');
      expect(seen).toContain('open.model.attaching');
      const { events } = await readRecording(file);
      await page.locator('#play', { hasText: 'Play' }).waitFor();
      expect(await position(page)).toBe(events.length);
      expect(complaints).toEqual([]);
    },
    SLOW,
  );

  test(
    'a window of 390 pixels shows the empty page and a session without overflow, with readable charts',
    async () => {
      const { server, page } = await open();
      await page.setViewportSize({ width: 390, height: 844 });
      const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
      await page.locator('#empty-overview svg').waitFor();
      await photograph(page, 'inspector-empty-narrow');
      expect(await overflow()).toBe(0);

      const stage = await watchedStage(server);
      await page.locator('#all svg').waitFor();
      await photograph(page, 'inspector-all-narrow');
      expect(await overflow()).toBe(0);
      await actor(page, 'session').click();
      await lit(page, 'session.open.startup.ready').waitFor();
      expect(await overflow()).toBe(0);
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        const scale = await page.evaluate<number>(`(() => {
          const svg = document.querySelector('#chart svg');
          return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        })()`);
        // The letters of a chart have 12 pixels and more.
        expect(scale).toBeGreaterThanOrEqual(0.79);
        await until('the active state in view', () => page.evaluate<boolean>(ACTIVE_IS_IN_VIEW));
        expect(await page.evaluate<number>(TIME_OVERFLOW)).toBeLessThanOrEqual(0);
        await photograph(page, `inspector-${width}`);
      }
      await stage.video.close();
    },
    SLOW,
  );

  test(
    'the page shows several apps of other libraries as lists, and no text becomes markup',
    async () => {
      const { server, page, complaints } = await open();
      const evil = '<img src=x onerror="document.title=1">';
      const app = await connectRaw(`${server.agentUrl}?name=${encodeURIComponent(evil)}`);
      ends.push(() => app.close());
      app.send(
        JSON.stringify(
          actorMessage('x:0', {
            name: evil,
            definition: JSON.stringify({ id: evil, states: { [evil]: {} } }),
            snapshot: { status: 'active', value: evil, context: { [evil]: evil } },
          }),
        ),
      );
      await page.locator('#chart .list .leaf', { hasText: evil }).waitFor();

      const inspector = createInspector({ url: server.agentUrl, name: 'lamp app' });
      ends.push(() => inspector.close());
      await inspector.connected;
      const light = createActor(lamp, { inspect: inspector.inspect }).start();
      ends.push(() => light.stop());
      await page.getByRole('tab', { name: 'lamp app' }).click();
      await lit(page, 'lamp.off').waitFor();
      light.send({ type: 'press' });
      await lit(page, 'lamp.on').waitFor();
      await actor(page, 'glow').waitFor();
      light.send({ type: 'press' });
      await page.locator('.stopped[data-name="glow"]').waitFor();
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.title()).toBe('Sightline inspector');
      expect(complaints).toEqual([]);
    },
    SLOW,
  );

  test(
    'the page shows pictures if both sides want them, and keeps its content when the inspector stops',
    async () => {
      const { server, page } = await open({ pixels: true });
      const inspector = createInspector({ url: server.agentUrl, pixels: true, metricsEveryMs: 5 });
      ends.push(() => inspector.close());
      await inspector.connected;
      const light = createActor(lamp, { inspect: inspector.inspect }).start();
      ends.push(() => light.stop());
      inspector.metrics(() => ({ frames: { received: 1 } }));
      await page.locator('#metrics dd').first().waitFor();
      const data = Buffer.from('/9j/4AAQSkZJRg==', 'base64');
      inspector.picture({ data, mimeType: 'image/jpeg', width: 640, height: 360, label: 'camera' });
      await page.getByText('camera 640 × 360').waitFor();
      await server.close();
      await page.getByText('Inspector stopped').waitFor();
      await lit(page, 'lamp.off').waitFor();
    },
    SLOW,
  );
});
