import { type llm, voice } from '@livekit/agents';
import { type Room, VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import * as sightline from '../src/index.ts';
import { createInspector, startInspector } from '../src/inspect/index.ts';
import * as testing from '../src/testing/index.ts';
import { LoopbackRoom } from '../src/testing/loopback-room.ts';
import { RecordingLLM } from '../src/testing/recording-llm.ts';

type Options = Record<string, unknown>;
const agentSession = new voice.AgentSession({ llm: new RecordingLLM() });
const newVideo = () =>
  new sightline.VideoSession(new voice.AgentSession({ llm: new RecordingLLM() }), {
    room: new LoopbackRoom(),
  });
const video = newVideo();
const question = { llm: new RecordingLLM(), question: 'Is it open?', answer: { type: 'boolean' } };
const image = { data: Buffer.of(1), mimeType: 'image/png', width: 1, height: 1 } as const;
const frame = new VideoFrame(new Uint8Array(16 * 16 * 4), 16, 16, VideoBufferType.RGBA);

/** Each function that takes options, with valid ones, and the objects in them. */
const TAKERS: [name: string, take: (options: never) => unknown, base: Options, paths: string[]][] =
  [
    [
      'VideoSession',
      (options) => new sightline.VideoSession(agentSession, options),
      { room: new LoopbackRoom() },
      [
        ...['', 'input', 'input.budget', 'input.image', 'input.image.resize', 'turn', 'turn.image'],
        ...[
          'turn.image.resize',
          'realtime',
          'realtime.reconnect',
          'avatarLimits',
          'limits',
          'inspect',
        ],
      ],
    ],
    [
      'VideoWatch',
      (options) => new sightline.VideoWatch(video, options),
      { everyMs: 1000, decide: question, act: 'event' },
      ['', 'onSceneChange', 'decide', 'decide.image', 'confirm', 'budget', 'limits'],
    ],
    [
      'createLookTool',
      (options) => sightline.createLookTool(video, options),
      {},
      ['', 'image', 'image.resize'],
    ],
    ['encodeFrame', (options) => sightline.encodeFrame(frame, options), {}, ['', 'resize']],
    ['toImageContent', (options) => sightline.toImageContent(image, options), {}, ['']],
    ['voiceActivitySampler', sightline.voiceActivitySampler, {}, ['']],
    ['onChange', sightline.onChange, {}, ['']],
    [
      'realtimeVideoSink',
      (options) => sightline.realtimeVideoSink({} as llm.RealtimeSession, options),
      {},
      [''],
    ],
    ['LocalAvatar', (options) => new sightline.LocalAvatar(options), {}, ['']],
    [
      'AvatarRunner',
      (options) => new sightline.AvatarRunner(options),
      { options: { width: 16, height: 16, fps: 5, sampleRate: 24_000, channels: 1 } },
      ['', 'options'],
    ],
    [
      'DataStreamAudioReceiver',
      (options) => new sightline.DataStreamAudioReceiver({} as Room, options),
      {},
      [''],
    ],
    [
      'VideoSession.start',
      (options) => newVideo().start(options),
      { agent: new voice.Agent({ instructions: '' }) },
      [''],
    ],
    ['LoopbackRoom', (options) => new testing.LoopbackRoom(options), {}, ['']],
    ['LoopbackRoom.join', (options) => new LoopbackRoom().join('user', options), {}, ['']],
    ['LoopbackRoom.joinAs', (options) => new LoopbackRoom().joinAs('user', options), {}, ['']],
    ['TestCamera', (options) => new testing.TestCamera(options), {}, ['']],
    ['TestCamera.fromVideo', (options) => testing.TestCamera.fromVideo('no', options), {}, ['']],
    ['FakeGeminiLive', (options) => new testing.FakeGeminiLive(options), {}, ['']],
    ['FakeOpenAIRealtime', (options) => new testing.FakeOpenAIRealtime(options), {}, ['']],
    ['TestAvatar', (options) => new testing.TestAvatar(new LoopbackRoom(), options), {}, ['']],
    ['looksLike', (options) => testing.looksLike(Buffer.of(), 3, options), {}, ['']],
    ['assertLooksLike', (options) => testing.assertLooksLike(Buffer.of(), 3, options), {}, ['']],
    ['runStory', (options) => testing.runStory(testing.story([]), options), {}, ['']],
    ['createInspector', createInspector, {}, ['inspect']],
    ['startInspector', startInspector, {}, ['inspect']],
  ];

const CASES = TAKERS.flatMap(([name, take, base, paths]) =>
  paths.map((path) => [name, path, take, base] as const),
);

test.each(CASES)(
  'an unknown option of %s is refused, also inside "%s"',
  async (name, path, take, base) => {
    const isWhole = path === '' || (path === 'inspect' && name !== 'VideoSession');
    const options = isWhole ? { ...base, zoom: 1 } : withUnknown(base, path.split('.'));
    const error = await refusal(() => take(options as never));
    expect(error.option).toBe(path ? `${path}.zoom` : 'zoom');
    expect(error.message).toMatch(/^[\w.]*zoom is not an option: /);
  },
);

/** The options with an unknown one in the object at the end of the path. */
function withUnknown(given: Options, [name = '', ...rest]: string[]): Options {
  const inner = { ...(given[name] as Options | undefined) };
  return {
    ...given,
    [name]: rest.length > 0 ? withUnknown(inner, rest) : { ...inner, zoom: 1 },
  };
}

async function refusal(take: () => unknown): Promise<sightline.OptionError> {
  try {
    await take();
  } catch (error) {
    if (error instanceof sightline.OptionError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
