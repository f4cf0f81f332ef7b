// Run it with `npx vitest run`: it needs no server, no browser, no key and no network. In an
// application of your own, import from 'sightline' and 'sightline/testing'.
// The photo is by Rachel Michetti, in the public domain (CC0).
import { initializeLogger, voice } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { VideoSession } from '../../src/index.ts';
import { LoopbackRoom, looksLike, RecordingLLM, TestCamera } from '../../src/testing/index.ts';
import { startAssistant } from './agent.ts';

initializeLogger({ pretty: false, level: 'silent' });

const COFFEE = new URL('./coffee.jpg', import.meta.url);

/** Machines that run tests are busy, so a late picture is not left out here. */
const PATIENT = {
  input: { lookTimeoutMs: 10_000 },
  turn: { attachBudgetMs: 10_000, maxFrameAgeMs: 10_000 },
};

let room: LoopbackRoom;
let camera: TestCamera;
let model: RecordingLLM;
let session: voice.AgentSession;
let video: VideoSession;

beforeEach(async () => {
  room = new LoopbackRoom();
  room.join('user');
  camera = await TestCamera.fromImage(COFFEE);
  model = new RecordingLLM();
  session = new voice.AgentSession({ llm: model, vad: null });
  video = await startAssistant(session, room.asRoom(), PATIENT);
  room.publish('user', camera.track, camera.source);
  // Resolves when the agent has a frame.
  await video.look();
});

afterEach(async () => {
  await video.close();
  await session.close();
  await camera.close();
});

afterAll(() => dispose());

test('the model gets the photo with the question', async () => {
  model.replies.push('It is a cup of coffee.');
  const result = session.run({ userInput: 'What do I show you?' });
  await result.wait();

  result.expect.nextEvent().isMessage({ role: 'assistant' });
  expect(model.last.text).toBe('What do I show you?');
  expect(model.last.pictures).toHaveLength(1);
  const [picture] = model.last.pictures;
  expect(picture?.source).toBe('camera');
  expect(await looksLike(picture, COFFEE)).toBe(true);
});

test('the model gets no picture once the camera is off', async () => {
  camera.mute();
  await session.run({ userInput: 'And now?' }).wait();
  expect(model.last.text).toBe('And now?');
  expect(model.last.pictures).toEqual([]);
});
