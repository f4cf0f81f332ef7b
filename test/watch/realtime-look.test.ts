import { llm, voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Question } from '../../src/testing/fakes/reply.ts';
import { until, within } from '../../src/testing/waits.ts';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  geminiStage,
  levelOf,
  live,
  liveStage,
  never,
  PROVIDERS,
  type RealtimeStage,
  stagesEnded,
} from '../support/realtime-stage.ts';
import { timersLeftBy } from '../support/timers.ts';

const camera = fileCamera();
const screen = fileCamera({ source: 'screen' });
let showing: NodeJS.Timeout;
beforeAll(() => {
  showing = setInterval(() => camera.show(5), 50);
});
afterEach(endStages);
afterAll(async () => {
  clearInterval(showing);
  await stagesEnded();
});

describe.each(PROVIDERS)('with a realtime model of %s', (provider) => {
  test(`the look tool sends ${provider} a fresh picture`, async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    await stage.watch(camera);
    const tool = createLookTool(stage.video);
    const ctx = { session: stage.session } as Parameters<typeof tool.execute>[1]['ctx'];
    const arrived = within('picture', stage.fake.nextFrame());
    const options = { ctx, toolCallId: 'call_1', abortSignal: new AbortController().signal };
    expect(await tool.execute({}, options)).toBe('A fresh picture of the camera was sent.');
    await arrived;
  });

  test('the look tool shows it a still screen once more', async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    const first = within('first picture', stage.fake.nextFrame());
    await stage.watch(screen, TrackSource.SOURCE_SCREENSHARE);
    screen.show(6);
    await first;
    const tool = createLookTool(stage.video);
    const ctx = { session: stage.session } as Parameters<typeof tool.execute>[1]['ctx'];
    const arrived = within('picture', stage.fake.nextFrame());
    const options = { ctx, toolCallId: 'call_1', abortSignal: new AbortController().signal };
    expect(await tool.execute({}, options)).toBe('A fresh picture of the screen was sent.');
    await arrived;
  });

  test(`a look at a region sends ${provider} the part of the picture that it was shown`, async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    const tool = createLookTool(stage.video);
    const first = within('first picture', stage.fake.nextFrame());
    await stage.watch(screen, TrackSource.SOURCE_SCREENSHARE);
    screen.show(6);
    await first;
    const ctx = { session: stage.session } as Parameters<typeof tool.execute>[1]['ctx'];
    const arrived = within('part', stage.fake.nextFrame());
    const options = { ctx, toolCallId: 'call_1', abortSignal: new AbortController().signal };
    const region = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
    expect(await tool.execute({ region }, options)).toBe(
      'The part of the screen that you requested was sent. Places are still shares of the whole picture.',
    );
    expect(await arrived).toMatchObject({ width: 48, height: 32 });
  });

  test(`a watch has the ${provider} model speak once, and waits for the end`, async () => {
    const stage = await liveStage(provider, { video: { input: { sampler: never } } });
    await stage.watch(camera);
    const watch = new VideoWatch(stage.video, {
      everyMs: 50,
      decide: () => true,
      act: { say: 'A visitor is at the door.' },
      session: stage.session,
    });
    const done = within(
      'end of the act',
      new Promise<void>((resolve, reject) => {
        watch.on('act.done', () => resolve());
        watch.on('watch.failed', ({ error }) => reject(new Error(error)));
      }),
    );
    watch.start();
    try {
      await done;
      expect(watch.metrics()).toMatchObject({ acts: 1, dropped: 0 });
    } finally {
      watch.stop();
    }
  });
});

test('the look tool reports that its picture could not be sent', async () => {
  const stage = await geminiStage({ video: { input: { sampler: never } } });
  const letPass = stage.fake.setup.hold();
  await stage.start();
  await stage.watch(camera);
  const tool = createLookTool(stage.video);
  const ctx = { session: stage.session } as Parameters<typeof tool.execute>[1]['ctx'];
  const options = { ctx, toolCallId: 'call_1', abortSignal: new AbortController().signal };
  expect(await tool.execute({}, options)).toBe(
    'No picture: the picture could not be sent: not-connected',
  );
  letPass();
});

/**
 * A conversation with the look tool, and a camera that shows a level all the time, or a screen that
 * shows one once.
 */
async function lookingStage(
  options: Parameters<typeof geminiStage>[0] = {},
  still?: { show: number },
) {
  const look = llm.tool({
    name: 'look',
    description: 'Looks.',
    parameters: {
      type: 'object',
      properties: { region: { type: 'object', properties: { x: { type: 'number' } } } },
    },
    execute: (args, run) => createLookTool(stage.video).execute(args, run),
  });
  const stage = await geminiStage({
    tools: [look],
    video: { input: { sampler: never } },
    ...options,
  });
  stage.video.expectRegions();
  await live(stage);
  await stage.fake.until(() => stage.fake.connections.at(-1)?.toolNames[0] === 'look');
  await stage.fake.until(() => stage.fake.connection.handle !== undefined, 'a session');
  const first = stage.fake.nextFrame();
  if (still) {
    await stage.watch(screen, TrackSource.SOURCE_SCREENSHARE);
    screen.show(still.show);
  } else await stage.watch(camera);
  await first;
  return stage;
}

/** The messages to the model that concern a look, in order. */
const sentKinds = (stage: RealtimeStage) =>
  stage.fake.messages.flatMap(({ message }) => {
    const text = JSON.stringify(message);
    if (/"realtimeInput":\{"video"/.test(text)) return ['picture'];
    if (text.includes('toolResponse')) return ['answer'];
    return text.includes('that you requested') ? ['go on'] : [];
  });

describe('when Gemini calls the look tool', () => {
  test('Gemini gets the picture of a look after the answer, which says so, and is asked to continue', async () => {
    const stage = await lookingStage();
    const questions: Question[] = [];
    stage.fake.reply = (question) => {
      questions.push(question);
      return question.cause === 'tools' ? 'A moment.' : 'A grey wall.';
    };
    const { output } = (await stage.fake.callTool('look')) as { output: string };
    expect(output).toMatch(/follows this answer.*do not describe it until/);
    await until('the answer with the picture', () =>
      questions.some(({ cause }) => cause === 'text'),
    );
    expect(sentKinds(stage)).toEqual(['picture', 'answer', 'picture', 'go on']);
    expect(questions.at(-1)?.frames).toHaveLength(2);
    expect(stage.fake.violations).toEqual([]);
  });

  test('Gemini gets the picture of a look without a timer that is left behind', async () => {
    const stage = await lookingStage();
    const left = await timersLeftBy(async () => {
      const goesOn = stage.fake.nextMessage((message) =>
        JSON.stringify(message).includes('that you requested'),
      );
      await stage.fake.callTool('look');
      await goesOn;
    });
    expect(left.filter((stack) => stack.includes('time-limit'))).toEqual([]);
  });

  test('a look of Gemini whose answer is over leaves no listener on the agent session', async () => {
    const stage = await lookingStage();
    const { ConversationItemAdded } = voice.AgentSessionEventTypes;
    const listeners = () => stage.session.listenerCount(ConversationItemAdded);
    const before = listeners();
    const goesOn = stage.fake.nextMessage((message) =>
      JSON.stringify(message).includes('that you requested'),
    );
    void stage.fake.callTool('look');
    await goesOn;
    await until('the end of the listener', () => listeners() === before);
  });

  test('Gemini gets the picture of a look at once if the tools do not block', async () => {
    const stage = await lookingStage({ google: { toolBehavior: 'NON_BLOCKING' as never } });
    const answered = stage.fake.nextMessage((message) =>
      JSON.stringify(message).includes('A fresh picture of the camera was sent.'),
    );
    stage.fake.say({ toolCalls: [{ name: 'look' }] });
    await answered;
    expect(sentKinds(stage)).toEqual(['picture', 'answer', 'picture', 'answer']);
    expect(stage.fake.violations).toEqual([]);
  });

  test('Gemini is not asked to continue a look if the user asks something else before its picture is there', async () => {
    const stage = await lookingStage();
    const questions: Question[] = [];
    stage.fake.reply = (question) => {
      questions.push(question);
      return question.cause === 'tools' ? 'A moment.' : 'A grey wall.';
    };
    // Without another frame, the look waits between the answer of the tool and its picture.
    const pending = stage.next('sample.skipped', ({ reason }) => reason === 'tool-pending');
    void stage.fake.callTool('look');
    await pending;
    clearInterval(showing);
    await until('the model with the answer of the tool', () => questions.length > 0);
    const asked = stage.session.generateReply({ userInput: 'And now?' });
    await within('answer', asked.waitForPlayout());
    const before = stage.fake.frames.length;
    showing = setInterval(() => camera.show(5), 50);
    await stage.fake.until(() => stage.fake.frames.length > before, 'the picture of the look');
    await stage.session.waitForIdle();
    expect(questions.map(({ cause }) => cause)).toEqual(['tools', 'text']);
    expect(sentKinds(stage)).not.toContain('go on');
  });

  test('Gemini gets the part of the picture that its region was of, although it sees a newer one before', async () => {
    const stage = await lookingStage({}, { show: 3 });
    const { video, fake } = stage;
    const look = video.look.bind(video);
    let regions = 0;
    vi.spyOn(video, 'look').mockImplementation(async (given) => {
      const isRegion = typeof given === 'object' && given.region !== undefined;
      // The second one is for the picture after the answer.
      if (isRegion && ++regions === 2) await stage.shown(screen, 8);
      return look(given);
    });
    const goesOn = fake.nextMessage((message) =>
      JSON.stringify(message).includes('that you requested is there'),
    );
    const region = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
    await fake.callTool('look', { region });
    await goesOn;
    const [whole, newer, part] = await Promise.all(fake.frames.map(levelOf));
    expect([whole, newer, part]).toEqual([3, 8, 3]);
    expect(fake.frames.at(-1)).toMatchObject({ width: 48, height: 32 });
  });

  test('Gemini gets nothing more of a look if the session ends meanwhile', async () => {
    const stage = await lookingStage();
    const pending = stage.next('sample.skipped', ({ reason }) => reason === 'tool-pending');
    void stage.fake.callTool('look');
    await pending;
    await stage.video.close();
    expect(sentKinds(stage).at(-1)).not.toBe('go on');
    expect(stage.session.listenerCount(voice.AgentSessionEventTypes.FunctionToolsExecuted)).toBe(0);
  });
});
