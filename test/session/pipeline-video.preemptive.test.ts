import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  nextEvent,
  type Stage,
  shownIn,
  userTurns,
} from '../support/loopback.ts';

const camera = fileCamera();
let stage: Stage;
beforeEach(async () => {
  stage = await liveStage(camera);
});
afterEach(endStages);

describe('a preemptive request that is thrown away', () => {
  test('a discarded preemptive request does not use up its frame: the final request carries it too', async () => {
    const { model, video, session } = stage;
    const { id } = await stage.show(3);
    stage.hearMaybe('What');
    await model.asked(1);
    const discarded = nextEvent(video, 'turn.discarded');
    await stage.hear('What is it?');
    await discarded;
    expect(model.requests.map(({ text }) => text)).toEqual(['What', 'What is it?']);
    expect(model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([[id], [id]]);
    expect(userTurns(session.history.items)).toEqual([['What is it?', id]]);
    const { turns, frames } = video.metrics();
    expect(turns).toMatchObject({ attached: 2, discarded: 1 });
    expect(frames).toMatchObject({ pending: 0, held: 0, skipped: {} });
  });

  test('a discarded preemptive request makes way for one with the newest frame', async () => {
    const { model, video, session } = stage;
    const old = await stage.show(3);
    stage.hearMaybe('What');
    await model.asked(1);
    const { id } = await stage.show(8);
    const discarded = nextEvent(video, 'turn.discarded');
    await stage.hear('What is it?');
    await discarded;
    expect(id).toBeGreaterThan(old.id);
    expect(model.requests).toHaveLength(2);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(await shownIn(model.last.ownPictures[0])).toMatchObject({ level: 8 });
    expect(userTurns(session.history.items)).toEqual([['What is it?', id]]);
    expect(video.metrics().turns).toMatchObject({ attached: 2, discarded: 1 });
    // The looks of this test count as sent for both frames.
    expect(video.metrics().frames).toMatchObject({ pending: 0, held: 0 });
  });

  test('a discarded preemptive request can be followed by one that is kept', async () => {
    const { model, video } = stage;
    await stage.show(3);
    stage.hearMaybe('What');
    await model.asked(1);
    const { id } = await stage.show(4);
    stage.hearMaybe('What is it?');
    await model.asked(2);
    const cleared = nextEvent(video, 'turn.cleared');
    await stage.hear('What is it?');
    expect((await cleared).frameId).toBe(id);
    expect(model.requests).toHaveLength(2);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(video.metrics().turns).toMatchObject({ attached: 2, discarded: 1 });
  });

  test('a discarded preemptive request can be followed by another discarded one', async () => {
    const { model, video, session } = stage;
    await stage.show(3);
    stage.hearMaybe('What');
    await model.asked(1);
    stage.hearMaybe('What is');
    await model.asked(2);
    const { id } = await stage.show(9);
    const cleared = nextEvent(video, 'turn.cleared');
    await stage.hear('What is it?');
    await cleared;
    expect(model.requests).toHaveLength(3);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(session.history.items)).toEqual([['What is it?', id]]);
    expect(video.metrics().turns).toMatchObject({ attached: 3, discarded: 2 });
    expect(video.metrics().frames).toMatchObject({ pending: 0, held: 0 });
  });

  test('a preemptive request can be overtaken by a typed turn', async () => {
    const { model, video, session } = stage;
    const { id } = await stage.show(3);
    stage.hearMaybe('What');
    await model.asked(1);
    const discarded = nextEvent(video, 'turn.discarded');
    await stage.type('Never mind. Which colour?');
    await discarded;
    expect(model.requests).toHaveLength(2);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(session.history.items)).toEqual([['Never mind. Which colour?', id]]);
    expect(video.metrics().turns.discarded).toBe(1);
  });
});

test('a preemptive request that is kept uses up its frame', async () => {
  const { model, video, session } = stage;
  const { id } = await stage.show(3);
  stage.hearMaybe('What is it?');
  await model.asked(1);
  const cleared = nextEvent(video, 'turn.cleared');
  await stage.hear('What is it?');
  await cleared;
  await stage.hear('And now?');
  expect(model.requests).toHaveLength(2);
  expect(model.last.ownPictures).toEqual([]);
  expect(userTurns(session.history.items)).toEqual([['What is it?', id], ['And now?']]);
  expect(video.metrics().turns).toMatchObject({ attached: 1, 'nothing-to-attach': 1 });
});

test('a preemptive request keeps its picture if a newer frame arrives', async () => {
  const { model, video } = stage;
  const { id } = await stage.show(3);
  stage.hearMaybe('What is it?');
  await model.asked(1);
  const newer = await stage.show(6);
  const cleared = nextEvent(video, 'turn.cleared');
  await stage.hear('What is it?');
  expect((await cleared).frameId).toBe(id);
  // The newer one is not used up by it.
  expect((await video.latestFrame())?.id).toBe(newer.id);
  await stage.hear('And now?');
  expect(model.last.ownPictures.map(frameIdOf)).toEqual([newer.id]);
});
