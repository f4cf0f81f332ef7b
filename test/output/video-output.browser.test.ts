import { afterEach, expect, test } from 'vitest';
import { encodeFrame, VideoOutput } from '../../src/index.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { ticket } from '../../src/testing/rooms.ts';
import { until, within } from '../../src/testing/waits.ts';
import { describeWithServerAndBrowser } from '../support/real-parts.ts';
import { closeRooms, RealRoom } from '../support/real-room.ts';
import { userBrowser } from '../support/user-browser.ts';

const SLOW = 200_000;
const SIZE = { width: 640, height: 360 };
const NAME = 'drawing';

afterEach(closeRooms, SLOW);

describeWithServerAndBrowser('what a browser sees of a VideoOutput', (server) => {
  const openPage = userBrowser();

  test(
    'a user sees each picture until the next one, black when the camera is switched off, and the end of the track',
    async () => {
      const room = await RealRoom.withAgent(server());
      const { video } = await room.openEyes();
      const watched = new Set<string>();
      video.on('pick.changed', ({ pick }) => {
        if (pick) watched.add(`${pick.identity} ${pick.source}`);
      });
      const user = await openPage(await ticket(server(), room.name, 'user'));
      await user.press('connect');

      const output = new VideoOutput(room.agentRoom, { ...SIZE, name: NAME });
      await output.start();
      const shows = (what: string, check: (grey: number) => boolean) =>
        until(what, async () => {
          const seen = await user.seen(NAME);
          return seen?.width === SIZE.width && seen.height === SIZE.height && check(seen.grey);
        });
      await shows('black', (grey) => grey < 20);
      await output.show(greyFrame(9));
      await shows('a bright frame', (grey) => grey > 190);
      await output.show(await encodeFrame(greyFrame(4)));
      await shows('the darker picture in its place', (grey) => grey > 60 && grey < 140);

      await user.press('camera');
      const camera = await within('frame of the camera', video.look());
      await output.show(greyFrame(9));
      await shows('a bright frame again', (grey) => grey > 190);
      expect(await output.show(camera)).toBe(true);
      await shows('the camera', (grey) => grey > 20 && grey < 190);
      video.setMode('off');
      await shows('black', (grey) => grey < 20);

      await output.close();
      await until('the end of the track', async () => (await user.seen(NAME)) === undefined);
      // Its track is a screen, which is preferred to a camera.
      expect([...watched]).toEqual(['user camera']);
    },
    SLOW,
  );
});
