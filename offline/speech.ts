import runESpeak from 'espeak-ng';

/** Mono 16-bit audio. */
export interface Speech {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

export interface SpeakOptions {
  /** A voice of espeak-ng. @defaultValue en-us */
  readonly voice?: string;
  /** @defaultValue 190 */
  readonly wordsPerMinute?: number;
}

/** Fast: at a slower rate, the end-of-turn model takes more sentences for unfinished ones. */
const WORDS_PER_MINUTE = 190;

/**
 * Synthesizes speech without network. It blocks the event loop for some 0.2 s, so call it before
 * the video starts.
 */
export async function speak(
  text: string,
  { voice = 'en-us', wordsPerMinute = WORDS_PER_MINUTE }: SpeakOptions = {},
): Promise<Speech> {
  const complaints: string[] = [];
  const { FS } = await runESpeak({
    arguments: ['-v', voice, '-s', String(wordsPerMinute), '-w', WAV, text],
    print: () => undefined,
    printErr: (line) => complaints.push(line),
    // The program's own `quit` would set the exit code of this process.
    quit: () => undefined,
  });
  const speech = readWav(FS.readFile(WAV));
  if (speech.samples.length === 0) throw new Error(`no speech: ${complaints.join(' ')}`);
  return speech;
}

/** A file in the memory of the speech program. */
const WAV = 'speech.wav';

/** Reads only what espeak-ng writes: PCM, one channel, 16 bits, in chunks of even length. */
function readWav(wav: Uint8Array): Speech {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
  const sampleRate = view.getUint32(24, true);
  let at = 12;
  while (at + 8 <= wav.length && tag(wav, at) !== 'data') at += 8 + view.getUint32(at + 4, true);
  const count = Math.max(0, (wav.length - at - 8) >> 1);
  const samples = Int16Array.from({ length: count }, (_, index) =>
    view.getInt16(at + 8 + index * 2, true),
  );
  return { samples, sampleRate };
}

function tag(wav: Uint8Array, at: number): string {
  return String.fromCharCode(...wav.subarray(at, at + 4));
}
