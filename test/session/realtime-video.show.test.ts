import type { voice } from '@livekit/agents';
import { expect, test, vi } from 'vitest';
import { MODEL_PICTURE, PART_PICTURE } from '../../src/defaults.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { handOut } from '../../src/frames/handed-frames.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import type { PushResult, RealtimeVideoSink } from '../../src/models/video-sink.ts';
import { MetricsCollector } from '../../src/session/metrics.ts';
import type { VideoInputOptions } from '../../src/session/options.ts';
import { RealtimeVideo, type RealtimeVideoDeps } from '../../src/session/realtime-video.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';

const image = { mimeType: 'image/jpeg' } as EncodedImage;
const region = { x: 0, y: 0, width: 0.5, height: 0.5 };

/** The realtime side of a session, whose model answers each picture with this result. */
function stage(input: VideoInputOptions = {}, result: PushResult = 'sent') {
  const sink = { picture: MODEL_PICTURE, push: vi.fn(() => result), forget: vi.fn() };
  const video = new RealtimeVideo({
    session: {} as voice.AgentSession,
    options: resolveOptions({ room: new LoopbackRoom(), input }),
    metrics: new MetricsCollector(),
    gate: {} as RealtimeVideoDeps['gate'],
  } as unknown as RealtimeVideoDeps);
  vi.spyOn(video.sessions, 'sink').mockReturnValue(sink as unknown as RealtimeVideoSink);
  return { video, sink };
}

/** A frame that the gate gave to the application, and what becomes of it. */
function handedFrame(given: Partial<SeenFrame> = {}) {
  const state = { isValid: true };
  const kept: (() => void)[] = [];
  const noted = vi.fn();
  const encode = vi.fn(async () => image);
  const frame = { source: 'camera', encode, ...given } as SeenFrame;
  handOut(frame, {
    keep: (content, withdraw) => kept.push(() => withdraw(content)),
    isValid: () => state.isValid,
    noteShown: noted,
  });
  return { frame, state, kept, noted, encode };
}

test.each<[VideoInputOptions, Partial<SeenFrame>, string | undefined]>([
  [{}, {}, undefined],
  [{}, { region }, undefined],
  [{ sources: ['camera', 'screen'] }, { source: 'screen' }, 'screen:'],
  [{ sources: ['camera', 'screen'] }, { region }, 'part of the camera:'],
])('with the options %o, a model gets %o with the label %s', async (input, given, label) => {
  const { video, sink } = stage(input);
  const { frame, encode, noted } = handedFrame(given);
  expect(await video.show(frame)).toBe('sent');
  // Not as a sample of its source, which the next sample would replace.
  const origin = { sourceId: `part/${frame.source}`, label };
  expect(sink.push.mock.calls).toEqual([[image, origin]]);
  const picture = given.region ? PART_PICTURE : MODEL_PICTURE;
  expect(encode).toHaveBeenCalledWith(expect.objectContaining(picture));
  expect(noted.mock.calls).toMatchObject([[{ image, options: picture, purpose: 'push' }]]);
});

test('a picture that a model did not get is neither noted as shown nor taken back', async () => {
  const { video } = stage({}, 'tool-pending');
  const { frame, kept, noted } = handedFrame();
  expect(await video.show(frame)).toBe('tool-pending');
  expect([noted.mock.calls, kept]).toEqual([[], []]);
  vi.spyOn(video.sessions, 'sink').mockReturnValue(undefined);
  expect(await video.show(frame)).toBe('not-connected');
});

test('a picture whose video goes off later is taken back from the model', async () => {
  const { video, sink } = stage();
  const { frame, kept } = handedFrame();
  await video.show(frame);
  for (const withdraw of kept) withdraw();
  expect(sink.forget.mock.calls).toEqual([[image]]);
});

test('a picture whose video goes off later stays with the model if honest is false', async () => {
  const { video } = stage({ honest: false });
  const { frame, kept } = handedFrame();
  await video.show(frame);
  expect(kept).toEqual([]);
});

test('a picture whose video goes off while it is encoded is not sent', async () => {
  const { video, sink } = stage();
  const { frame, state, encode } = handedFrame();
  encode.mockImplementation(async () => {
    state.isValid = false;
    return image;
  });
  await expect(video.show(frame)).rejects.toMatchObject({ reason: 'off' });
  expect(sink.push).not.toHaveBeenCalled();
});

const inside = (width: number, height: number) => ({
  resize: { width, height, strategy: 'scale_aspect_fit' as const },
});

test.each([
  ['low', inside(320, 180)],
  ['low', inside(180, 320)],
  ['medium', inside(321, 180)],
  ['medium', inside(360, 640)],
  ['high', inside(360, 641)],
  ['high', {}],
  ['high', { ...inside(320, 180), screen: inside(1280, 720) }],
] as const)('the %s layer of a track suffices for pictures with the options %o', (layer, image) => {
  expect(stage({ image }).video.layer).toBe(layer);
});
