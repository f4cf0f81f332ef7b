// What the user hears of an agent that has an avatar. Run it with `npx vitest run`: it needs no
// server, no provider and no key. In an application of your own, import from 'sightline' and
// 'sightline/testing'.
import { initializeLogger, voice } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { VideoSession } from '../../src/index.ts';
import {
  Ears,
  LoopbackRoom,
  RecordingLLM,
  stairSpeech,
  stairSteps,
  TestAvatar,
} from '../../src/testing/index.ts';
import { startAssistant } from './agent.ts';

initializeLogger({ pretty: false, level: 'silent' });

/** Machines that run tests are busy, so an avatar that is late is not replaced here. */
const PATIENT = { startTimeoutMs: 60_000, joinTimeoutMs: 60_000, playbackStartTimeoutMs: 60_000 };

let room: LoopbackRoom;
let user: LoopbackRoom;
let ears: Ears;
let session: voice.AgentSession;
let video: VideoSession | undefined;

beforeEach(async () => {
  room = new LoopbackRoom({ speech: true });
  user = await room.joinAs('user');
  ears = new Ears(user.asRoom());
  session = new voice.AgentSession({ llm: new RecordingLLM(), vad: null });
});

afterEach(async () => {
  await video?.close();
  await session.close();
  await ears.close();
  await Promise.all([user.disconnect(), room.disconnect()]);
});

afterAll(() => dispose());

test('the avatar says the whole answer', async () => {
  const avatar = () => new TestAvatar(room);
  video = await startAssistant(session, room.asRoom(), { avatar, avatarLimits: PATIENT });
  await session.say('A stair.', { audio: stairSpeech(2000) }).waitForPlayout();
  await ears.quiet();
  expect(ears.speakers()).toEqual(['face']);
  expect(ears.steps).toEqual(stairSteps(2000));
});

test('the agent says the whole answer in its own voice if the provider refuses', async () => {
  const avatar = new TestAvatar(room, { refuses: { times: 1, message: 'HTTP 503' } });
  const avatarLimits = { ...PATIENT, maxAttempts: 1 };
  video = await startAssistant(session, room.asRoom(), { avatar, avatarLimits });
  await session.say('A stair.', { audio: stairSpeech(2000) }).waitForPlayout();
  await ears.quiet();
  expect(ears.speakers()).toEqual(['agent']);
  expect(ears.steps).toEqual(stairSteps(2000));
  expect(avatar.starts).toBe(1);
});
