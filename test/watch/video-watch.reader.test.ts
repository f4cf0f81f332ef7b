import { voice } from '@livekit/agents';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OfflineReader } from '../../offline/reader.ts';
import { VideoSession, VideoWatch } from '../../src/index.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { within } from '../../src/testing/waits.ts';
import type { WatchAct } from '../../src/watch/watch-options.ts';

const TEXT = 'ZEBRA 9035';
const reader = new OfflineReader();
const room = new LoopbackRoom();
const size = { width: 640, height: 360 };
const camera = new SyntheticCamera({
  name: 'door',
  source: 'camera',
  ...size,
  fps: 10,
  text: TEXT,
});
const session = new voice.AgentSession({ llm: reader });
const video = new VideoSession(session, { room, input: { lookTimeoutMs: 10_000 } });
beforeAll(async () => {
  reader.prewarm();
  await camera.start();
  room.join(USER);
  room.publish(USER, camera.track, camera.trackSource);
  await video.start({ agent: new voice.Agent({ instructions: 'Watch.' }) });
});
afterAll(async () => {
  await video.close();
  await Promise.all([camera.stop(), reader.aclose()]);
});

/** What the agent says if it acts once. */
async function saidBy(act: WatchAct<boolean>): Promise<string | undefined> {
  const watch = new VideoWatch(video, { everyMs: 20, decide: () => true, act, session });
  const done = new Promise<void>((resolve, reject) => {
    watch.on('act.done', () => resolve());
    watch.on('watch.failed', ({ error }) => reject(new Error(error)));
  });
  watch.start();
  await within('the end of the act', done).finally(() => watch.stop());
  const last = session.history.items.at(-1);
  return last?.type === 'message' ? last.textContent : undefined;
}

test('a reply gets the picture that was its reason, and a line is said unchanged', async () => {
  expect(await saidBy({ reply: 'Read it.' })).toBe(`I see: ${TEXT}`);
  expect(reader.requests.at(-1)?.images).toBe(1);
  expect(await saidBy({ say: 'Good morning!' })).toBe('Good morning!');
  // The picture ages: the next one takes its place.
  expect(await saidBy({ reply: 'Read it.' })).toBe(`I see: ${TEXT}`);
  expect(reader.requests.at(-1)?.images).toBe(1);
}, 60_000);
