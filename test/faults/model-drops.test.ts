import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { Random } from '../../src/testing/random.ts';
import { within } from '../../src/testing/waits.ts';
import {
  geminiStage,
  live,
  openAIStage,
  PROVIDERS,
  type RealtimeStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

/** A release is tested with `SIGHTLINE_DROPS=100`, 200 in all. */
const DROPS = Number(process.env.SIGHTLINE_DROPS ?? 10);
const SEED = Number(process.env.SIGHTLINE_SEED ?? 7);
const CODES = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014];
const REFUSALS = [{ status: 503 }, { status: 429 }, 'tcp'] as const;

const camera = new TestCamera();
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
process.prependListener('uncaughtException', note);
process.prependListener('unhandledRejection', note);
afterAll(async () => {
  await stagesEnded();
  await camera.close();
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
});

/** One drop of a random kind, at a random moment of the conversation. */
async function drop(stage: RealtimeStage, random: Random): Promise<string> {
  const { fake, session } = stage;
  const code = random.pick(CODES);
  const moment = random.pick(['idle', 'asked', 'answering', 'setup'] as const);
  const refusal = random.pick([undefined, undefined, ...REFUSALS]);
  const resumed = stage.next('model.resumed');
  if (moment === 'asked') session.generateReply({ userInput: 'Is it there?' });
  if (moment === 'answering') {
    fake.reply = () => ({ text: 'It is', hold: true });
    session.generateReply({ userInput: 'What is it?' });
  }
  await wait(random.next() * 60);
  if (refusal) fake.refuseConnections(refusal);
  const release = moment === 'setup' && !refusal ? fake.setup.hold() : undefined;
  const next = release && stage.fake.nextConnection().catch(() => undefined);
  fake.closeConnection(code);
  if (release) {
    // OpenAI's service delays the handshake itself, so there is no connection to close.
    const again = await Promise.race([next, wait(200)]);
    again?.close(random.pick([1006, 1011]));
    release();
  }
  if (refusal) {
    await wait(random.next() * 300);
    await fake.acceptConnections();
  }
  await resumed;
  fake.reply = () => 'I see it.';
  return `${moment}, ${code}, ${JSON.stringify(refusal ?? 'taken')}`;
}

test.each(PROVIDERS)(
  `%s drops ${DROPS} times at random, and the agent goes on and answers the next turn`,
  async (provider) => {
    const random = new Random(SEED);
    const video = { realtime: { reconnect: { attempts: 20, retryBaseMs: 20 } } };
    const stage =
      provider === 'google' ? await geminiStage({ video }) : await openAIStage({ video });
    await live(stage);
    await stage.watch(camera);
    for (let n = 1; n <= DROPS; n++) {
      camera.show(n % 10);
      const what = await drop(stage, random);
      const answered = stage.session.generateReply({ userInput: `Turn ${n}?` }).waitForPlayout();
      await within(`answer after drop ${n} (${what})`, answered);
      const items = stage.session.history.items.filter((item) => item.type === 'message');
      const asked = items.findIndex(({ textContent }) => textContent === `Turn ${n}?`);
      const answers = items.slice(asked + 1).map(({ role, textContent }) => [role, textContent]);
      expect(answers, `${n}: ${what}`).toEqual([['assistant', 'I see it.']]);
    }
    expect(uncaught).toEqual([]);
    expect(stage.video.metrics().model.dropped).toBeGreaterThanOrEqual(DROPS);
    expect(stage.video.metrics().model.resumed).toBe(stage.video.metrics().model.dropped);
    expect(stage.events.filter(({ type }) => type === 'error')).toEqual([]);
  },
  60_000 + DROPS * 10_000,
);
