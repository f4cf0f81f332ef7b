import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import type { SpeechOutput } from '../../../src/avatar/speech-output.ts';

export const SAMPLE_RATE = 24_000;
const FRAME_MS = 20;
const SAMPLES = (SAMPLE_RATE * FRAME_MS) / 1000;

/** A frame of 20 ms whose samples all have this value, so that a test can recognize it. */
function frameOf(value: number): AudioFrame {
  const data = new Int16Array(SAMPLES).fill(value);
  return new AudioFrame(data, SAMPLE_RATE, 1, SAMPLES);
}

/** Speaks frames with the values from `first` to `last` into an output. */
export async function speak(
  output: voice.AudioOutput,
  first: number,
  last: number,
  { flush = true } = {},
): Promise<void> {
  for (let value = first; value <= last; value++) void output.captureFrame(frameOf(value));
  await microtasks();
  if (flush) output.flush();
  await microtasks();
}

/** Frames are taken one by one, each after a few rounds of microtasks; no timer runs. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 1500; turn++) await Promise.resolve();
}

/** An output that a test controls: it records its frames, and reports what the test decides. */
export class HandOutput extends voice.AudioOutput implements SpeechOutput {
  readonly kind: SpeechOutput['kind'];
  /** The first samples of the frames, and `|` for the end of a segment. */
  readonly heard: (number | '|')[] = [];
  readonly reportsStart = true;
  reportsEnd = true;
  clears = 0;
  /** Whether it acknowledges a clear. */
  acknowledges = false;
  /** Whether it takes frames. If not, it hangs. */
  takes = true;
  /** Whether it throws at the next frame. */
  refuses = false;

  constructor(kind: SpeechOutput['kind'], canPause = kind === 'voice') {
    super(SAMPLE_RATE, undefined, { pause: canPause });
    this.kind = kind;
  }

  get output(): voice.AudioOutput {
    return this;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    await super.captureFrame(frame);
    if (this.refuses) throw new Error('the stream is gone');
    this.heard.push(frame.data[0] ?? 0);
    if (!this.takes) await new Promise(() => {});
  }

  override flush(): void {
    super.flush();
    this.heard.push('|');
  }

  async clear(): Promise<boolean> {
    this.clears++;
    return this.acknowledges;
  }

  clearBuffer(): void {}

  close(): void {}

  starts(): void {
    this.onPlaybackStarted(Date.now());
  }

  finishes(playbackPosition: number, interrupted = false): void {
    this.onPlaybackFinished({ playbackPosition, interrupted });
  }
}
