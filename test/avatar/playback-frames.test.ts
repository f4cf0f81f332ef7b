import { expect, test } from 'vitest';
import { PlaybackFrames } from '../../src/avatar/playback-frames.ts';
import { STAIR_RATE, stair } from '../../src/testing/avatar/stair.ts';
import { HandOutput } from '../support/avatar/speech.ts';

const LENGTH_MS = 400;

test('the end of a resampled segment is not held back', () => {
  const output = new HandOutput('avatar');
  Object.assign(output, { sampleRate: STAIR_RATE / 2 });
  const frames = new PlaybackFrames(output);
  const all = [...stair(LENGTH_MS).flatMap((frame) => frames.of(frame)), ...frames.rest()];
  frames.close();
  const samples = all.reduce((sum, { samplesPerChannel }) => sum + samplesPerChannel, 0);
  expect(samples).toBe((LENGTH_MS / 1000) * (STAIR_RATE / 2));
});
