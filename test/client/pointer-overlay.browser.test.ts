import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { launchBrowser } from '../support/browser.ts';
import { describeWithBrowser } from '../support/real-parts.ts';

/** In shares of the video: the green rectangle, which the agent points at. */
const TARGET = { x: 0.6, y: 0.25, width: 0.2, height: 0.3 };
/** How far an edge of the mark may be from the target, as a share of the video's width. */
const PRECISION = 0.01;

/**
 * The page of a user who shares a screen with a green rectangle: the members of a room that the
 * overlay uses, and its overlay. It runs in the page, so it is text here.
 */
const PAGE = `(() => {
  const listeners = new Map();
  const canvas = document.createElement('canvas');
  const state = { color: '#00ff00', width: 1280, height: 720 };
  const paint = () => {
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#202830';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = state.color;
    const { x, y, width, height } = ${JSON.stringify(TARGET)};
    pen.fillRect(x * canvas.width, y * canvas.height, width * canvas.width, height * canvas.height);
  };
  const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
  const publication = { kind: 'video', isMuted: false, track: { attachedElements: [video] } };
  const publications = new Map([['TR_1', publication]]);
  const room = {
    localParticipant: { identity: 'ann', trackPublications: publications },
    remoteParticipants: new Map(),
    on: (event, listener) => { listeners.set(event, listener); return room; },
    off: (event, listener) => {
      if (listeners.get(event) === listener) listeners.delete(event);
      return room;
    },
  };
  const agent = { identity: 'agent', kind: 4, attributes: {} };
  window.stage = {
    client, video, publication, publications, listeners, state,
    async show(width, height) {
      Object.assign(canvas, { width, height });
      paint();
      // Frames go on, as those of a camera.
      state.timer ??= setInterval(paint, 50);
      video.srcObject = canvas.captureStream(20);
      await video.play();
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    },
    changes: [],
    open(options) {
      this.overlay = new client.PointerOverlay(room, {
        ...options,
        onChange: (point) => this.changes.push(point?.label ?? null),
      });
    },
    send(message, sender = agent, topic = 'sightline.point') {
      const whole = { version: 1, frame: 1, participant: 'ann', track: 'TR_1', source: 'screen',
        label: 'here', ...message };
      const payload = new TextEncoder().encode(JSON.stringify(whole));
      listeners.get('dataReceived')?.(payload, sender, 0, topic);
    },
  };
  document.querySelector('#place').append(video);
})()`;

interface Layout {
  readonly name: string;
  /** CSS of the video, of the element around it, and of the page. */
  readonly video: string;
  readonly place?: string;
  readonly body?: string;
  /** Of the video's picture. */
  readonly size?: readonly [number, number];
  readonly scale?: number;
  readonly scrollTo?: number;
}

const LAYOUTS: readonly Layout[] = [
  { name: 'its own aspect ratio', video: 'width: 640px; height: 360px' },
  { name: 'contain with bars', video: 'width: 500px; height: 500px; object-fit: contain' },
  { name: 'cover that cuts', video: 'width: 700px; height: 300px; object-fit: cover' },
  {
    name: 'cover at a position',
    video: 'width: 400px; height: 400px; object-fit: cover; object-position: 80% 20%',
  },
  { name: 'fill', video: 'width: 300px; height: 420px; object-fit: fill' },
  { name: 'a mirrored camera', video: 'width: 640px; height: 360px; transform: scaleX(-1)' },
  {
    name: 'a mirror of three dimensions, with bars',
    video: 'width: 640px; height: 500px; object-fit: contain; transform: rotateY(180deg)',
  },
  {
    name: 'border, padding and two device pixels',
    video:
      'width: 480px; height: 300px; border: 9px solid #444; padding: 5px 20px 11px 3px; object-fit: contain',
    scale: 2,
  },
  {
    name: 'a portrait picture that is scaled and moved by its parents',
    video: 'width: 100%; height: 100%; object-fit: contain',
    place:
      'width: 500px; height: 400px; transform: translate(20px, 30px) scale(1.3); transform-origin: 0 0',
    size: [540, 960],
  },
  {
    name: 'a scrolled page',
    video: 'width: 640px; height: 360px; object-fit: cover',
    place: 'margin: 700px 0 900px 37.5px',
    scrollTo: 620,
    scale: 1.5,
  },
  {
    name: 'a turned video in a scrolled box',
    video: 'width: 480px; height: 270px; rotate: 90deg; margin: 160px 0 160px 40px',
    place: 'width: 600px; height: 560px; overflow: auto',
  },
  { name: 'a page with zoom', video: 'width: 400px; height: 260px', body: 'zoom: 1.25' },
];

describeWithBrowser('what the agent points at, drawn over the video', () => {
  let browser: Browser | undefined;
  let script = '';

  beforeAll(async () => {
    const { outputFiles } = await build({
      absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
      entryPoints: ['src/client/index.ts'],
      ...{ bundle: true, write: false, platform: 'browser', format: 'iife', globalName: 'client' },
    });
    script = outputFiles[0]?.text ?? '';
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function openPage(layout: Layout, options: object = {}): Promise<Page> {
    if (!browser) throw new Error('the browser did not start');
    const { video, place = '', body = '', size = [1280, 720], scale = 1, scrollTo = 0 } = layout;
    const page = await browser.newPage({
      viewport: { width: 900, height: 700 },
      deviceScaleFactor: scale,
    });
    page.setDefaultTimeout(WAIT_LIMIT_MS);
    await page.setContent(
      `<style>
        html { background: #fff } body { margin: 16px; ${body} }
        video { display: block; ${video} } #place { ${place} }
        :root { --sightline-pointer-color: #ff00ff }
        .sightline-pointer-label { visibility: hidden }
      </style><div id="place"></div>`,
    );
    await page.evaluate(`${script}; window.client = client; ${PAGE}`);
    await page.evaluate(`stage.show(${size.join()})`);
    await page.evaluate(`scrollTo(0, ${scrollTo}); stage.open(${JSON.stringify(options)})`);
    return page;
  }

  test.each(LAYOUTS)('the box is around its target, within 1 %: $name', async (layout) => {
    const page = await openPage(layout);
    const shown = await boxOf(page, isGreen);
    // The video's width on the screen, from that of the target.
    const isTurned = layout.video.includes('rotate: 90deg');
    const visible = await page.evaluate<number>(
      `stage.video.getBoundingClientRect().${isTurned ? 'height' : 'width'}`,
    );
    const limit = Math.max(PRECISION * visible * (layout.scale ?? 1), 2);
    await page.evaluate(`stage.send(${JSON.stringify(TARGET)})`);
    await page.waitForSelector('.sightline-pointer-outline');
    const mark = await boxOf(page, isMagenta);
    // The line is outside of the target.
    const line = 3 * (layout.scale ?? 1);
    for (const [side, from] of Object.entries(shown)) {
      const outer = side === 'left' || side === 'top' ? from - line : from + line;
      const found = mark[side as keyof typeof mark];
      expect(Math.abs(found - outer), `${side}: ${found} for ${outer}`).toBeLessThanOrEqual(limit);
    }
    await page.close();
  });

  const PLAIN: Layout = { name: 'plain', video: 'width: 640px; height: 360px' };

  test('a mark ends when the scene changes at its place, and stays while it does not', async () => {
    const page = await openPage(PLAIN);
    await page.evaluate(`stage.send(${JSON.stringify(TARGET)})`);
    // Frames for several checks, which show the same scene.
    await page.evaluate(`(async () => {
      for (let i = 0; i < 30; i++)
        await new Promise((resolve) => stage.video.requestVideoFrameCallback(resolve));
    })()`);
    expect(await page.evaluate('stage.changes')).toEqual(['here']);
    await page.evaluate(`stage.state.color = '#f0f0f0'`);
    await page.waitForFunction('stage.changes.length === 2');
    expect(await page.evaluate('stage.changes')).toEqual(['here', null]);
    expect(await page.locator('.sightline-pointer').count()).toBe(0);
    await page.close();
  });

  test('a mark ends with the next one, its time, a mute and the end of its track', async () => {
    const page = await openPage(PLAIN, { showForMs: 60_000 });
    await page.evaluate(`stage.send({ x: 0.1, y: 0.1, label: 'first' })`);
    await page.evaluate(`stage.send({ x: 0.9, y: 0.9, label: 'second' })`);
    expect(await page.evaluate('stage.changes')).toEqual(['first', null, 'second']);
    expect(await page.locator('.sightline-pointer-outline').count()).toBe(1);
    await page.evaluate('stage.publication.isMuted = true');
    await page.waitForFunction('stage.changes.length === 4');
    // A muted video is not marked; the next mark comes after it.
    await page.evaluate('stage.publication.isMuted = false');
    await page.evaluate(`stage.send({ x: 0.5, y: 0.5, label: 'third' })`);
    await page.evaluate(`stage.publications.delete('TR_1')`);
    await page.waitForFunction('stage.changes.length === 6');
    await page.evaluate(`stage.publications.set('TR_1', stage.publication)`);
    await page.evaluate('stage.overlay.close(); stage.changes.length = 0');
    await page.evaluate('stage.open({ showForMs: 100 })');
    await page.evaluate(`stage.send({ x: 0.5, y: 0.5, label: 'short' })`);
    await page.waitForFunction('stage.changes.length === 2');
    await page.close();
  });

  test('only an agent points, a label is only text, and closing leaves nothing', async () => {
    const page = await openPage(PLAIN);
    const send = (message: object, ...more: unknown[]) =>
      page.evaluate(`stage.send(${[message, ...more].map((one) => JSON.stringify(one)).join()})`);
    const place = { x: 0.5, y: 0.5 };
    await send(place, { identity: 'bob', kind: 0, attributes: {} });
    await send(place, { identity: 'face', kind: 4, attributes: { 'lk.publish_on_behalf': 'a' } });
    await send(place, { identity: 'agent', kind: 4, attributes: {} }, 'another topic');
    await send({ ...place, track: 'TR_of_another' });
    await send({ ...place, x: 7 });
    expect(await page.evaluate('stage.changes')).toEqual([]);

    const label = '<img src=x onerror="stage.changes.push(\'run\')">';
    await send({ ...place, label });
    expect(await page.locator('.sightline-pointer-label').textContent()).toBe(label);
    expect(await page.getByRole('status').textContent()).toBe(label);
    expect(await page.locator('img').count()).toBe(0);
    await page.evaluate('stage.overlay.close()');
    expect(await page.evaluate('stage.changes')).toEqual([label, null]);
    expect(await page.locator('[class^="sightline"]').count()).toBe(0);
    expect(await page.evaluate('stage.listeners.size')).toBe(0);
    await page.close();
  });

  test('a place that is scrolled out of its box is not drawn over the rest of the page', async () => {
    const page = await openPage({
      name: 'scrolled',
      video: 'width: 640px; height: 360px',
      place: 'width: 300px; height: 360px; overflow: auto',
    });
    await page.evaluate(`stage.send(${JSON.stringify(TARGET)})`);
    expect(await page.locator('.sightline-pointer').count()).toBe(0);
    await page.evaluate(`document.querySelector('#place').scrollLeft = 340`);
    await page.waitForSelector('.sightline-pointer-outline');
    await page.close();
  });
});

type Color = readonly [red: number, green: number, blue: number];
const isGreen = ([red, green, blue]: Color) => green > 150 && red < 110 && blue < 110;
const isMagenta = ([red, green, blue]: Color) => red > 200 && blue > 200 && green < 80;

/** The box around all pixels of a colour in a screenshot: its edges, in device pixels. */
async function boxOf(page: Page, isWanted: (color: Color) => boolean) {
  const image = sharp(await page.screenshot()).removeAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (let i = 0; i < data.length; i += 3) {
    if (!isWanted([data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0])) continue;
    const [x, y] = [(i / 3) % info.width, Math.floor(i / 3 / info.width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return { left, top, right, bottom };
}
