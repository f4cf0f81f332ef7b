import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterEach, describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { until } from '../../src/testing/waits.ts';
import { createLookTool, type LookToolOptions } from '../../src/watch/look-tool.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, type Stage, setStage, shownIn } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/** An agent with the look tool, in a room whose camera shows a level all the time. */
async function lookingStage(options?: LookToolOptions) {
  const model = new RecordingLLM();
  const stage: Stage = setStage(camera, {
    model,
    video: { input: { lookTimeoutMs: 3000 } },
    agent: new voice.Agent({ instructions: 'Look.' }),
  });
  const agent = new voice.Agent({
    instructions: 'Look.',
    tools: [createLookTool(stage.video, options)],
  });
  await stage.video.start({ agent });
  return { stage, model, agent };
}

/** The camera shows a level while the work is done. */
async function showing<T>(level: number, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => camera.show(level), 30);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Resolves when a look shows this source. A frame of the one before may be under way. */
const untilSeen = (video: Stage['video'], source: string) =>
  until(`${source} seen`, async () => (await video.look()).source === source);

describe('a pipeline that calls look', () => {
  test('a pipeline that calls look gets the picture in its next request, and it ages like those of turns', async () => {
    const { stage, model, agent } = await lookingStage();
    await stage.cameraOn();
    model.replies.push({ call: 'look' }, 'I see it.');
    await showing(5, stage.type('What is there?'));
    expect(model.requests).toHaveLength(2);
    const followUp = model.last;
    expect(followUp.text).toContain('the picture of the camera that was requested');
    // The turn's picture stays until the next turn.
    expect(followUp.pictures).toHaveLength(2);
    expect(followUp.ownPictures).toHaveLength(1);
    expect(await shownIn(followUp.ownPictures[0])).toMatchObject({ level: 5, format: 'jpeg' });
    // The tool's own place in the agent is restored, so the turn's picture is the session's.
    await stage.show(8);
    await stage.type('And now?');
    expect(model.requests).toHaveLength(3);
    expect(model.last.pictures).toHaveLength(1);
    expect(await shownIn(model.last.ownPictures[0])).toMatchObject({ level: 8 });
    const texts = agent.chatCtx.items.flatMap((item) =>
      item.type === 'message' ? item.content.filter((part) => typeof part === 'string') : [],
    );
    expect(texts.some((text) => /no longer shown/.test(text))).toBe(true);
  });

  test('a pipeline that calls look without video gets the reason, and goes on', async () => {
    const { stage, model } = await lookingStage({ timeoutMs: 300 });
    model.replies.push({ call: 'look' }, 'I see nothing.');
    await stage.type('What is there?');
    expect(model.requests).toHaveLength(2);
    expect(model.last.pictures).toHaveLength(0);
    const output = stage.session.history.items.find((item) => item.type === 'function_call_output');
    expect(output).toMatchObject({ output: expect.stringContaining('No picture') });
  });
});

/** The arguments with which the framework calls a tool, as far as they are used. */
const contextOf = ({ session }: Stage, _tool: ReturnType<typeof createLookTool>) =>
  ({ session, speechHandle: { addDoneCallback() {} } }) as unknown as Parameters<
    typeof _tool.execute
  >[1]['ctx'];

describe('a look at another source', () => {
  test('a look at another source gets one picture of it, and then the pinned source is watched again', async () => {
    const screen = new TestCamera();
    const { stage } = await lookingStage();
    const { video, room } = stage;
    await stage.cameraOn();
    video.pinSource('camera');
    room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
    const tool = createLookTool(video);
    const callId = 'call_1';
    const shows = setInterval(() => screen.show(9), 30);
    const ctx = contextOf(stage, tool);
    const options = { ctx, toolCallId: callId, abortSignal: new AbortController().signal };
    try {
      const said = await showing(5, tool.execute({ source: 'screen' }, options));
      expect(said).toMatch(/^The picture of the screen follows\. Its number is \d+\.$/);
      await showing(5, untilSeen(video, 'camera'));
      const again = tool.execute({ source: 'camera' }, { ...options, toolCallId: 'call_2' });
      expect(await showing(5, again)).toMatch(/^The picture of the camera follows/);
    } finally {
      clearInterval(shows);
      await screen.close();
    }
  });

  test('a look at a source that is not shared reports that, and changes nothing', async () => {
    const { stage } = await lookingStage();
    await stage.cameraOn();
    const tool = createLookTool(stage.video, { timeoutMs: 200 });
    const ctx = contextOf(stage, tool);
    const options = { ctx, toolCallId: 'call_1', abortSignal: new AbortController().signal };
    const said = await tool.execute({ source: 'screen' }, options);
    expect(said).toBe('No picture: no screen is shared');
    await showing(5, untilSeen(stage.video, 'camera'));
  });
});

test('the time limit of a look tool is checked', async () => {
  const stage = setStage(camera);
  expect(() => createLookTool(stage.video, { timeoutMs: 0 })).toThrow(OptionError);
});
