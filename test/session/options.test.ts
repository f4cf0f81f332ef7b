import { voice } from '@livekit/agents';
import { describe, expect, test } from 'vitest';
import {
  everyFrame,
  fixedRate,
  OptionError,
  onChange,
  VideoSession,
  type VideoSessionOptions,
  voiceActivitySampler,
} from '../../src/index.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

const room = new LoopbackRoom();
const agentSession = new voice.AgentSession({ llm: new RecordingLLM() });

/** Options as JavaScript may pass them. */
const make = (options: unknown) => new VideoSession(agentSession, options as VideoSessionOptions);

function errorOf(call: () => unknown): OptionError {
  try {
    call();
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const SOURCES =
  "use 'latest', 'camera', 'screen', { trackSid: '...' } or { identity: '...', source?: 'camera' | 'screen' }";
const ONE_OF_SOURCES = "use one of 'latest', 'camera', 'screen'";

/** Options in addition to the room, and the message. */
const BAD: [options: Record<string, unknown>, option: string, message: string][] = [
  [
    { input: { source: 'microphone' } },
    'input.source',
    `input.source is "microphone": ${ONE_OF_SOURCES}`,
  ],
  [{ input: { source: {} } }, 'input.source', `input.source is of type object: ${SOURCES}`],
  [{ input: { source: 5 } }, 'input.source', `input.source is 5: ${SOURCES}`],
  [
    { input: { source: { trackSid: '' } } },
    'input.source',
    `input.source is of type object: ${SOURCES}`,
  ],
  [
    { input: { source: { identity: 7 } } },
    'input.source',
    `input.source is of type object: ${SOURCES}`,
  ],
  [
    { input: { mode: 'fast' } },
    'input.mode',
    `input.mode is "fast": use one of 'off', 'onDemand', 'sampled'`,
  ],
  [
    { input: { sampler: 'sometimes' } },
    'input.sampler',
    'input.sampler is "sometimes": use voiceActivitySampler() or a function',
  ],
  ...[onChange, voiceActivitySampler, fixedRate, everyFrame].map(
    (sampler): (typeof BAD)[number] => [
      { input: { sampler } },
      'input.sampler',
      `input.sampler is the function ${sampler.name}: call it, ${sampler.name}(), to get a sampler`,
    ],
  ),
  [
    { input: { source: { trackSid: 'TR_1', identity: 'ada' } } },
    'input.source',
    `input.source is of type object: ${SOURCES}`,
  ],
  [
    { input: { image: { quality: 0 } } },
    'input.image.quality',
    'input.image.quality is 0: use a whole number from 1 to 100',
  ],
  [
    { input: { image: { screen: { quality: 0 } } } },
    'input.image.screen.quality',
    'input.image.screen.quality is 0: use a whole number from 1 to 100',
  ],
  [{ input: { image: 7 } }, 'input.image', 'input.image is 7: give the options of encodeFrame'],
  [
    { input: { budget: { framesPerMinute: 0 } } },
    'input.budget.framesPerMinute',
    `input.budget.framesPerMinute is 0: use a number from 1 to ${Number.MAX_SAFE_INTEGER}`,
  ],
  [
    { input: { pauseWhenIdle: 'never' } },
    'input.pauseWhenIdle',
    'input.pauseWhenIdle is "never": use true or false',
  ],
  [
    { realtime: { keepPictures: 0 } },
    'realtime.keepPictures',
    'realtime.keepPictures is 0: use a whole number from 1 to 1000',
  ],
  [
    { realtime: { detail: 'max' } },
    'realtime.detail',
    `realtime.detail is "max": use one of 'auto', 'high', 'low'`,
  ],
  [
    { input: { stallAfterMs: 99 } },
    'input.stallAfterMs',
    'input.stallAfterMs is 99: use a number from 100 to 3600000',
  ],
  [
    { input: { lookTimeoutMs: Number.NaN } },
    'input.lookTimeoutMs',
    'input.lookTimeoutMs is NaN: use a number from 1 to 600000',
  ],
  [
    { turn: { maxFrameAgeMs: -1 } },
    'turn.maxFrameAgeMs',
    'turn.maxFrameAgeMs is -1: use a number from 0 to 86400000',
  ],
  [
    { turn: { attachBudgetMs: '150' } },
    'turn.attachBudgetMs',
    'turn.attachBudgetMs is "150": use a number from 1 to 60000',
  ],
  [
    { turn: { keepPictures: 1.5 } },
    'turn.keepPictures',
    'turn.keepPictures is 1.5: use a whole number from 0 to 1000',
  ],
  [
    { turn: { inferenceWidth: 0 } },
    'turn.inferenceWidth',
    'turn.inferenceWidth is 0: use a whole number from 1 to 16383',
  ],
  [
    { turn: { inferenceHeight: 16_384 } },
    'turn.inferenceHeight',
    'turn.inferenceHeight is 16384: use a whole number from 1 to 16383',
  ],
  [
    { turn: { detail: 'max' } },
    'turn.detail',
    `turn.detail is "max": use one of 'auto', 'high', 'low'`,
  ],
  [
    { turn: { image: { quality: 101 } } },
    'turn.image.quality',
    'turn.image.quality is 101: use a whole number from 1 to 100',
  ],
  [
    { turn: { image: { format: 'gif' } } },
    'turn.image.format',
    `turn.image.format is "gif": use one of 'jpeg', 'png', 'webp'`,
  ],
  [
    { turn: { image: { resize: { width: 0, height: 1, strategy: 'skew' } } } },
    'turn.image.resize.width',
    'turn.image.resize.width is 0: use a whole number from 1 to 16383',
  ],
  [
    { turn: { image: 'jpeg' } },
    'turn.image',
    'turn.image is "jpeg": give the options of encodeFrame',
  ],
  [{ inspect: 5 }, 'inspect', 'inspect is 5: use true, InspectorOptions or a function'],
  [{ turn: 'fast' }, 'turn', 'turn is "fast": use an object with options'],
  [
    { limits: { connectTimeoutMs: 0 } },
    'limits.connectTimeoutMs',
    'limits.connectTimeoutMs is 0: use a number from 1 to 3600000',
  ],
  [
    { limits: { startTimeoutMs: Number.POSITIVE_INFINITY } },
    'limits.startTimeoutMs',
    'limits.startTimeoutMs is Infinity: use a number from 1 to 3600000',
  ],
  [
    { limits: { closeTimeoutMs: -5 } },
    'limits.closeTimeoutMs',
    'limits.closeTimeoutMs is -5: use a number from 1 to 3600000',
  ],
];

describe('an option that is out of range', () => {
  test.each(BAD)('an invalid option is refused: %j', (options, option, message) => {
    const error = errorOf(() => make({ room, ...options }));
    expect(error.message).toBe(message);
    expect(error.option).toBe(option);
    expect(error.code).toBe('option');
    expect(error.name).toBe('OptionError');
    // The value itself, for code; the message has a short form of it.
    const given = option.split('.').reduce<unknown>(valueAt, options);
    expect(error.value).toBe(given);
  });

  test.each([[undefined], [{}], [{ room: null }], [{ room: 'lobby' }], [{ room: new Map() }]])(
    'a missing room is refused with the way to get one: %j',
    (options) => {
      const error = errorOf(() => make(options));
      expect(error.option).toBe('room');
      expect(error.message).toMatch(/^room is .*: pass the room of the job, ctx\.room$/);
    },
  );

  test('invalid arguments at run time are refused too', () => {
    const video = make({ room });
    expect(errorOf(() => video.setMode('fast' as 'off')).message).toBe(
      `mode is "fast": use one of 'off', 'onDemand', 'sampled'`,
    );
    expect(errorOf(() => video.pinSource({ trackSid: '' })).option).toBe('selector');
    expect(errorOf(() => video.pinSource('all' as 'latest')).option).toBe('selector');
    expect(errorOf(() => video.pinSource(undefined as never)).option).toBe('selector');
    expect(errorOf(() => video.pinSource('' as never)).option).toBe('selector');
  });
});

test('options at their limits are accepted', () => {
  const most = {
    room,
    input: { source: { identity: 'ada' }, mode: 'off', stallAfterMs: 100, lookTimeoutMs: 600_000 },
    turn: {
      maxFrameAgeMs: 0,
      attachBudgetMs: 1,
      keepPictures: 0,
      inferenceWidth: 16_383,
      inferenceHeight: 1,
      detail: 'high',
      image: { format: 'webp', quality: 1, maxBytes: 1000 },
    },
    limits: { connectTimeoutMs: 1, startTimeoutMs: 3_600_000, closeTimeoutMs: 0.5 + 0.5 },
  };
  expect(() => make(most)).not.toThrow();
  expect(() => make({ room })).not.toThrow();
});

function valueAt(container: unknown, key: string): unknown {
  return (container as Record<string, unknown>)[key];
}
