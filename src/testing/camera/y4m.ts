import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';

/** One frame of a YUV4MPEG2 stream. */
export interface TimedFrame {
  /** When it is due, in ms after the stream's first frame. */
  readonly dueMs: number;
  /** Makes the frame, which costs a copy. */
  frame(): VideoFrame;
}

const NEWLINE = 10;

/**
 * The frames of a YUV4MPEG2 stream of 4:2:0 video, as ffmpeg writes it. Nothing is read ahead, so a
 * slow reader slows ffmpeg down.
 */
export async function* y4mFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<TimedFrame> {
  const bytes = new ByteReader(stream);
  const header = await bytes.line();
  const [, width, height, rate, scale] =
    header?.match(/^YUV4MPEG2 W(\d+) H(\d+) F(\d+):(\d+) /)?.map(Number) ?? [];
  if (!width || !height || !rate || !scale) return;
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  for (let index = 0; (await bytes.line()) !== undefined; index++) {
    const pixels = await bytes.take(width * height + 2 * chroma);
    if (!pixels) return;
    yield {
      dueMs: (index * 1000 * scale) / rate,
      // VideoFrame reads its whole ArrayBuffer, and a small buffer is a slice of a larger one.
      frame: () => new VideoFrame(Uint8Array.from(pixels), width, height, VideoBufferType.I420),
    };
  }
}

/** Reads a stream of chunks by length. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Exactly this many bytes; `undefined` if the stream ends earlier. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts = [this.#rest];
    let available = this.#rest.length;
    while (available < length) {
      const { value, done } = await this.#chunks.next();
      if (done) return undefined;
      parts.push(value);
      available += value.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }

  /** The rest of the line, without its line break. */
  async line(): Promise<string | undefined> {
    let line = '';
    for (let byte = await this.take(1); byte; byte = await this.take(1)) {
      if (byte[0] === NEWLINE) return line;
      line += byte.toString('latin1');
    }
    return undefined;
  }
}
