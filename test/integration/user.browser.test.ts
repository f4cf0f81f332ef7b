import { afterEach, expect, test } from 'vitest';
import type { SeenFrame } from '../../src/index.ts';
import { ticket } from '../../src/testing/rooms.ts';
import { within } from '../../src/testing/waits.ts';
import { describeWithServerAndBrowser } from '../support/real-parts.ts';
import { closeRooms, type Eyes, RealRoom } from '../support/real-room.ts';
import { userBrowser } from '../support/user-browser.ts';

const SLOW = 200_000;

afterEach(closeRooms, SLOW);

describeWithServerAndBrowser('an agent and a user in a browser', (server) => {
  const openPage = userBrowser();

  test(
    "an agent sees a browser's camera in full size, then the screen, then the camera again",
    async () => {
      const room = await RealRoom.withAgent(server());
      const eyes = await room.openEyes();
      const user = await openPage(await ticket(server(), room.name, 'user'));
      await user.press('connect');

      await user.press('camera');
      const camera = await seeSource(eyes, 'camera');
      expect(camera.identity).toBe('user');
      // It starts small, and grows with the bandwidth.
      const grown = await seeSource(eyes, 'camera', ({ width }) => width >= 640);
      expect(grown.width / grown.height).toBeCloseTo(16 / 9, 1);
      const picture = await grown.encode();
      expect(picture).toMatchObject({ mimeType: 'image/jpeg', width: grown.width });

      await user.press('screen');
      const screen = await seeSource(eyes, 'screen', ({ width }) => width >= 640);
      expect(screen.trackSid).not.toBe(camera.trackSid);
      await user.press('stop-screen');
      const again = await seeSource(eyes, 'camera');
      expect(again.trackSid).toBe(camera.trackSid);
      expect(eyes.video.metrics().errors).toEqual({});
    },
    SLOW,
  );
});

/** The next frame of this source that meets the condition. */
function seeSource(
  { video }: Eyes,
  source: 'camera' | 'screen',
  wanted: (frame: SeenFrame) => boolean = () => true,
): Promise<SeenFrame> {
  const seen = async () => {
    for (;;) {
      const frame = await video.look();
      if (frame.source === source && wanted(frame)) return frame;
    }
  };
  return within(`frame of the ${source}`, seen());
}
