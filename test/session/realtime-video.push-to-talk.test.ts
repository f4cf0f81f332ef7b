import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Question } from '../../src/testing/fakes/reply.ts';
import { until, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { nextItem } from '../support/loopback.ts';
import { TalkButton } from '../support/push-to-talk.ts';
import {
  endStages,
  levelOf,
  live,
  never,
  PROVIDERS,
  type ProviderName,
  type RealtimeStage,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = fileCamera();
const buttons: TalkButton[] = [];
afterEach(async () => {
  endStages();
  await Promise.all(buttons.splice(0).map((button) => button.close()));
});
afterAll(() => stagesEnded());

/** A realtime model without turn detection of its own, a watched camera and a button. */
async function talkStage(provider: ProviderName) {
  const stage = await setStage(provider, {
    turnDetection: 'manual',
    openai: { turnDetection: null },
    google: { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } },
    // A busy machine must not make a picture late.
    video: { input: { sampler: never }, turn: { attachBudgetMs: 2000 } },
  });
  const button = new TalkButton(stage.session);
  buttons.push(button);
  await live(stage);
  await stage.watch(camera);
  await stage.shown(camera, 3);
  return { stage, button };
}

describe.each(PROVIDERS)('push-to-talk with %s', (provider) => {
  test(`the model of ${provider} has the picture of the release before its reply, and no request of a cancelled press`, async () => {
    const { stage, button } = await talkStage(provider);
    const questions: Question[] = [];
    stage.fake.reply = (question) => {
      questions.push(question);
      return 'I see it.';
    };
    await speak(stage, button);
    await button.cancel();
    await speak(stage, button);
    // A look would show the model the frame.
    const received = () => stage.video.metrics().frames.received;
    const before = received();
    camera.show(7);
    await until('the next frame', () => received() > before);
    const answered = nextItem(stage.session, 'assistant');
    button.release();
    await within('answer', answered);
    expect(questions).toHaveLength(1);
    const [last] = questions[0]?.frames.slice(-1) ?? [];
    expect(last && (await levelOf(last))).toBe(7);
    expect(stage.fake.violations).toEqual([]);
  });
});

/** Presses and speaks. Resolves when the service has a part of the speech. */
async function speak({ fake }: RealtimeStage, button: TalkButton): Promise<void> {
  await button.press();
  const { chunks } = fake.audio;
  button.hum();
  await fake.until(() => fake.audio.chunks >= chunks + 3, 'speech');
}
