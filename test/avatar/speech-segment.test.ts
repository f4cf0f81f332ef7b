import { AudioFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { SpeechSegment } from '../../src/avatar/speech-segment.ts';

test('the rest of a stereo frame begins with the same sample in both channels', async () => {
  const segment = new SpeechSegment();
  // Four samples of two channels, 1 ms each.
  const data = Int16Array.of(1, 10, 2, 20, 3, 30, 4, 40);
  void segment.push(new AudioFrame(data, 1000, 2, 4));
  segment.complete();
  const heard: number[] = [];
  for await (const frame of segment.framesFrom(2, new AbortController().signal)) {
    expect(frame.samplesPerChannel).toBe(2);
    heard.push(...frame.data);
  }
  expect(heard).toEqual([3, 30, 4, 40]);
});
