// A test of an agent with `sightline/testing`, for all test runners.
import assert from 'node:assert/strict';
import { initializeLogger, voice } from '@livekit/agents';
import { VideoSession } from 'sightline';
import { assertLooksLike, LoopbackRoom, RecordingLLM, TestCamera } from 'sightline/testing';

initializeLogger({ pretty: false, level: 'silent' });

/** The model gets the camera's picture, and the framework's own assertions hold. */
export async function checkKit(photo) {
  const room = new LoopbackRoom();
  room.join('user');
  const camera = await TestCamera.fromImage(photo);
  const model = new RecordingLLM();
  const session = new voice.AgentSession({ llm: model, vad: null });
  const video = new VideoSession(session, {
    room: room.asRoom(),
    input: { lookTimeoutMs: 10_000 },
    turn: { attachBudgetMs: 10_000, maxFrameAgeMs: 10_000 },
  });
  await video.start({ agent: new voice.Agent({ instructions: 'Say what you see.' }) });
  room.publish('user', camera.track, camera.source);
  await video.look();
  const result = session.run({ userInput: 'What is it?' });
  await result.wait();
  result.expect.nextEvent().isMessage({ role: 'assistant' });
  await assertLooksLike(model.last.pictures[0], photo);
  await assert.rejects(assertLooksLike(model.last.pictures[0], 5), /not level 5/);
  await video.close();
  await session.close();
  await camera.close();
}
