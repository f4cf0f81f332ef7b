import { afterEach, expect, test } from 'vitest';
import { describePictures } from '../../src/index.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage } from '../support/loopback.ts';
import { RevocableContents } from '../support/revocable-contents.ts';

const camera = fileCamera();
afterEach(endStages);

test('a description of an earlier scene is collected', async () => {
  const contents = new RevocableContents();
  const eyes = new RecordingLLM('gpt-4o');
  eyes.replies.push('Dark.', 'Bright.');
  const stage = await liveStage(camera, {
    model: new RecordingLLM('gpt-3.5-turbo'),
    video: { input: { describe: describePictures({ llm: eyes, timeoutMs: 20_000 }) } },
  });
  await stage.show(2);
  await stage.type('What is there?');
  const first = contents.count;
  expect(first).toBeGreaterThan(0);
  await stage.show(9);
  await stage.type('And now?');
  // The model records the pictures that it was asked about.
  eyes.requests.splice(0);
  await contents.untilCollected(first);
  contents.end();
});
