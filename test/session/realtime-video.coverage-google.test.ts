import { voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import type { Question } from '../../src/testing/fakes/reply.ts';
import { within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { geminiSession, nextEvent, startSession } from '../support/fakes/agent-session.ts';
import {
  endStages,
  geminiStage,
  INSTRUCTIONS,
  levelOf,
  live,
  never,
  type RealtimeStage,
  type StageOptions,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { picture } from '../support/sample-pictures.ts';

type Stage = RealtimeStage<FakeGeminiLive>;

const camera = fileCamera();
const alone: voice.AgentSession[] = [];
let jpeg: string;
beforeAll(async () => {
  jpeg = (await picture('jpeg')).toString('base64');
});
afterEach(async () => {
  await Promise.all(alone.splice(0).map((session) => session.close()));
  endStages();
});
afterAll(() => stagesEnded());

/** A stage whose model got level 3 while the user was silent. */
async function shownInSilence(options: StageOptions = {}): Promise<Stage> {
  const stage = await geminiStage({ video: { input: { sampler: never } }, ...options });
  await live(stage);
  await stage.watch(camera);
  await stage.shown(camera, 3);
  return stage;
}

/** The plugin without Sightline, on the service of the stage, with a picture sent in silence. */
async function withoutSightline(fake: FakeGeminiLive): Promise<voice.AgentSession> {
  const { baseUrl } = await fake.listen();
  const model = new google.realtime.RealtimeModel({
    apiKey: 'k',
    httpOptions: { baseUrl },
    instructions: INSTRUCTIONS,
  });
  const opened = fake.nextConnection();
  const session = await startSession(model);
  alone.push(session);
  const connection = await opened;
  await fake.until(() => connection.handle !== undefined, 'a session');
  await connection.reaction();
  const arrived = fake.nextFrame();
  geminiSession(session).activeSession?.sendRealtimeInput({
    video: { mimeType: 'image/jpeg', data: jpeg },
  });
  await arrived;
  return session;
}

/** The question that reaches the model. */
async function asked(fake: FakeGeminiLive, ask: () => unknown): Promise<Question> {
  const question = new Promise<Question>((resolve) => {
    fake.reply = (one) => {
      resolve(one);
      return 'I see it.';
    };
  });
  await ask();
  return within('question', question);
}

describe('what Gemini 2.5 sees', () => {
  test('Gemini 2.5 sees what was shown in silence when the user speaks, and does not without Sightline', async () => {
    const stage = await shownInSilence();
    const spoken = await asked(stage.fake, () => stage.fake.hear('What is it?'));
    expect(await Promise.all(spoken.frames.map(levelOf))).toEqual([3]);
    await withoutSightline(stage.fake);
    const without = await asked(stage.fake, () => stage.fake.hear('What is it?'));
    expect(without.frames).toEqual([]);
  });

  test("Gemini 2.5 sees the picture of a typed turn even with the user's own coverage of activity only", async () => {
    const turnCoverage = 'TURN_INCLUDES_ONLY_ACTIVITY' as never;
    const stage = await shownInSilence({ google: { realtimeInputConfig: { turnCoverage } } });
    const looked = stage.video.look();
    camera.show(7);
    await looked;
    const typed = await asked(stage.fake, () =>
      stage.session.generateReply({ userInput: 'What is it?' }).waitForPlayout(),
    );
    expect(await Promise.all(typed.frames.map(levelOf))).toEqual([7]);
  });
});

describe("Google's limit of two minutes for a session with video", () => {
  const gemini = { videoSessionMs: 200, goAwayMs: 100 };

  test('a session with video outlasts the limit of Gemini, which ends the plugin alone', async () => {
    const stage = await shownInSilence({ gemini });
    const session = await withoutSightline(stage.fake);
    expect(await nextEvent(session, voice.AgentSessionEventTypes.Close)).toMatchObject({
      reason: 'error',
    });
    // Its session began first.
    expect(stage.fake.connections[0]?.isOpen).toBe(true);
    expect(stage.life).toEqual([]);
  });

  test('a session that the limit of Gemini ends, because compression is off, continues with the next one', async () => {
    const stage = await geminiStage({
      gemini,
      google: { contextWindowCompression: {} },
      video: { input: { sampler: never, honest: false } },
    });
    await live(stage);
    await stage.watch(camera);
    const resumed = stage.next('model.resumed');
    await stage.shown(camera, 3);
    // The next session would end too.
    stage.video.setMode('off');
    await resumed;
    await stage.session.generateReply({ userInput: 'Are you there?' }).waitForPlayout();
    const last = stage.session.history.items.at(-1);
    expect(last?.type === 'message' && last.textContent).toBe('I see it.');
    expect(stage.events.filter(({ type }) => type === 'error')).toEqual([]);
  });
});
