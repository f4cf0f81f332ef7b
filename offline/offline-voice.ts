import { type APIConnectOptions, tts } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { speak } from './speech.ts';

/** Sample rate of the speech program, in Hz. */
const SAMPLE_RATE = 22_050;
const FRAME_SAMPLES = SAMPLE_RATE / 10;

/** The agent's voice, synthesized without network. */
export class OfflineVoice extends tts.TTS {
  readonly label = 'demo.OfflineVoice';

  constructor() {
    super(SAMPLE_RATE, 1, { streaming: false });
  }

  synthesize(text: string, options?: APIConnectOptions, signal?: AbortSignal): tts.ChunkedStream {
    return new SpokenText(text, this, options, signal);
  }

  stream(): never {
    throw new Error('this voice speaks whole sentences: use synthesize()');
  }
}

class SpokenText extends tts.ChunkedStream {
  readonly label = 'demo.SpokenText';

  protected async run(): Promise<void> {
    const { samples } = await speak(this.inputText);
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
      const piece = samples.slice(at, at + FRAME_SAMPLES);
      this.queue.put({
        requestId: 'offline',
        segmentId: 'offline',
        frame: new AudioFrame(piece, SAMPLE_RATE, 1, piece.length),
        final: at + FRAME_SAMPLES >= samples.length,
      });
    }
    this.queue.close();
  }
}
