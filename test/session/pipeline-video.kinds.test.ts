import { llm } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { fileCamera } from '../support/camera.ts';
import { endStages, frameIdOf, liveStage, type Stage, shownIn } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

const ASK = 'What do you see?';

/** The ways in which a user's turn can begin. */
const WAYS: [way: string, take: (stage: Stage) => Promise<unknown>][] = [
  ['a spoken turn', (stage) => stage.hear(ASK)],
  [
    'a spoken turn that was answered before it was over',
    (stage) => {
      stage.hearMaybe(ASK);
      return stage.hear(ASK);
    },
  ],
  ['a typed turn', (stage) => stage.type(ASK)],
  ['session.run', ({ session }) => session.run({ userInput: ASK }).wait()],
  [
    'generateReply with a text',
    ({ session }) => session.generateReply({ userInput: ASK }).waitForPlayout(),
  ],
  [
    'generateReply with a message',
    ({ session }) => {
      const userInput = llm.ChatMessage.create({ role: 'user', content: ASK });
      return session.generateReply({ userInput }).waitForPlayout();
    },
  ],
];

describe('the newest frame reaches the model', () => {
  test.each(WAYS)('the newest frame reaches the model in %s', async (_, take) => {
    const stage = await liveStage(camera);
    await stage.show(2);
    const { id } = await stage.show(7);
    await take(stage);
    const { model, video } = stage;
    expect(model.requests).toHaveLength(1);
    expect(model.last.text).toBe(ASK);
    expect(model.last.pictures).toHaveLength(1);
    const [picture] = model.last.ownPictures;
    expect(frameIdOf(picture)).toBe(id);
    expect(await shownIn(picture)).toEqual({
      level: 7,
      format: 'jpeg',
      mimeType: 'image/jpeg',
      width: 96,
      height: 64,
    });
    expect(video.metrics().turns).toMatchObject({ attached: 1, discarded: 0 });
  });
});
