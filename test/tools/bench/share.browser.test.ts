import { expect, test } from 'vitest';
import { ScreenReader } from '../../../offline/screen-reader.ts';
import { within } from '../../../src/testing/waits.ts';
import { charactersRead } from '../../../tools/bench/screen/score.ts';
import { type Screen, screensOf } from '../../../tools/bench/screen/screens.ts';
import { SETTINGS } from '../../../tools/bench/share/settings.ts';
import { ShareStage } from '../../../tools/bench/share/share-stage.ts';
import { browserPath, describeWithServerAndBrowser } from '../../support/real-parts.ts';

const SIZE = { width: 960, height: 540 };
/** The end of the wait on a very busy machine, in ms. An idle one needs a few seconds. */
const LIMIT_MS = 300_000;

describeWithServerAndBrowser('a screen that a browser shares', (server) => {
  test(
    'an agent receives a shared tab with the options of the docs at its size, and can read its text',
    async () => {
      const { value } = await screensOf(SIZE).next();
      const screen = value as Screen;
      const reader = await ScreenReader.start();
      const stage = await ShareStage.open({ server: server(), browser: browserPath() }, SIZE);
      try {
        const control = charactersRead(screen, await reader.words(screen.picture));
        await stage.user.show(screen.picture);
        await stage.user.share(SETTINGS['own size, one layer, text']);
        const untilRead = async () => {
          for (;;) {
            const frame = await stage.look();
            const { data } = await frame.encode({ format: 'png' });
            const read = charactersRead(screen, await reader.words(data));
            if (read > 0.95 * control) return frame;
          }
        };
        const frame = await within('frame whose text can be read', untilRead(), LIMIT_MS);
        expect(frame).toMatchObject({ source: 'screen', ...SIZE });
      } finally {
        await stage.close();
        await reader.close();
      }
    },
    2 * LIMIT_MS,
  );
});
