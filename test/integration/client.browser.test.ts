import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PUBLISH_ON_BEHALF } from '../../src/avatar/worker/avatar-protocol.ts';
import { AGENT, FACE } from '../../src/testing/identities.ts';
import { joinRoom, ticket } from '../../src/testing/rooms.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { localAvatar } from '../support/avatar/local-avatar.ts';
import { AvatarStage, endStages } from '../support/avatar/stage.ts';
import { launchBrowser, type Site } from '../support/browser.ts';
import { serveReactPage } from '../support/client/site.ts';
import { describeWithServerAndBrowser } from '../support/real-parts.ts';

const SLOW = 200_000;

/** What the page shows. */
interface Report {
  agent?: string | undefined;
  avatar?: string | undefined;
  assistant?: string | undefined;
  audioOf?: string | undefined;
  videoOf?: string | undefined;
  state: string;
  /** From 0 to 1. */
  volume: number;
}

afterEach(endStages, SLOW);

describeWithServerAndBrowser('a React page in a room with an avatar', (server) => {
  let browser: Browser | undefined;
  let site: Site | undefined;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchBrowser(), serveReactPage()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function openPage(room: string): Promise<Page> {
    if (!browser || !site) throw new Error('the browser did not start');
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_LIMIT_MS);
    const { url, token } = await ticket(server(), room, 'browser');
    await page.goto(`${site.url}#${new URLSearchParams({ url, token })}`);
    await page.click('text=Join');
    return page;
  }

  test(
    'useVoiceAssistant gets the avatar’s voice and video, and both participants are found',
    async () => {
      const stage = await AvatarStage.set(server(), {
        avatar: () => localAvatar(server(), { identity: FACE }),
      });
      // The avatar of an agent that is not there; it joined before all others.
      const stranger = await joinRoom(server(), stage.name, 'stranger', {
        kind: 'agent',
        attributes: { [PUBLISH_ON_BEHALF]: 'another agent' },
      });
      const page = await openPage(stage.name);
      await untilReport(page, 'agent alone', { agent: AGENT, assistant: AGENT });
      expect(await reportOf(page)).not.toHaveProperty('avatar');

      await stage.start();
      const seen = { agent: AGENT, avatar: FACE, assistant: AGENT, audioOf: FACE, videoOf: FACE };
      await untilReport(page, 'agent and avatar', seen);
      await until('the face is drawn', () => page.evaluate<boolean>(FACE_MOVES));
      await untilHeard(page, stage);

      // The agent's avatar leaves, and the other one takes its place for this agent.
      await stage.video.close();
      await untilReport(page, 'no avatar', { agent: AGENT, avatar: undefined, videoOf: undefined });
      await stranger.localParticipant?.setAttributes({ [PUBLISH_ON_BEHALF]: AGENT });
      await untilReport(page, 'other avatar', { agent: AGENT, avatar: 'stranger' });
      await stage.agentRoom.disconnect();
      await untilReport(page, 'no agent', { agent: undefined, avatar: undefined });
      await stranger.disconnect();
    },
    SLOW,
  );

  test(
    'the page plays whichever of agent and avatar speaks when the avatar is killed and comes back',
    async () => {
      const avatar = localAvatar(server(), { identity: FACE });
      const stage = await AvatarStage.set(server(), { avatar: () => avatar });
      const page = await openPage(stage.name);
      await stage.start();
      await untilReport(page, 'avatar', { avatar: FACE, audioOf: FACE, videoOf: FACE });

      const speech = stage.say(3000);
      await until('the voice is heard', async () => (await reportOf(page)).volume > LOUD);
      process.kill(avatar.pid ?? 0, 'SIGKILL');
      await untilReport(page, 'voice of the agent', { agent: AGENT, audioOf: AGENT });
      await speech.waitForPlayout();

      await stage.untilTold('shown', 2);
      await stage.say(400).waitForPlayout();
      await untilReport(page, 'avatar again', { avatar: FACE, audioOf: FACE, videoOf: FACE });
      await until('the face is drawn again', () => page.evaluate<boolean>(FACE_MOVES));
      await untilHeard(page, stage);
    },
    SLOW,
  );
});

/** A volume that is speech. */
const LOUD = 0.1;

/** Silence first, then the agent speaks. */
async function untilHeard(page: Page, stage: AvatarStage): Promise<void> {
  await until('quiet', async () => (await reportOf(page)).volume < LOUD / 2);
  const speech = stage.say(2000);
  await until('the voice is heard', async () => (await reportOf(page)).volume > LOUD);
  await speech.waitForPlayout();
}

/** Whether the video is decoded and keeps playing. It runs in the page, so it is text here. */
const FACE_MOVES = `(() => {
  const video = document.querySelector('video');
  return video !== null && video.videoWidth >= 256 && video.currentTime > 0.5;
})()`;

async function reportOf(page: Page): Promise<Report> {
  return JSON.parse((await page.textContent('#report')) ?? '{}');
}

async function untilReport(page: Page, what: string, wanted: Partial<Report>): Promise<void> {
  let last: Report | undefined;
  const isThere = async () => {
    const report = await reportOf(page);
    last = report;
    return Object.entries(wanted).every(([name, value]) => report[name as keyof Report] === value);
  };
  await until(what, isThere).catch((error: unknown) => {
    throw new Error(`${error}: the page reports ${JSON.stringify(last)}`);
  });
}
