import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import type { SpeechOutput } from './speech-output.ts';
import { AudioShape } from './worker/audio-shape.ts';

/** The engine takes the sound of a track in pieces of this length, in ms. */
const PIECE_MS = 10;

/** The frames of one segment, resampled for the output. */
export class PlaybackFrames {
  readonly #to: SpeechOutput;
  #shape: AudioShape | undefined;
  /** Of the newest frame. */
  #format = { sampleRate: 0, channels: 1 };
  #samples = 0;

  constructor(to: SpeechOutput) {
    this.#to = to;
  }

  of(frame: AudioFrame): AudioFrame[] {
    const { sampleRate, channels } = frame;
    // An output that accepts any rate gets one rate per segment.
    this.#shape ??= new AudioShape({
      sampleRate: this.#to.output.sampleRate ?? sampleRate,
      channels,
    });
    return this.#counted(this.#shape.of(frame));
  }

  /** The rest that the resampler held back, and silence that fills the last 10 ms piece. */
  rest(): AudioFrame[] {
    const rest = this.#counted(this.#shape?.of(new voice.AudioSegmentEnd()) ?? []);
    const { sampleRate, channels } = this.#format;
    const piece = (sampleRate * PIECE_MS) / 1000;
    const missing = Math.ceil(this.#samples / piece) * piece - this.#samples;
    if (this.#to.kind === 'voice' && missing > 0)
      rest.push(new AudioFrame(new Int16Array(missing * channels), sampleRate, channels, missing));
    return rest;
  }

  close(): void {
    this.#shape?.close();
  }

  #counted(items: readonly (AudioFrame | voice.AudioSegmentEnd)[]): AudioFrame[] {
    const frames = items.filter((item) => item instanceof AudioFrame);
    for (const { sampleRate, channels, samplesPerChannel } of frames) {
      this.#format = { sampleRate, channels };
      this.#samples += samplesPerChannel;
    }
    return frames;
  }
}
