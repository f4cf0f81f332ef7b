import { setTimeout as wait } from 'node:timers/promises';
import { ScreenReader } from '../../../offline/screen-reader.ts';
import type { Size } from '../../../src/frames/geometry.ts';
import { HOW_TO_GET_A_SERVER, startLiveKitServer } from '../../../src/testing/livekit-server.ts';
import { findBrowser, HOW_TO_GET_A_BROWSER } from '../../../src/testing/processes/find-browser.ts';
import { findLiveKitServer } from '../../../src/testing/processes/find-server.ts';
import type { SharedText, ShareFigures, ShareResults } from '../result.ts';
import { characters, charactersRead } from '../screen/score.ts';
import { SCREEN_SIZES, type Screen, screensOf } from '../screen/screens.ts';
import type { ShareOptions } from './browser-share.ts';
import { SETTINGS } from './settings.ts';
import { type Programs, ShareStage } from './share-stage.ts';

/** When frames of a new screen are read, in ms: a codec sharpens a still picture. */
const SOON_MS = 1000;
const LATER_MS = 5000;
/** The screens that are shown, by their place among those of {@link screensOf}. */
const SHOWN = [0, 2];
const HEIGHTS = [1080, 1440];

/** Called with each step, and with what is missing. */
type Say = (line: string) => void;

/** What a browser, its codec and the server leave of the text of a screen. `null` without them. */
export async function benchShare(say: Say): Promise<ShareResults | null> {
  const [server, browser] = [findLiveKitServer(), findBrowser()];
  if (!server) say(`share: not measured without a server: ${HOW_TO_GET_A_SERVER}`);
  if (!browser) say(`share: not measured without a browser: ${HOW_TO_GET_A_BROWSER}`);
  if (!server || !browser) return null;
  const running = await startLiveKitServer(server);
  const reader = await ScreenReader.start();
  try {
    const results: ShareResults = {};
    for (const height of HEIGHTS) {
      const size = SCREEN_SIZES[height] as Size;
      const screens = await shownScreens(size);
      results[height] = { perfect: await readPerfect(reader, screens), settings: {} };
      for (const [name, options] of Object.entries(SETTINGS)) {
        const figures = await measure({ server: running, browser }, reader, screens, options);
        results[height].settings[name] = figures;
        const shares = [figures.soon, figures.later].map(
          ({ read, characters: all, width }) => `${(read / all).toFixed(3)} at ${width}`,
        );
        say(`share ${height}: ${name}: ${shares.join(', ')}`);
      }
    }
    return results;
  } finally {
    await reader.close();
    await running.stop();
  }
}

async function shownScreens(size: Size): Promise<Screen[]> {
  const screens: Screen[] = [];
  for await (const screen of screensOf(size)) screens.push(screen);
  return screens.filter((_, at) => SHOWN.includes(at));
}

async function readPerfect(reader: ScreenReader, screens: readonly Screen[]) {
  const sum = { characters: 0, read: 0 };
  for (const screen of screens) add(sum, screen, await reader.words(screen.picture));
  return sum;
}

/** A share of its own, so that nothing is left of the one before. */
async function measure(
  programs: Programs,
  reader: ScreenReader,
  screens: readonly Screen[],
  options: ShareOptions,
): Promise<ShareFigures> {
  const before = screens.at(-1);
  if (!before) throw new Error('there is no screen to share');
  const none = (): SharedText => ({ characters: 0, read: 0, width: Number.POSITIVE_INFINITY });
  const sums = { soon: none(), later: none() };
  const stage = await ShareStage.open(programs, before);
  try {
    await stage.user.show(before.picture);
    await stage.user.share(options);
    await stage.look();
    for (const screen of screens) {
      await stage.user.show(screen.picture);
      await wait(SOON_MS);
      const soon = await stage.look();
      await wait(LATER_MS - SOON_MS);
      const later = await stage.look();
      for (const [when, frame] of Object.entries({ soon, later })) {
        const { data } = await frame.encode({ format: 'png' });
        const sum = sums[when as keyof typeof sums];
        add(sum, screen, await reader.words(data));
        sum.width = Math.min(sum.width, frame.width);
      }
    }
    return sums;
  } finally {
    await stage.close();
  }
}

function add(
  sum: { characters: number; read: number },
  screen: Screen,
  words: Awaited<ReturnType<ScreenReader['words']>>,
): void {
  sum.characters += screen.lines.reduce((all, { text }) => all + characters(text), 0);
  sum.read += charactersRead(screen, words);
}
