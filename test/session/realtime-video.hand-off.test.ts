import { voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  INSTRUCTIONS,
  levelOf,
  never,
  PROVIDERS,
  type ProviderName,
  setStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = fileCamera();
afterEach(endStages);
afterAll(stagesEnded);

const LEVEL = 4;

/**
 * A turn of a pipeline's agent, then a hand-off to the realtime model whose service accepts late,
 * and a typed turn. Returns the levels that the model has seen when it is asked.
 */
async function levelsAfterHandOff(provider: ProviderName, camera: TestCamera): Promise<number[]> {
  const stage = await setStage(provider, { video: { turn: { attachBudgetMs: 5000 } } });
  const llm = new RecordingLLM('gpt-4o');
  await stage.video.start({ agent: new voice.Agent({ instructions: INSTRUCTIONS, llm }) });
  await stage.watch(camera, camera.source);
  const looked = stage.video.look();
  camera.show(LEVEL);
  await looked;
  await stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
  expect(llm.last.pictures).toHaveLength(1);

  const { fake } = stage;
  const seen: Promise<number>[] = [];
  fake.reply = ({ frames }) => {
    seen.push(...frames.map(levelOf));
    return 'It is grey.';
  };
  const accept = fake.setup.hold();
  const handedOff = stage.next('agent.handedOff');
  // Without a connection, the first sample is skipped: because of that, or because no frame is left.
  const skipped = stage.next('sample.skipped');
  stage.session.updateAgent(stage.agent);
  await Promise.all([handedOff, skipped]);
  const answered = stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout();
  accept();
  await answered;
  return Promise.all(seen);
}

describe.each(PROVIDERS)('%s', (provider) => {
  test(`the first typed turn of ${provider} after a hand-off waits for the next frame of a slow camera`, async () => {
    const camera = new TestCamera({ width: 160, height: 120, fps: 3 });
    expect(await levelsAfterHandOff(provider, camera)).toEqual([LEVEL]);
    await camera.close();
  });

  test(`the first typed turn of ${provider} after a hand-off has the frame of a still screen`, async () => {
    const screen = new TestCamera({ width: 160, height: 120, source: 'screen' });
    expect(await levelsAfterHandOff(provider, screen)).toEqual([LEVEL]);
    await screen.close();
  });
});

test('a typed turn waits for the next frame if a turn of a pipeline used the newest one', async () => {
  const stage = await setStage('openai', {
    video: { input: { sampler: never }, turn: { attachBudgetMs: 60_000 } },
  });
  const llm = new RecordingLLM('gpt-4o');
  await stage.video.start({ agent: new voice.Agent({ instructions: INSTRUCTIONS, llm }) });
  await stage.watch(camera);
  const looked = stage.video.look();
  camera.show(LEVEL);
  await looked;
  await stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
  const sighted = stage.next('model.sighted');
  stage.session.updateAgent(stage.agent);
  await sighted;
  let isAnswered = false;
  const reply = stage.session.generateReply({ userInput: 'And now?' }).waitForPlayout();
  const answered = reply.then(() => {
    isAnswered = true;
  });
  await stage.next('sample.skipped', ({ reason }) => reason === 'no-frame');
  await stage.settled();
  expect(isAnswered).toBe(false);
  camera.show(LEVEL + 1);
  await answered;
  expect(await Promise.all(stage.fake.frames.map(levelOf))).toEqual([LEVEL + 1]);
});
