/**
 * An encoder of Node, sightline's or the framework's, in a separate process. It takes the same
 * lines as `tools/bench/limit.c`.
 */
import '../../../src/testing/processes/quiet.ts';
import { readFile, writeFile } from 'node:fs/promises';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { answerLines } from '../../../src/testing/processes/answer-lines.ts';
import { timed } from '../support/timed.ts';
import type { EncodeReply } from './encoders.ts';

type Encoder = (frame: VideoFrame, box: number, quality: number) => Promise<Buffer>;

/** Loaded on demand, so that the memory of one does not contain the libraries of the other. */
const ENCODERS: Readonly<Record<string, () => Promise<Encoder>>> = {
  async sightline() {
    const { encodeFrame } = await import('../../../src/frames/encode.ts');
    return async (frame, box, quality) => {
      const resize = { width: box, height: box, strategy: 'scale_aspect_fit' } as const;
      return (await encodeFrame(frame, { format: 'jpeg', quality, resize })).data;
    };
  },
  /** What the framework does with a frame in a chat context: its full size, as PNG. */
  async framework() {
    const { llm } = await import('@livekit/agents');
    return async (frame) => {
      const content = llm.createImageContent({ image: frame });
      const { base64Data = '' } = await llm.serializeImage(content);
      return Buffer.from(base64Data, 'base64');
    };
  },
};

const name = process.argv[2] ?? '';
const load = ENCODERS[name];
if (!load) throw new Error(`no encoder is called "${name}"`);
const encode = await load();
const frames: VideoFrame[] = [];

// Loads the libraries, so that the first picture does not pay for it.
await encode(frameOf(new Uint8Array(64 * 64 * 1.5), 64, 64), 32, 75);

await answerLines(async (line) => {
  const [verb, first, second, third = '', path = ''] = line.split(' ');
  if (verb === 'load') {
    frames.push(frameOf(new Uint8Array(await readFile(third)), Number(first), Number(second)));
    return {};
  }
  const frame = frames[Number(first)];
  if (!frame) throw new Error(`there is no frame ${first}`);
  const { result, ...times } = await timed(() => encode(frame, Number(second), Number(third)));
  if (verb === 'save') await writeFile(path, result);
  return { ...times, bytes: result.length } satisfies EncodeReply;
});
process.exit(0);

function frameOf(pixels: Uint8Array, width: number, height: number): VideoFrame {
  return new VideoFrame(Uint8Array.from(pixels), width, height, VideoBufferType.I420);
}
