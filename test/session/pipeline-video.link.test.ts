import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { VideoSessionOptions } from '../../src/index.ts';
import { USER } from '../../src/testing/identities.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, type Stage, shownIn } from '../support/loopback.ts';

const camera = fileCamera();
const guestCamera = fileCamera();
afterEach(endStages);

/**
 * A stage with two users, each with a camera. The agent serves the first one, who has asked a
 * question.
 */
async function stageWithGuest(turn: VideoSessionOptions['turn'] = {}) {
  const stage = await liveStage(camera, { video: { turn } });
  const { session, room } = stage;
  const roomIO = new voice.RoomIO({ agentSession: session, room: room.asRoom() });
  session._roomIO = roomIO;
  roomIO.setParticipant(USER);
  room.join('guest');
  room.publish('guest', guestCamera.track, TrackSource.SOURCE_CAMERA);
  await stage.show(3);
  await stage.type('What do I show?');
  expect(await levels(stage)).toEqual([3]);
  await stage.show(4);
  return { stage, serve: (identity: string | null) => roomIO.setParticipant(identity) };
}

const levels = ({ model }: Stage) =>
  Promise.all(model.last.pictures.map(async (picture) => (await shownIn(picture)).level));

test.each([
  ['a typed turn', (stage: Stage) => stage.type('And what do I show?')],
  ['a spoken turn', (stage: Stage) => stage.hear('And what do I show?')],
  [
    'a reply without user input',
    (stage: Stage) => stage.session.generateReply({ instructions: 'Say hello.' }).waitForPlayout(),
  ],
])('%s right after setParticipant contains nothing of the participant before', async (_, take) => {
  const { stage, serve } = await stageWithGuest({ attachBudgetMs: 100 });
  serve('guest');
  await take(stage);
  expect(await levels(stage)).toEqual([]);
  expect(stage.model.requests).toHaveLength(2);
});

test('a look right after setParticipant shows nothing of the participant before', async () => {
  const { stage, serve } = await stageWithGuest();
  serve('guest');
  expect(await stage.video.latestFrame()).toBeUndefined();
});

test('the participant after setParticipant is shown as soon as a frame arrives', async () => {
  const { stage, serve } = await stageWithGuest();
  serve('guest');
  const look = stage.video.look();
  const showing = setInterval(() => guestCamera.show(7), 20);
  try {
    expect(await look).toMatchObject({ identity: 'guest' });
    await stage.type('And what do I show?');
    expect(await levels(stage)).toEqual([7]);
  } finally {
    clearInterval(showing);
  }
});

describe('without a poll of the link', () => {
  // The poll is an interval, and never comes.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => vi.useRealTimers());

  /** The guest's camera sends frames until the work is done. */
  async function whileGuestShows(level: number, work: () => Promise<void>) {
    let timer: NodeJS.Timeout;
    const show = () => {
      guestCamera.show(level);
      timer = setTimeout(show, 20);
    };
    show();
    await work().finally(() => clearTimeout(timer));
  }

  test.each([
    ['a typed turn', (stage: Stage) => stage.type('And what do I show?')],
    ['a spoken turn', (stage: Stage) => stage.hear('And what do I show?')],
  ])('%s right after setParticipant has the picture of the new participant', async (_, take) => {
    const { stage, serve } = await stageWithGuest({ attachBudgetMs: 60_000 });
    serve('guest');
    await whileGuestShows(7, () => take(stage));
    expect(await levels(stage)).toEqual([7]);
  });

  test('a look right after setParticipant gets a frame of the new participant', async () => {
    const { stage, serve } = await stageWithGuest();
    serve('guest');
    await whileGuestShows(7, async () => {
      expect(await stage.video.look()).toMatchObject({ identity: 'guest' });
    });
  });
});
