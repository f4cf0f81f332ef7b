// npm run pictures   runs the demo, and makes all pictures of docs/images/: the demo's report, the
//                    inspector during a replay of the run, the page of --web, and its avatar
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { readRecording, startInspector } from '../../src/inspect/index.ts';
import { findBrowser, HOW_TO_GET_A_BROWSER } from '../../src/testing/processes/find-browser.ts';
import { TYPESCRIPT } from '../../src/testing/processes/typescript.ts';
import { takeWebPage } from './web-page.ts';

const ROOT = new URL('../../', import.meta.url);
const REPORT = new URL('demo-report/index.html', ROOT);
const pictureOf = (name: string) => fileURLToPath(new URL(`docs/images/${name}.png`, ROOT));

function runDemo(recording: string): void {
  const demo = fileURLToPath(new URL('tools/demo/main.ts', ROOT));
  const args = [...TYPESCRIPT, demo, '--headless', '--record', recording];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the demo failed; its message is above');
}

async function takeReport(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1180, height: 1290 } });
  await page.goto(REPORT.href);
  await page.screenshot({ path: pictureOf('demo-report') });
}

/** The moment at which the second turn, which is spoken, encodes its picture. */
async function takeInspector(browser: Browser, recording: string): Promise<void> {
  const server = await startInspector();
  try {
    server.load(await readRecording(recording));
    const page = await browser.newPage({ viewport: { width: 1480, height: 900 } });
    await page.goto(server.url);
    await page.locator('#filter').fill('turn-2 encoding');
    await page.locator('#kinds').getByText('States').click();
    await page.locator('#log .line', { hasText: /→ .*encoding/ }).click();
    // The log shows the time before and after that moment.
    await page.locator('#filter').fill('');
    await page.locator('#kinds').getByText('All').click();
    await page.locator('#chart .leaf[data-state$="encoding"]').waitFor();
    await page.screenshot({ path: pictureOf('inspector') });
  } finally {
    await server.close();
  }
}

const executablePath = findBrowser();
if (!executablePath) throw new Error(`no browser: ${HOW_TO_GET_A_BROWSER}`);
const folder = await mkdtemp(join(tmpdir(), 'sightline-pictures-'));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const recording = join(folder, 'demo.jsonl');
  runDemo(recording);
  await takeReport(browser);
  await takeInspector(browser, recording);
  await takeWebPage({
    ...{ page: pictureOf('page'), avatar: pictureOf('avatar') },
    ...{ folder, executablePath },
  });
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
// The native library of rtc-node, which draws the camera's scene, keeps a thread running.
process.exit(0);
