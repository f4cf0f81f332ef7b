import { AudioFrame, AudioResampler } from '@livekit/rtc-node';
import { expect, test, vi } from 'vitest';
import { PlaybackFrames } from '../../src/avatar/playback-frames.ts';
import { STAIR_RATE, stair } from '../../src/testing/avatar/stair.ts';
import { HandOutput } from '../support/avatar/speech.ts';

const LENGTH_MS = 400;

/** An output of this kind that takes this sample rate, or any. */
function outputOf(kind: 'avatar' | 'voice', sampleRate?: number) {
  const output = new HandOutput(kind);
  Object.assign(output, { sampleRate });
  return output;
}

const count = (frames: readonly AudioFrame[]) =>
  frames.reduce((sum, { samplesPerChannel }) => sum + samplesPerChannel, 0);
const sound = (samples: number, channels = 1) =>
  new AudioFrame(new Int16Array(samples * channels).fill(9), 16_000, channels, samples);

test('the end of a resampled segment is not held back', () => {
  const frames = new PlaybackFrames(outputOf('avatar', STAIR_RATE / 2));
  const all = [...stair(LENGTH_MS).flatMap((frame) => frames.of(frame)), ...frames.rest()];
  frames.close();
  expect(count(all)).toBe((LENGTH_MS / 1000) * (STAIR_RATE / 2));
});

test('the resampler of a segment that is broken off is closed', () => {
  const closed = vi.spyOn(AudioResampler.prototype, 'close');
  const frames = new PlaybackFrames(outputOf('avatar', STAIR_RATE / 2));
  frames.of(sound(160));
  expect(closed).not.toHaveBeenCalled();
  frames.close();
  expect(closed).toHaveBeenCalledOnce();
  closed.mockRestore();
});

test('the last 10 ms of the own voice are filled with silence, in the format of the segment', () => {
  const frames = new PlaybackFrames(outputOf('voice'));
  // 16 kHz has 160 samples in 10 ms.
  expect(count([100, 101].flatMap((samples) => frames.of(sound(samples, 2))))).toBe(201);
  const [rest, ...more] = frames.rest();
  expect(more).toEqual([]);
  expect(rest).toMatchObject({ sampleRate: 16_000, channels: 2, samplesPerChannel: 119 });
  expect(rest?.data).toEqual(new Int16Array(238));
  frames.close();
});

test('nothing is filled in if the pieces are whole, or if an avatar speaks', () => {
  const whole = new PlaybackFrames(outputOf('voice'));
  whole.of(sound(320));
  expect(whole.rest()).toEqual([]);
  const avatar = new PlaybackFrames(outputOf('avatar'));
  avatar.of(sound(100));
  expect(avatar.rest()).toEqual([]);
  expect(new PlaybackFrames(outputOf('voice')).rest()).toEqual([]);
});
