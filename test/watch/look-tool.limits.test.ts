import { getEventListeners } from 'node:events';
import { llm, voice } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EncodeOptions } from '../../src/frames/encode-options.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import type { VideoSession } from '../../src/video-session.ts';
import { createLookTool, type LookToolOptions } from '../../src/watch/look-tool.ts';

const LIMIT_MS = 700;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

/** A pipeline's agent with the look tool, and the requests and encodings that follow. */
function stage(look: () => Promise<SeenFrame>, options: LookToolOptions = {}) {
  const requests: llm.ChatContext[] = [];
  class Assistant extends voice.Agent {
    override async llmNode(context: llm.ChatContext) {
      requests.push(context);
      return null;
    }
  }
  const agent: voice.Agent = new Assistant({ instructions: 'Look.' });
  const video = {
    look,
    expectRegions: vi.fn(),
    turnImage: () => ({ format: 'png' }),
    actor: { getSnapshot: () => ({ context: { model: 'pipeline', sources: {} } }) },
  };
  const tool = createLookTool(video as unknown as VideoSession, {
    timeoutMs: LIMIT_MS,
    ...options,
  });
  const interruption = new AbortController();
  const call = () =>
    tool.execute({}, {
      ctx: { session: { currentAgent: agent }, speechHandle: { addDoneCallback: () => {} } },
      ...{ toolCallId: 'call_1', abortSignal: interruption.signal },
    } as unknown as Parameters<typeof tool.execute>[1]);
  /** The picture of the request after the call. */
  const picture = async () => {
    const context = llm.ChatContext.empty();
    const output = { callId: 'call_1', output: 'It follows.', isError: false };
    context.items.push(llm.FunctionCallOutput.create(output));
    await agent.llmNode(context, {} as never, {});
    const message = requests[0]?.items.at(-1);
    const content = message?.type === 'message' ? message.content : [];
    return content.find((part) => typeof part === 'object' && part.type === 'image_content');
  };
  return { video, tool, call, interruption, picture };
}

/** A frame of this source, and how it was encoded. */
function frameOf(source: 'camera' | 'screen') {
  const encodings: (EncodeOptions | undefined)[] = [];
  const frame = {
    ...{ id: 7, source, trackSid: 'TR', takenAt: 0 },
    encode: async (options?: EncodeOptions) => {
      encodings.push(options);
      return { data: Buffer.from([1, 2, 3]), mimeType: 'image/jpeg', width: 2, height: 1 };
    },
  } as unknown as SeenFrame;
  return { frame, encodings };
}

test('a look tool makes Gemini get a picture apart from the answer of a call, which it refuses otherwise', async () => {
  const parts = [{ functionResponse: {} }, { inlineData: {} }];
  const format = vi.spyOn(llm.ChatContext.prototype, 'toProviderFormat');
  format.mockResolvedValue([[{ role: 'user', parts }]] as never);
  stage(() => new Promise(() => {}));
  const made = await llm.ChatContext.empty().toProviderFormat('google');
  format.mockRestore();
  expect(made).toEqual([parts.map((part) => ({ role: 'user', parts: [part] }))]);
});

test('a look that gets no picture in time answers with its limit, and leaves no timer and no listener', async () => {
  const { call, interruption } = stage(() => new Promise(() => {}));
  const answered = vi.fn();
  const answer = call().then((text) => {
    answered();
    return text;
  });
  await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
  expect(answered).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await answer).toBe(`No picture: none arrived within ${LIMIT_MS} ms`);
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(interruption.signal, 'abort')).toEqual([]);
});

test('a picture that cannot be encoded in time is left out', async () => {
  const { frame } = frameOf('camera');
  const { call } = stage(async () => ({ ...frame, encode: () => new Promise(() => {}) }));
  const answer = call();
  await vi.advanceTimersByTimeAsync(LIMIT_MS);
  expect(await answer).toBe(`No picture: none arrived within ${LIMIT_MS} ms`);
});

test('a look that the user interrupts ends at once with the reason, and leaves no timer', async () => {
  const { call, interruption } = stage(() => new Promise(() => {}));
  const answer = call();
  interruption.abort(new Error('the user spoke'));
  expect(await answer).toMatch(/^No picture: .*the user spoke/);
  expect(vi.getTimerCount()).toBe(0);
});

test('a look that fails answers with the reason, and leaves no timer', async () => {
  const { call } = stage(() => Promise.reject(new Error('no camera')));
  expect(await call()).toMatch(/^No picture: .*no camera/);
  expect(vi.getTimerCount()).toBe(0);
});

test('the picture of a look has the detail and the format of the tool, whatever is shown', async () => {
  const { frame, encodings } = frameOf('screen');
  const image = { format: 'jpeg', quality: 40 } as const;
  const { call, picture } = stage(async () => frame, { detail: 'low', image });
  expect(await call()).toBe('The picture of the screen follows. Its number is 7.');
  expect(vi.getTimerCount()).toBe(0);
  expect(encodings).toEqual([expect.objectContaining(image)]);
  expect(await picture()).toMatchObject({ inferenceDetail: 'low' });
});

test('without options, a camera is encoded for a model, and a screen as in a turn', async () => {
  const camera = frameOf('camera');
  const looked = stage(async () => camera.frame);
  await looked.call();
  expect(camera.encodings).toMatchObject([{ resize: { width: 1024, height: 1024 } }]);
  expect(await looked.picture()).toMatchObject({ inferenceDetail: 'auto' });
  const screen = frameOf('screen');
  await stage(async () => screen.frame).call();
  expect(screen.encodings).toEqual([{ format: 'png' }]);
});

test('a look tool has the name and the description of its options, and arguments with their ranges', () => {
  const { tool, video } = stage(() => new Promise(() => {}), {
    ...{ name: 'see', description: 'Call it to see.' },
  });
  expect(tool).toMatchObject({ name: 'see', description: 'Call it to see.' });
  expect(video.expectRegions).toHaveBeenCalledOnce();
  const { parameters } = tool as unknown as { parameters: unknown };
  expect(parameters).toMatchObject({
    additionalProperties: false,
    properties: {
      source: { enum: ['current', 'camera', 'screen'] },
      region: {
        ...{ required: ['x', 'y', 'width', 'height'], additionalProperties: false },
        properties: { x: { minimum: 0, maximum: 1 }, height: { minimum: 0, maximum: 1 } },
      },
      frame: { type: 'integer' },
    },
  });
  expect(stage(() => new Promise(() => {})).tool.name).toBe('look');
});
