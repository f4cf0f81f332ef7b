import { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import type { AudioFrame } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import type { LocalAvatar } from '../../../src/avatar/worker/local-avatar.ts';
import type { AvatarSessionLike } from '../../../src/index.ts';
import { stair, stairSteps } from '../../../src/testing/avatar/stair.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { until } from '../../../src/testing/waits.ts';
import { localAvatar } from '../../support/avatar/local-avatar.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
afterEach(endStages, SLOW);

/** Length of each answer. */
const ANSWER_MS = 1000;
/** Time to generate 20 ms of speech. */
const GENERATED_EVERY_MS = 15;

/** Speech as a TTS or a realtime model generates it: in pieces, slightly faster than real time. */
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

/**
 * Answers are heard whole, once and in order, recognized by their pitches, since a busy machine
 * stretches them.
 */
async function expectHeard(stage: AvatarStage, answers: number): Promise<void> {
  for (let answer = 1; answer <= answers; answer++) {
    await stage.quiet();
    const before = stage.ears.sounds.length;
    await stage.session.say('An answer.', { audio: generated(ANSWER_MS) }).waitForPlayout();
    await stage.quiet();
    expect(stage.ears.stepsFrom(before), `answer ${answer}`).toEqual(stairSteps(ANSWER_MS));
  }
}

describeWithServer('the answers of an agent with an avatar', (server) => {
  const local = ({ server }: { server: LiveKitServer }) => localAvatar(server, { identity: FACE });

  type Where = { server: LiveKitServer; room: string };
  test.each<[string, (where: Where) => AvatarSessionLike]>([
    ['in this process', (where) => new TestAvatar(where)],
    ['in a separate process', local],
  ])(
    'the next answer is heard after an interruption of a speech that was still generated, with an avatar %s',
    async (_, avatar) => {
      const stage = await AvatarStage.set(server(), { avatar });
      await stage.start();
      await expectHeard(stage, 1);
      const speech = stage.session.say('A long answer.', { audio: generated(8000) });
      const { length } = stage.ears.sounds;
      await until('heard', () => stage.ears.sounds.length > length + 20);
      speech.interrupt();
      await speech.waitForPlayout();
      await expectHeard(stage, 2);
    },
    SLOW,
  );

  test(
    'the next answer is heard after the process of the avatar was killed during a pause',
    async () => {
      let avatar: LocalAvatar | undefined;
      const stage = await AvatarStage.set(server(), {
        avatar: (where) => {
          avatar = local(where);
          return avatar;
        },
      });
      await stage.start();
      await expectHeard(stage, 1);
      process.kill(avatar?.pid ?? 0, 'SIGKILL');
      await expectHeard(stage, 2);
    },
    SLOW,
  );
});
