import { voice } from '@livekit/agents';
import { AudioFrame, AudioResampler } from '@livekit/rtc-node';
import type { SpeechItem } from './audio-receiver.ts';
import type { PcmFormat } from './avatar-protocol.ts';

/**
 * Converts all speech to the format of the avatar's track. Agents choose their own format, and may
 * change it with each segment.
 */
export class AudioShape {
  readonly #target: PcmFormat;
  #resampler: AudioResampler | undefined;

  constructor(target: PcmFormat) {
    this.#target = target;
  }

  /**
   * The item in the target's format. The end of a segment also releases what the resampler held
   * back.
   */
  of(item: SpeechItem): SpeechItem[] {
    if (item instanceof voice.AudioSegmentEnd) return [...this.#flushed(), item];
    const frame = withChannels(item, this.#target.channels);
    const { sampleRate, channels } = this.#target;
    const isOther = this.#resampler && this.#resampler.inputRate !== frame.sampleRate;
    const rest = isOther ? this.#flushed() : [];
    if (frame.sampleRate === sampleRate) return [...rest, frame];
    this.#resampler ??= new AudioResampler(frame.sampleRate, sampleRate, channels);
    return [...rest, ...this.#resampler.push(frame)];
  }

  /** Drops what is held back. */
  reset(): void {
    this.#resampler?.close();
    this.#resampler = undefined;
  }

  close(): void {
    this.reset();
  }

  /** Everything that is held back. */
  #flushed(): AudioFrame[] {
    const rest = this.#resampler?.flush() ?? [];
    this.reset();
    return rest;
  }
}

/** Mono is duplicated; several channels are averaged. */
function withChannels(frame: AudioFrame, channels: number): AudioFrame {
  if (frame.channels === channels) return frame;
  const { data, sampleRate, samplesPerChannel } = frame;
  const mixed = new Int16Array(samplesPerChannel * channels);
  for (let sample = 0; sample < samplesPerChannel; sample += 1) {
    let sum = 0;
    for (let channel = 0; channel < frame.channels; channel += 1)
      sum += data[sample * frame.channels + channel] ?? 0;
    mixed.fill(Math.round(sum / frame.channels), sample * channels, (sample + 1) * channels);
  }
  return new AudioFrame(mixed, sampleRate, channels, samplesPerChannel);
}
