import { voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { SessionStateError, SightlineError } from '../src/index.ts';
import { USER } from '../src/testing/identities.ts';
import { LoopbackRoom } from '../src/testing/loopback-room.ts';
import { fileCamera } from './support/camera.ts';
import {
  endStages,
  expectClosed,
  frameIdOf,
  liveStage,
  rejection,
  setStage,
} from './support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

const agent = () => new voice.Agent({ instructions: 'Say what you see.' });

/** A room that the application connects itself. */
class LateRoom extends LoopbackRoom {
  #here = false;

  override get isConnected(): boolean {
    return this.#here;
  }

  connect(): void {
    this.#here = true;
    this.emit('connectionStateChanged' as 'reconnected');
  }
}

describe('a room', () => {
  test('a room that never connects fails the start after the limit, and nothing is left', async () => {
    const { room, video, session } = setStage(camera, {
      room: new LateRoom(),
      video: { limits: { connectTimeoutMs: 30 } },
    });
    const error = await rejection(video.start({ agent: agent() }));
    expect(error).toBeInstanceOf(SightlineError);
    expect(error).toMatchObject({
      code: 'start-timeout',
      message: expect.stringContaining('the room did not connect within 30 ms'),
    });
    expectClosed(video, room);
    expect(session._started).toBe(false);
  });

  test('close ends the wait for a room that never connects', async () => {
    const { room, video } = setStage(camera, { room: new LateRoom() });
    const started = rejection(video.start({ agent: agent() }));
    await video.close();
    expect(await started).toBeInstanceOf(SessionStateError);
    expectClosed(video, room);
  });

  test('start waits for a room that connects later', async () => {
    const room = new LateRoom();
    const stage = setStage(camera, { room });
    const started = stage.start();
    expect(stage.session._started).toBe(false);
    room.connect();
    await started;
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('a room without users has turns without pictures', async () => {
    const stage = setStage(camera);
    await stage.start();
    await stage.type('Is anyone there?');
    await stage.hear('Hello?');
    expect(stage.model.requests.map(({ pictures }) => pictures)).toEqual([[], []]);
    expect(stage.video.metrics().turns).toMatchObject({ 'nothing-to-attach': 2 });
    await stage.video.close();
    expectClosed(stage.video, stage.room);
  });

  test('a user without video has turns without pictures, and a camera that comes later is used', async () => {
    const stage = setStage(camera);
    await stage.start();
    stage.room.join(USER);
    await stage.type('Can you see me?');
    expect(stage.model.last.pictures).toEqual([]);
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('And now?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('a camera that was just turned on is in time for the turn with its first frame', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 5000 } } });
    const asked = stage.type('What is it?');
    const shown = stage.show(4);
    await asked;
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([(await shown).id]);
  });

  test('a camera that shows nothing within the budget leaves the turn without a picture', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 20 } } });
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.video.metrics().turns).toMatchObject({ 'nothing-to-attach': 1, 'over-budget': 0 });
  });
});
