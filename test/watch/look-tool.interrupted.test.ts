import { llm, voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { until } from '../../src/testing/waits.ts';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, frameIdOf, setStage } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/**
 * The model calls `look` and a slow tool at once. The slow tool delays the answer, so that the user
 * can interrupt after the look.
 */
async function lookingStage() {
  const model = new RecordingLLM();
  const stage = setStage(camera, { model });
  const { promise: released, resolve: release } = deferred<string>();
  const slow = llm.tool({ name: 'slow', description: 'Is slow.', execute: () => released });
  const agent = new voice.Agent({
    instructions: 'Look.',
    tools: [createLookTool(stage.video), slow],
  });
  await stage.video.start({ agent });
  await stage.cameraOn();
  model.replies.push([{ call: 'look' }, { call: 'slow' }]);
  const showing = setInterval(() => camera.show(3), 30);
  const speech = stage.session.generateReply({ userInput: 'What is there?' });
  await until('looked', () => stage.video.metrics().looks.answered > 0);
  clearInterval(showing);
  return { stage, model, speech, release: () => release('done') };
}

/** The next turn's own picture is the newest frame, and the request has no other one. */
async function expectNewestIn({ stage, model }: Awaited<ReturnType<typeof lookingStage>>) {
  const { id } = await stage.show(9);
  const before = model.requests.length;
  await stage.type('And now?');
  expect(model.requests).toHaveLength(before + 1);
  expect(model.last.text).toBe('And now?');
  expect(model.last.ownPictures.map(frameIdOf)).toEqual([id]);
  expect(model.last.pictures).toHaveLength(1);
}

describe('the turn after a look has the newest frame', () => {
  test('the turn after an answered look has the newest frame', async () => {
    const looked = await lookingStage();
    looked.release();
    await looked.speech.waitForPlayout();
    await expectNewestIn(looked);
  });

  test('the turn after a look that the user interrupted has the newest frame', async () => {
    const looked = await lookingStage();
    looked.speech.interrupt(true);
    looked.release();
    await looked.speech.waitForPlayout();
    await expectNewestIn(looked);
  });
});
