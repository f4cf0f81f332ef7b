import { AudioFrame, AudioResampler } from '@livekit/rtc-node';

/** Mono samples at another rate, both in Hz. */
export function resampled(samples: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return samples;
  const resampler = new AudioResampler(from, to);
  try {
    const whole = new AudioFrame(samples, from, 1, samples.length);
    const parts = [...resampler.push(whole), ...resampler.flush()];
    return Int16Array.from(parts.flatMap(({ data }) => Array.from(data)));
  } finally {
    resampler.close();
  }
}
