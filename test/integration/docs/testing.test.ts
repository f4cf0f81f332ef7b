// The code of docs/testing.md: the docs show lines of these functions, and most of them run here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { describe, expect, test } from 'vitest';
import { VideoSession } from '../../../src/index.ts';
import { SoundControl } from '../../../src/testing/avatar/sound-control.ts';
import {
  assertLooksLike,
  assertShows,
  assertShowsText,
  Ears,
  FakeGeminiLive,
  LoopbackRoom,
  RecordingLLM,
  runStory,
  stairSpeech,
  stairSteps,
  story,
  TestAvatar,
  TestCamera,
} from '../../../src/testing/index.ts';
import type { PictureReader } from '../../../src/testing/pictures/reading.ts';
import type { RecordedPicture } from '../../../src/testing/recorded-picture.ts';
import { measured } from '../../support/measured.ts';

const photo = new URL('../../../examples/testing/coffee.jpg', import.meta.url);
const agent = new voice.Agent({ instructions: 'Say what you see.' });

async function aPhoto() {
  const room = new LoopbackRoom();
  room.join('user');
  const camera = await TestCamera.fromImage(photo);
  room.publish('user', camera.track, camera.source);

  const model = new RecordingLLM();
  const session = new voice.AgentSession({ llm: model, vad: null });
  const turn = { attachBudgetMs: 10_000, maxFrameAgeMs: 10_000 }; // a busy machine must not fail the test
  const input = { lookTimeoutMs: 10_000 };
  const video = new VideoSession(session, { room: room.asRoom(), turn, input });
  await video.start({ agent });
  await video.look(); // resolves when the agent has a frame

  model.replies.push('It is a cup of coffee.');
  const result = session.run({ userInput: 'What is it?' });
  await result.wait();
  result.expect.nextEvent().isMessage({ role: 'assistant' });

  const [picture] = model.last.pictures;
  await assertLooksLike(picture, photo);
  return { picture, room, model, session, video, camera };
}

async function aLevel({ room, video, session, model }: Awaited<ReturnType<typeof aPhoto>>) {
  const camera = new TestCamera({ width: 320, height: 240, fps: 10 });
  camera.show(7);
  room.publish('user', camera.track, camera.source);
  await video.look();
  await session.run({ userInput: 'What is it?' }).wait();
  await assertLooksLike(model.last.pictures[0], 7);
  await camera.close();
}

async function shows(
  picture: RecordedPicture | undefined,
  readText: PictureReader,
  judge: RecordingLLM,
) {
  await assertLooksLike(picture, photo); // a file, another picture, or a level
  await assertShowsText(picture, 'ZEBRA 4711', readText); // your OCR: (png) => text
  await assertShows(picture, { llm: judge, intent: 'a cup of coffee' }); // a model looks at it
}

async function realtime() {
  const service = new FakeGeminiLive({ reply: () => 'It is a cup.' });
  const { baseUrl } = await service.listen();
  const model = new google.realtime.RealtimeModel({ apiKey: 'k', httpOptions: { baseUrl } });
  return { service, model };
}

async function avatars(session: voice.AgentSession) {
  const room = new LoopbackRoom({ speech: true });
  const user = await room.joinAs('user');
  const ears = new Ears(user.asRoom());
  const avatar = () => new TestAvatar(room);
  const video = new VideoSession(session, { room: room.asRoom(), avatar });
  await video.start({ agent });

  await session.say('A stair.', { audio: stairSpeech(2000) }).waitForPlayout();
  await ears.quiet();
  assert.deepEqual(ears.steps, stairSteps(2000));
  assert.deepEqual(ears.speakers(), ['face']);
  return { video, ears, rooms: [room, user] };
}

async function aStory() {
  const { promises, failures } = await runStory(
    story([
      { do: 'join' },
      { do: 'share', what: 'camera' },
      { do: 'type' },
      { do: 'mute', what: 'camera' },
      { do: 'type', wait: false }, // the next step does not wait for the answer
      { do: 'handOff', to: 'gemini' },
      { do: 'type' },
    ]),
  );
  assert.deepEqual(failures, []);
  return promises;
}

describe('docs/testing.md', () => {
  test('docs/testing.md shows only code that is compiled here', async () => {
    const bare = (text: string) => text.replace(/^ +/gm, '');
    const docs = await readFile(new URL('../../../docs/testing.md', import.meta.url), 'utf8');
    const code = bare(await readFile(new URL(import.meta.url), 'utf8'));
    const blocks = [...docs.matchAll(/```ts\n(.*?)```/gs)].map(([, ts = '']) => ts);
    expect(blocks).toHaveLength(6);
    for (const block of blocks) expect(code).toContain(bare(block));
  });

  test('the code of docs/testing.md tests with a photo, with a level, by text and by a judge', async () => {
    const parts = await aPhoto();
    const judge = new RecordingLLM();
    judge.replies.push('{"passed": true, "reason": "It is a cup."}');
    await shows(parts.picture, () => 'ZEBRA 4711', judge);
    await parts.camera.close();
    const { session, video } = parts;
    await aLevel(parts);
    await video.close();
    await session.close();
  });

  test('the code of docs/testing.md hears what an avatar speaks', () =>
    measured(async () => {
      const session = new voice.AgentSession({ llm: new RecordingLLM(), vad: null });
      const control = await new SoundControl().start();
      const from = Date.now();
      try {
        const { video, ears, rooms } = await avatars(session);
        await video.close();
        await ears.close();
        for (const room of rooms) await room.disconnect();
        return undefined;
      } catch (error) {
        if (control.isWhole(from, Date.now())) throw error;
        return String(error);
      } finally {
        await session.close();
        await control.close();
      }
    }));

  test('the code of docs/testing.md plays a story', async () => {
    expect((await aStory()).answered.checked).toBe(3);
  });

  test('the code of docs/testing.md uses a fake service', async () => {
    const { service } = await realtime();
    expect(service.violations).toEqual([]);
    await service.close();
  });
});
