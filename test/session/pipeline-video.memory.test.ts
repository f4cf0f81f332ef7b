import { llm } from '@livekit/agents';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fileCamera } from '../support/camera.ts';
import { endStages, frameIdOf, liveStage, type Stage, userTurns } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(async () => {
  vi.useRealTimers();
  await endStages();
});

const PLACEHOLDER = /^\[a picture of the camera at \d\d:\d\d:\d\d UTC, no longer shown\]$/;
const placeholder = expect.stringMatching(PLACEHOLDER);

/** A turn after a new frame; returns the frame. */
async function turn(stage: Stage, text: string): Promise<number> {
  const { id } = await stage.show(5);
  await stage.type(text);
  return id;
}

/** Both places that hold the conversation. */
const remembered = ({ session, agent }: Stage) => [
  userTurns(session.history.items),
  userTurns([...agent.chatCtx.items]),
];

describe('pictures of earlier turns', () => {
  test('pictures of earlier turns become a line with time and source, in the request and in the history', async () => {
    const stage = await liveStage(camera);
    const first = await turn(stage, 'one');
    expect(remembered(stage)).toEqual([[['one', first]], [['one', first]]]);
    const second = await turn(stage, 'two');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([second]);
    expect(stage.model.last.ownPictures).toHaveLength(1);
    const users = stage.model.last.messages.filter(({ role }) => role === 'user');
    expect(users[0]?.parts).toEqual(['one', placeholder]);
    const now = [
      ['one', placeholder],
      ['two', second],
    ];
    expect(remembered(stage)).toEqual([now, now]);
  });

  test('pictures of earlier turns stay up to keepPictures', async () => {
    const stage = await liveStage(camera, { video: { turn: { keepPictures: 3 } } });
    const ids: number[] = [];
    for (const text of ['one', 'two', 'three', 'four']) ids.push(await turn(stage, text));
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      ids.slice(0, 1),
      ids.slice(0, 2),
      ids.slice(0, 3),
      ids.slice(1, 4),
    ]);
    const now = [
      ['one', placeholder],
      ['two', ids[1]],
      ['three', ids[2]],
      ['four', ids[3]],
    ];
    expect(remembered(stage)).toEqual([now, now]);
  });

  test('keepPictures 0 keeps no picture, and each turn has its own until the next one', async () => {
    const stage = await liveStage(camera, { video: { turn: { keepPictures: 0 } } });
    const first = await turn(stage, 'one');
    const { id: second } = await stage.show(5);
    await stage.hear('two');
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      [first],
      [second],
    ]);
    const now = [
      ['one', placeholder],
      ['two', second],
    ];
    expect(remembered(stage)).toEqual([now, now]);
  });

  test('go with the next turn, also with one that has no picture', async () => {
    const stage = await liveStage(camera, { video: { turn: { keepPictures: 0 } } });
    await turn(stage, 'one');
    await stage.type('two');
    expect(stage.model.last.pictures).toEqual([]);
    const now = [['one', placeholder], ['two']];
    expect(remembered(stage)).toEqual([now, now]);
  });

  test("never touch the user's own, and do not count them", async () => {
    const stage = await liveStage(camera);
    const own = llm.createImageContent({
      image: 'data:image/png;base64,iVBORw0KGgo=',
      id: 'own_7',
    });
    const { id: first } = await stage.show(5);
    const userInput = llm.ChatMessage.create({ role: 'user', content: ['one', own] });
    await stage.session.generateReply({ userInput }).waitForPlayout();
    expect(stage.model.last.ownPictures.map(frameIdOf)).toEqual([7, first]);
    const second = await turn(stage, 'two');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([7, second]);
    const now = [
      ['one', 7, placeholder],
      ['two', second],
    ];
    expect(remembered(stage)).toEqual([now, now]);
    expect(userInput.content[1]).toBe(own);
  });
});

describe('a turn without a picture of its own', () => {
  test('a turn without a new frame since the last one has no picture', async () => {
    const stage = await liveStage(camera);
    const first = await turn(stage, 'one');
    await stage.type('two');
    expect(stage.model.last.ownPictures).toEqual([]);
    // The picture of the first turn is still part of the conversation.
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([first]);
    expect(await stage.video.latestFrame()).toBeUndefined();
    expect(stage.video.metrics().turns).toMatchObject({ attached: 1, 'nothing-to-attach': 1 });
    const third = await turn(stage, 'three');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([third]);
  });

  test('a turn while the camera is muted has no picture, even if its last frame is new', async () => {
    const stage = await liveStage(camera);
    await stage.show(5);
    stage.room.mute(stage.publication);
    await stage.type('one');
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.video.metrics().turns).toMatchObject({ attached: 0, 'nothing-to-attach': 1 });
  });

  test('a turn whose newest frame is too old has no picture', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const stage = await liveStage(camera);
    const first = await stage.show(5);
    vi.setSystemTime(first.receivedAt + 3000);
    await stage.type('one');
    expect(stage.model.last.ownPictures.map(frameIdOf)).toEqual([first.id]);
    const second = await stage.show(5);
    vi.setSystemTime(second.receivedAt + 3001);
    await stage.type('two');
    expect(stage.model.last.ownPictures).toEqual([]);
    expect(stage.video.metrics().turns).toMatchObject({ attached: 1, 'too-old': 1 });
  });
});
