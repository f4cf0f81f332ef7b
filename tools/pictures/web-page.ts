import { writeFile } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { Child } from '../../src/testing/processes/child.ts';
import { until } from '../../src/testing/waits.ts';
import { writeCameraFile } from './camera-file.ts';

const TEXT = 'ZEBRA 9035';
/** Each step of the page on a busy machine, in ms. */
const LIMIT_MS = 120_000;

export interface WebPictures {
  /** The file for the picture of the page, in a window of 1280x800. */
  page: string;
  /** The file for the face of the avatar. */
  avatar: string;
  /** A folder for the camera's video. */
  folder: string;
  executablePath: string;
}

/** Talks to the agent of `npm run demo -- --web --avatar`, and takes pictures while it speaks. */
export async function takeWebPage(pictures: WebPictures): Promise<void> {
  const camera = `${pictures.folder}/camera.y4m`;
  await writeCameraFile(camera, TEXT);
  const demo = new Child(['tools/demo/main.ts', '--web', '--avatar', '--headless']);
  let browser: Browser | undefined;
  try {
    const line = await demo.line(/Open http/, LIMIT_MS);
    browser = await chromium.launch({
      executablePath: pictures.executablePath,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--allow-loopback-in-peer-connection'],
        ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
        `--use-file-for-fake-video-capture=${camera}`,
      ],
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(line.slice(line.indexOf('http')));
    await talk(page);
    await page.screenshot({ path: pictures.page });
    await writeFile(pictures.avatar, await faceOf(page));
    await page.getByRole('button', { name: 'Leave' }).click();
    demo.signal('SIGINT');
    await demo.ended;
  } finally {
    await browser?.close();
    await demo.kill();
  }
}

/** Joins, shares the camera, and asks until the answer is right. It is being spoken then. */
async function talk(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('button', { name: 'Share camera' }).click();
  await page.getByText('Watching your camera').waitFor();
  await until('the face of the avatar', () => page.evaluate<boolean>(FACE_MOVES), LIMIT_MS);
  const answers = page.locator('.log [data-from="agent"]');
  const isRight = async () => {
    await page.locator('.face[data-state="listening"]').waitFor();
    const before = await answers.count();
    await page.getByLabel('Your question').fill('What can you see?');
    await page.keyboard.press('Enter');
    const answer = answers.nth(before);
    await answer.waitFor();
    // The words arrive while they are spoken, the text after people and things.
    const right = answer.filter({ hasText: TEXT });
    await right.or(page.locator('.face[data-state="listening"]')).first().waitFor();
    return (await right.count()) > 0;
  };
  // A browser begins with a small picture.
  await until('the right answer', isRight, LIMIT_MS);
}

const FACE_MOVES = `(() => {
  const video = document.querySelector('.face video');
  return video !== null && video.videoWidth >= 256 && video.currentTime > 0.5;
})()`;

/** The avatar's video as it is now. */
async function faceOf(page: Page): Promise<Buffer> {
  const url = await page.evaluate<string>(`(() => {
    const video = document.querySelector('.face video');
    const canvas = Object.assign(document.createElement('canvas'), {
      width: video.videoWidth,
      height: video.videoHeight,
    });
    canvas.getContext('2d').drawImage(video, 0, 0);
    return canvas.toDataURL('image/png');
  })()`);
  const picture = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  return sharp(picture).resize(320, 320).png({ palette: true }).toBuffer();
}
