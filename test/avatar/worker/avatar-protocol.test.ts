import { expect, test } from 'vitest';
import {
  finishedOf,
  finishedPayload,
  formatOf,
} from '../../../src/avatar/worker/avatar-protocol.ts';

test('the report of an end has exactly the keys that the Python framework accepts', () => {
  expect(JSON.parse(finishedPayload({ playbackPosition: 1.5, interrupted: true }))).toEqual({
    playback_position: 1.5,
    interrupted: true,
    synchronized_transcript: null,
  });
});

test.each([
  ['{"playback_position":2.5,"interrupted":true}', 2.5, true],
  ['{"playbackPosition":2.5,"interrupted":false}', 2.5, false],
  ['{"playback_position":0,"playbackPosition":9}', 0, false],
  ['{"playback_position":"2.5","interrupted":"yes"}', 0, false],
  ['{"playback_position":1e999,"interrupted":1}', 0, false],
  ['null', 0, false],
  ['not JSON', 0, false],
])('an avatar that reports %s has played this many seconds', (payload, seconds, interrupted) => {
  expect(finishedOf(payload)).toEqual({ playbackPosition: seconds, interrupted });
});

test.each([
  ['24000', '1', true],
  ['1000', '8', true],
  ['384000', '2', true],
  ['999', '1', false],
  ['384001', '1', false],
  ['24000.5', '1', false],
  ['24000', '0', false],
  ['24000', '9', false],
  ['24000', '1.5', false],
  [undefined, '1', false],
  ['24000', undefined, false],
])('a stream of %s Hz and %s channels is playable: %s', (sampleRate, channels, isPlayable) => {
  const given = { sample_rate: sampleRate, num_channels: channels };
  const attributes = JSON.parse(JSON.stringify(given)) as Record<string, string>;
  const format = { sampleRate: Number(sampleRate), channels: Number(channels) };
  expect(formatOf(attributes)).toEqual(isPlayable ? format : undefined);
});
