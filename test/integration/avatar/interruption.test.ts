import '../../support/quiet.ts';
import { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import { type AudioFrame, dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, expect, test } from 'vitest';
import { LocalAvatar } from '../../../src/index.ts';
import { stair } from '../../../src/testing/avatar/ears.ts';
import { HandAvatar } from '../../../src/testing/avatar/hand-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { AvatarStage, endStages } from '../../support/avatar/stage.ts';
import { stepsOf } from '../../support/providers/steps.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 120_000;
afterEach(endStages, SLOW);
afterAll(() => dispose());

/** As a TTS or a realtime model gives it: piece by piece, a bit faster than it is said. */
function streamed(frames: readonly AudioFrame[]): ReadableStream<AudioFrame> {
  const rest = frames[Symbol.iterator]();
  return new ReadableStream<AudioFrame>({
    async pull(controller) {
      const { value, done } = rest.next();
      if (done) return controller.close();
      await wait(15);
      controller.enqueue(value);
    },
  });
}

describeWithServer('an answer that is interrupted while it is still generated', (server) => {
  test.each(['hand', 'local'] as const)(
    'leaves the next answers whole, with an avatar of the kind %s',
    async (kind) => {
      const stage = await AvatarStage.set(server(), {
        avatar: (where) => {
          const { url, apiKey, apiSecret } = where.server;
          return kind === 'hand'
            ? new HandAvatar(where)
            : new LocalAvatar({ url, apiKey, apiSecret, identity: FACE });
        },
      });
      await stage.start();
      const speech = stage.session.say('A long answer.', { audio: streamed(stair(8000)) });
      await until('it is heard', () => stage.ears.sounds.length > 20);
      speech.interrupt();
      await speech.waitForPlayout();
      await stage.quiet();
      for (let answer = 0; answer < 2; answer++) {
        const before = stage.ears.steps.length;
        await stage.session
          .say('The next answer.', { audio: streamed(stair(1000)) })
          .waitForPlayout();
        await stage.quiet();
        expect(stage.ears.steps.slice(before)).toEqual(stepsOf(1000));
      }
      expect(stage.told).toEqual(['shown']);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
    },
    SLOW,
  );
});
