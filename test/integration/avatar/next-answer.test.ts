import '../../support/quiet.ts';
import { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import type { AudioFrame } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { LocalAvatar } from '../../../src/avatar/worker/local-avatar.ts';
import type { AvatarSessionLike } from '../../../src/index.ts';
import { stair } from '../../../src/testing/avatar/ears.ts';
import { HandAvatar } from '../../../src/testing/avatar/hand-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { until } from '../../../src/testing/waits.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 120_000;
afterEach(endStages, SLOW);

/** Length of each answer. */
const ANSWER_MS = 1000;
/** Time that the generation of 20 ms of speech takes. */
const GENERATED_EVERY_MS = 15;

/** Speech as a TTS or a realtime model gives it: piece by piece, a bit faster than it is said. */
function generated(ms: number): ReadableStream<AudioFrame> {
  let isCancelled = false;
  return new ReadableStream<AudioFrame>({
    async start(controller) {
      for (const frame of stair(ms)) {
        if (isCancelled) return;
        controller.enqueue(frame);
        await wait(GENERATED_EVERY_MS);
      }
      if (!isCancelled) controller.close();
    },
    cancel() {
      isCancelled = true;
    },
  });
}

/** The agent says an answer. @returns how much of it is heard, in ms */
async function heardOfAnswer(stage: AvatarStage): Promise<number> {
  await stage.quiet();
  const before = stage.ears.sounds.length;
  await stage.session.say('An answer.', { audio: generated(ANSWER_MS) }).waitForPlayout();
  await stage.quiet();
  return (stage.ears.sounds.length - before) * 20;
}

/** Answers are heard as the first one was: whole, and once. */
async function expectHeard(stage: AvatarStage, usually: number, answers: number): Promise<void> {
  const heard: number[] = [];
  for (let answer = 1; answer <= answers; answer++) heard.push(await heardOfAnswer(stage));
  expect(heard.map((ms) => Math.round((4 * ms) / usually) / 4)).toEqual(heard.map(() => 1));
}

describeWithServer('what an agent with an avatar says', (server) => {
  const local = ({ server: { url, apiKey, apiSecret } }: { server: LiveKitServer }) =>
    new LocalAvatar({ url, apiKey, apiSecret, identity: FACE });

  type Where = { server: LiveKitServer; room: string };
  test.fails.each<[string, (where: Where) => AvatarSessionLike]>([
    ['in this process', (where) => new HandAvatar(where)],
    ['in a process of its own', local],
  ])(
    'is heard after an interruption of a speech that was still generated, by an avatar %s',
    async (_, avatar) => {
      const stage = await AvatarStage.set(server(), { avatar });
      await stage.start();
      const usually = await heardOfAnswer(stage);
      const speech = stage.session.say('A long answer.', { audio: generated(8000) });
      const { length } = stage.ears.sounds;
      await until('heard', () => stage.ears.sounds.length > length + 20, 10_000);
      speech.interrupt();
      await speech.waitForPlayout();
      await expectHeard(stage, usually, 2);
    },
    SLOW,
  );

  test.fails(
    'is heard after the process of its avatar was killed in a pause',
    async () => {
      let avatar: LocalAvatar | undefined;
      const stage = await AvatarStage.set(server(), {
        avatar: (where) => {
          avatar = local(where);
          return avatar;
        },
      });
      await stage.start();
      const usually = await heardOfAnswer(stage);
      process.kill(avatar?.pid ?? 0, 'SIGKILL');
      await wait(500);
      await expectHeard(stage, usually, 2);
    },
    SLOW,
  );
});
