import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const HOW_TO_GET_A_BROWSER =
  'install chromium or Google Chrome, or set CHROME_PATH to the program';

/** Flags for Chromium in tests: no network beyond this machine, no graphics card. */
export const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-loopback-in-peer-connection',
] as const;

/** The browser of `CHROME_PATH`, or the first one on PATH. */
export function findBrowser(): string | undefined {
  const { CHROME_PATH, PATH = '' } = process.env;
  if (CHROME_PATH) return existsSync(CHROME_PATH) ? CHROME_PATH : undefined;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return PATH.split(delimiter)
    .flatMap((dir) => names.map((name) => join(dir, name)))
    .find((path) => existsSync(path));
}
