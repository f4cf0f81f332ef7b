import { voice } from '@livekit/agents';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FaceDetector } from '../../examples/detector/face-detector.ts';
import { watchPresence } from '../../examples/presence.ts';
import { VideoSession } from '../../src/index.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { within } from '../../src/testing/waits.ts';
import { GROUP } from '../support/people.ts';

const closings: (() => Promise<void>)[] = [];
let detector: FaceDetector;
beforeAll(async () => {
  detector = await FaceDetector.open();
});
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});
afterAll(() => detector.close());

test('an agent without a model greets a person who comes, and says goodbye when the person has left', async () => {
  const camera = new TestCamera({ width: 640, height: 360, fps: 10 });
  closings.push(() => camera.close());
  const room = new LoopbackRoom();
  room.join(USER);
  room.publish(USER, camera.track, camera.source);
  const session = new voice.AgentSession({});
  const video = new VideoSession(session, { room, input: { lookTimeoutMs: 60_000 } });
  closings.push(() => video.close());

  const watch = watchPresence({ video, session, detector, everyMs: 50 });
  const done = () =>
    within(
      'line',
      new Promise<void>((resolve) => {
        const stop = watch.on('act.done', () => {
          stop();
          resolve();
        });
      }),
    );
  await video.start({ agent: new voice.Agent({ instructions: 'You greet visitors.' }) });
  const people = () => camera.show(GROUP.file);
  const wall = () => camera.show(5);
  for (const show of [people, wall, people]) {
    const said = done();
    await show();
    await said;
  }
  const lines = session.history.items.flatMap((item) =>
    item.type === 'message' ? [item.textContent] : [],
  );
  expect(lines).toEqual(['Hello.', 'Goodbye.', 'Hello.']);
  expect(watch.metrics().failures).toMatchObject({ look: 0, decide: 0, act: 0 });
});
