import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SeenFrame } from '../../src/index.ts';
import { randomText, ticket } from '../../src/testing/rooms.ts';
import { within } from '../../src/testing/waits.ts';
import { launchBrowser, type Site } from '../support/browser.ts';
import { Agent, endAgents, endReading, textIn } from '../support/faults/agent.ts';
import { CanvasUser, type Codec, LAYER_WIDTHS } from '../support/faults/canvas-user.ts';
import { describeWithServerAndBrowser } from '../support/real-parts.ts';
import { RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;
const CODECS: readonly Codec[] = ['vp8', 'vp9', 'h264', 'av1'];

afterAll(() => endReading());

describeWithServerAndBrowser('video formats of a browser', (server) => {
  let browser: Browser;
  let site: Site;
  let agent: Agent;
  let user: CanvasUser;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launchBrowser(), CanvasUser.site()]);
  });
  beforeEach(async () => {
    const room = await RealRoom.withAgent(server());
    agent = await Agent.start(room);
    user = await CanvasUser.open(browser, site, await ticket(server(), room.name, 'user'));
  });
  afterEach(async () => {
    await user.close();
    await endAgents();
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test.each(CODECS)(
    '%s is read',
    async (codec) => {
      if (!(await user.canSend(codec))) {
        process.stderr.write(`skipped: "${codec} is read": this browser cannot send it\n`);
        return;
      }
      const text = randomText();
      const sid = await user.share(text, codec, false);
      await untilSeen(agent, sid, async (frame) => (await textIn(frame)).includes(text));
      expect(await user.codecSent()).toBe(`video/${codec}`);
      expect(agent.errors).toEqual([]);
    },
    SLOW,
  );

  test(
    'a video that changes its size during the stream is encoded in each size and read',
    async () => {
      const sid = await user.share(randomText(), 'vp8', true);
      const [smallest, , largest] = LAYER_WIDTHS;
      for (const [layer, width] of [
        [0, smallest],
        [2, largest],
        [0, smallest],
      ] as const) {
        const text = randomText();
        await user.show(text);
        await user.sendUpTo(layer);
        const frame = await untilSeen(
          agent,
          sid,
          async (seen) => seen.width === width && (await textIn(seen)).includes(text),
        );
        const height = (width * 9) / 16;
        expect(frame).toMatchObject({ width, height });
        expect(await frame.encode()).toMatchObject({ width, height, mimeType: 'image/jpeg' });
        const fitted = await frame.encode({
          resize: { width: 512, height: 512, strategy: 'scale_aspect_fit' },
        });
        expect(fitted).toMatchObject({ width: 512, height: 288 });
      }
      expect(agent.video.metrics().switches.count, 'it is one stream').toBe(1);
      expect(agent.errors).toEqual([]);
    },
    SLOW,
  );
});

/** The next frame of this track that meets the condition. */
function untilSeen(
  agent: Agent,
  sid: string,
  wanted: (frame: SeenFrame) => Promise<boolean>,
): Promise<SeenFrame> {
  const seen = async () => {
    let frame = await agent.see({ sid });
    while (!(await wanted(frame))) frame = await agent.see({ sid });
    return frame;
  };
  return within('frame as wanted', seen());
}
