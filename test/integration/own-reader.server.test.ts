import { setTimeout as wait } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { VideoStream, type VideoTrack } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { VideoSession } from '../../src/index.ts';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { until } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, RealRoom, type Share } from '../support/real-room.ts';

const SLOW = 200_000;
const INSTRUCTIONS = 'You see.';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await closeRooms();
}, SLOW);

/** A realtime agent with default options, which needs a frame every three seconds. */
async function startAgent({ agentRoom }: RealRoom): Promise<FakeGeminiLive> {
  const fake = new FakeGeminiLive();
  const { baseUrl } = await fake.listen();
  const session = new voice.AgentSession({
    llm: new google.realtime.RealtimeModel({
      apiKey: 'k',
      httpOptions: { baseUrl },
      instructions: INSTRUCTIONS,
    }),
    vad: null,
    turnHandling: { turnDetection: null },
  });
  const video = new VideoSession(session, { room: agentRoom });
  ends.push(async () => {
    await video.close();
    await fake.close();
  });
  await video.start({
    agent: new voice.Agent({ instructions: INSTRUCTIONS }),
    inputOptions: { audioEnabled: false, textEnabled: false, closeOnDisconnect: false },
    outputOptions: { audioEnabled: false },
  });
  return fake;
}

/** The application's own use of the track: it counts the frames of a `VideoStream`. */
async function read({ agentRoom }: RealRoom, { sid }: Share): Promise<{ count: number }> {
  const track = () =>
    agentRoom.remoteParticipants.get('user')?.trackPublications.get(sid)?.track as
      | VideoTrack
      | undefined;
  await until('subscribed', () => track() !== undefined);
  const reader = new VideoStream(track() as VideoTrack).getReader();
  ends.push(() => reader.cancel());
  const frames = { count: 0 };
  const readAll = async () => {
    while (!(await reader.read()).done) frames.count++;
  };
  void readAll();
  await until('read', () => frames.count > 0);
  return frames;
}

/** Frames a second over this many seconds. */
async function rateOf(frames: { count: number }, seconds: number): Promise<number> {
  const before = frames.count;
  await wait(seconds * 1000);
  return (frames.count - before) / seconds;
}

describeWithServer("the application's own reader of a track", (server) => {
  test(
    "the application's own reader gets as many frames with Sightline as without it",
    async () => {
      const room = await RealRoom.withAgent(server());
      const user = await room.join('user');
      const frames = await read(room, await user.share('camera'));
      const alone = await rateOf(frames, 3);
      const fake = await startAgent(room);
      await until('seen by the model', () => fake.frames.length > 0);
      expect(await rateOf(frames, 6)).toBeGreaterThan(0.8 * alone);
    },
    SLOW,
  );
});
