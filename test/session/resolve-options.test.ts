import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TURN } from '../../src/defaults.ts';
import { describePictures } from '../../src/models/describe-pictures.ts';
import { fixedRate } from '../../src/sampling/samplers.ts';
import type { VideoSessionOptions } from '../../src/session/options.ts';
import {
  checkAvatar,
  checkSelector,
  type ResolvedOptions,
  resolveOptions,
} from '../../src/session/resolve-options.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

beforeEach(() => vi.stubEnv('SIGHTLINE_INSPECT', undefined));
afterEach(() => vi.unstubAllEnvs());

const anyRoom = { on: () => {}, off: () => {}, remoteParticipants: new Map() };
const realRoom = { ...anyRoom, registerTextStreamHandler: () => {} };

/** Options as JavaScript may pass them. */
const resolve = (options: object = {}): ResolvedOptions =>
  resolveOptions({ room: anyRoom, ...options } as unknown as VideoSessionOptions);
const refusal = (option: string, words: string) =>
  expect.objectContaining({ option, message: expect.stringContaining(words) });

test('options that are left out have their defaults', () => {
  const { input, turn, realtime, avatarLimits, limits, ...others } = resolve();
  expect(others).toEqual({
    ...{ room: anyRoom, control: 'none', remoteSession: 'closed' },
    ...{ inspect: undefined, avatar: undefined },
  });
  expect(input).toEqual({
    ...{ sources: ['latest'], mode: 'sampled', honest: true, pauseWhenIdle: false },
    ...{ stallAfterMs: 5000, lookTimeoutMs: 2000, image: {}, screenImage: {}, processors: [] },
    sampler: expect.any(Function),
    budget: {
      framesPerMinute: Number.POSITIVE_INFINITY,
      bytesPerMinute: Number.POSITIVE_INFINITY,
      tokensPerMinute: Number.POSITIVE_INFINITY,
    },
    describe: undefined,
  });
  // The sampler that follows the voice: 1 frame a second in speech, and one in 3 s else.
  expect(input.sampler.intervals).toEqual({ speaking: 1000, silent: expect.closeTo(3000) });
  expect(turn).toEqual({
    ...{ maxFrameAgeMs: 3000, attachBudgetMs: 150, keepPictures: 1, pictures: 1 },
    ...{ maxBytes: 4_000_000, detail: 'auto', image: {} },
  });
  expect(realtime).toEqual({
    ...{ keepPictures: 3, detail: 'auto', reconnect: { attempts: 8, retryBaseMs: 250 } },
  });
  expect(avatarLimits.graceMs).toBe(20_000);
  expect(limits).toEqual({
    ...{ connectTimeoutMs: 15_000, startTimeoutMs: 30_000, closeTimeoutMs: 5000 },
  });
});

test('an option that is set is the one that is used', () => {
  const sampler = fixedRate(2);
  const describe = describePictures({ llm: new RecordingLLM() });
  const process = { name: 'mine', process: () => null };
  const image = { quality: 60 };
  const resolved = resolve({
    inspect: true,
    input: {
      ...{ sampler, describe, mode: 'off', source: { identity: 'bob' }, processors: [process] },
      image: { ...image, screen: { quality: 90 } },
      budget: { framesPerMinute: 10 },
    },
    turn: { image, pictures: 3, inferenceWidth: 640 },
    realtime: { detail: 'low', reconnect: { attempts: 2 } },
    avatarLimits: { graceMs: 1 },
    limits: { closeTimeoutMs: 2 },
  });
  expect(resolved).toMatchObject({
    inspect: {},
    input: {
      ...{ sampler, describe, mode: 'off', sources: [{ identity: 'bob' }] },
      ...{ image, screenImage: { quality: 90 }, processors: [{ name: 'mine' }] },
      budget: { framesPerMinute: 10 },
    },
    turn: { image, pictures: 3, inferenceWidth: 640 },
    realtime: { detail: 'low', reconnect: { attempts: 2, retryBaseMs: 250 } },
    ...{ avatarLimits: { graceMs: 1 }, limits: { closeTimeoutMs: 2 } },
  });
  expect(resolved.input.image).not.toHaveProperty('screen');
});

test('a pipeline keeps one picture for each source, unless another number is set', () => {
  const sources = ['screen', 'camera'];
  expect(resolve({ input: { sources } })).toMatchObject({
    ...{ input: { sources }, turn: { keepPictures: 2 } },
  });
  expect(resolve({ input: { sources }, turn: { keepPictures: 0 } }).turn.keepPictures).toBe(0);
  expect(TURN.keepPictures.default).toBe(1);
});

test('reconnect: false leaves the connections to the plugin', () => {
  expect(resolve({ realtime: { reconnect: false } }).realtime.reconnect).toEqual({
    ...{ attempts: 0, retryBaseMs: 250 },
  });
});

test.each([
  [{ source: 'camera', sources: ['camera'] }, 'give input.source or input.sources, not both'],
  [{ sources: [] }, "use 'camera' and 'screen', each once"],
  [{ sources: ['latest'] }, "use 'camera' and 'screen', each once"],
  [{ sources: ['camera', 'latest'] }, "use 'camera' and 'screen', each once"],
  [{ sources: ['camera', 'camera'] }, "use 'camera' and 'screen', each once"],
  [{ sources: 'camera' }, "use 'camera' and 'screen', each once"],
])('invalid sources are refused: %j', (input, words) => {
  expect(() => resolve({ input })).toThrow(refusal('input.sources', words));
});

test('an object that is no describer is refused with the way to make one', () => {
  expect(() => resolve({ input: { describe: { llm: new RecordingLLM() } } })).toThrow(
    refusal('input.describe', 'use describePictures({ llm })'),
  );
});

test.each([
  ['latest'],
  ['camera'],
  ['screen'],
  [{ trackSid: 'TR_1' }],
  [{ identity: 'ada' }],
  [{ identity: 'ada', source: 'screen' }],
])('a selector may be %j', (selector) => {
  expect(checkSelector('source', selector as 'latest')).toEqual(selector);
});

test.each([
  ['microphone'],
  [undefined],
  [{}],
  [{ trackSid: '' }],
  [{ identity: 7 }],
  [{ name: 'ada' }],
  [{ trackSid: 'TR_1', identity: 'ada' }],
  [{ trackSid: 'TR_1', source: 'camera' }],
  [{ identity: 'ada', source: 'latest' }],
  [{ source: 'camera' }],
  [{ identity: 7, trackSid: undefined }],
])('a selector may not be %j', (selector) => {
  expect(() => checkSelector('source', selector as 'latest')).toThrow(refusal('source', 'use '));
});

test('an avatar and the control by a participant need a real room', () => {
  const avatar = () => ({ start: async () => {} });
  for (const options of [{ avatar }, { avatar: null }, { control: 'participant' }]) {
    expect(() => resolve(options)).toThrow(refusal('room', 'a real room of rtc-node'));
    expect(resolve({ ...options, room: realRoom })).toMatchObject(options);
  }
});

test('an avatar is a session, a function that makes one, or null', () => {
  const session = { start: async () => {} };
  for (const avatar of [session, () => session, null]) expect(checkAvatar(avatar)).toBe(avatar);
  for (const avatar of [undefined, {}, 'lemonslice', { start: 1 }])
    expect(() => checkAvatar(avatar as unknown as null)).toThrow(refusal('avatar', 'or null'));
  expect(() => resolve({ room: realRoom, avatar: {} })).toThrow(refusal('avatar', 'or null'));
});

test('a selector with an empty property is taken without it, and a later change does not reach it', () => {
  const given = { identity: 'ada', trackSid: undefined } as unknown as { identity: string };
  const checked = checkSelector('source', given);
  given.identity = 'bob';
  expect(checked).toStrictEqual({ identity: 'ada' });
});
