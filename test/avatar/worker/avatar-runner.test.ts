import { AudioFrame, AudioResampler, AudioSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvatarRunner } from '../../../src/avatar/worker/avatar-runner.ts';
import { AvatarTracks } from '../../../src/avatar/worker/avatar-tracks.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { until } from '../../../src/testing/waits.ts';
import { Echo, FORMAT, HandReceiver, RATE } from '../../support/avatar/hand-runner.ts';

/** The engine takes sound in pieces of 10 ms. */
const PIECE = RATE / 100;

let room: LoopbackRoom;
let runner: AvatarRunner;
let audio: HandReceiver;
let video: Echo;
/** Samples that reached the track. */
let played: number;

beforeEach(async () => {
  played = 0;
  const capture = AudioSource.prototype.captureFrame;
  vi.spyOn(AudioSource.prototype, 'captureFrame').mockImplementation(function (
    this: AudioSource,
    frame,
  ) {
    played += frame.samplesPerChannel;
    return capture.call(this, frame);
  });
  room = new LoopbackRoom({ speech: true });
  audio = new HandReceiver();
  video = new Echo();
  runner = new AvatarRunner({
    ...{ room: room.asRoom(), audio, video, options: FORMAT, subscriptionTimeoutMs: 1 },
  });
  await runner.start();
});
afterEach(async () => {
  await runner.aclose();
  await room.disconnect();
  vi.restoreAllMocks();
});

test('the end of a segment is heard with it, and not before the next one', async () => {
  audio.speak(15);
  await until('the end of the segment', () => audio.finished.length === 1);
  expect(played).toBe(2 * PIECE);
  expect(audio.finished).toEqual([{ playbackPosition: 0.015, interrupted: false }]);
  audio.speak(20);
  await until('the end of the next segment', () => audio.finished.length === 2);
  expect(played).toBe(4 * PIECE);
});

test('each segment that a clear dropped unheard is reported once', async () => {
  audio.emit('clearBuffer', { unheardSegments: 2 });
  expect(audio.finished).toEqual([
    { playbackPosition: 0, interrupted: true },
    { playbackPosition: 0, interrupted: true },
  ]);
});

test('speech of another sample rate that was cleared is not heard with the next segment', async () => {
  const samples = RATE / 3 / 10;
  audio.items.push(new AudioFrame(new Int16Array(samples), RATE / 3, 1, samples));
  await until('the speech', () => video.taken.length > 0);
  audio.emit('clearBuffer', { unheardSegments: 0 });
  // The generator's clear ends a little later.
  await new Promise(setImmediate);
  const before = played;
  audio.speak(20);
  await until('the end of the segment', () => audio.finished.length === 2);
  expect(played - before).toBe(2 * PIECE);
});

test('a close releases the speech that waits for its conversion to another sample rate', async () => {
  const samples = RATE / 3 / 10;
  audio.items.push(new AudioFrame(new Int16Array(samples), RATE / 3, 1, samples));
  await until('the speech', () => video.taken.length > 0);
  const release = vi.spyOn(AudioResampler.prototype, 'close');
  await runner.aclose();
  expect(release).toHaveBeenCalledOnce();
});

test('a stereo avatar fills the end of a segment in both channels, and waits for its subscriber', async () => {
  const publish = vi.spyOn(AvatarTracks.prototype, 'publish');
  const sound = new HandReceiver();
  const stereo = new AvatarRunner({
    ...{ room: room.asRoom(), audio: sound, video: new Echo(), subscriptionTimeoutMs: 3 },
    options: { ...FORMAT, channels: 2 },
  });
  await stereo.start();
  expect(publish.mock.calls).toEqual([[3]]);
  const capture = vi.mocked(AudioSource.prototype.captureFrame);
  capture.mockClear();
  sound.speak(15);
  await until('the end of the segment', () => sound.finished.length === 1);
  for (const [{ data, channels, samplesPerChannel }] of capture.mock.calls)
    expect([channels, data.length]).toEqual([2, 2 * samplesPerChannel]);
  expect(capture.mock.calls).toHaveLength(2);
  await stereo.aclose();
});
