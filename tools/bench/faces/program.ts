/**
 * An agent that hides faces, in a process that measures itself. It answers `frame` with the times of
 * the next photograph behind the processor, and of the same time without work.
 */
import '../../../src/testing/processes/quiet.ts';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { FaceDetector } from '../../../examples/detector/face-detector.ts';
import { hideFaces } from '../../../examples/faces.ts';
import { ProcessorChain } from '../../../src/processors/processor-chain.ts';
import { checkedProcessors } from '../../../src/processors/video-processor.ts';
import { sleep } from '../../../src/testing/measure/stats.ts';
import { answerLines } from '../../../src/testing/processes/answer-lines.ts';
import { FRAME_SIZES } from '../result.ts';
import { type Times, timed } from '../support/timed.ts';

/** The reply to `frame`. */
export interface FaceReply {
  faces: Times;
  idle: Times;
}

/** On a busy machine, the search takes longer than a processor may by default. In ms. */
const LIMIT_MS = 60_000;

const PHOTOS = [1, 2, 3, 4, 5, 6].map(
  (number) =>
    new URL(`../../../node_modules/@vladmandic/face-api/demo/sample${number}.jpg`, import.meta.url),
);

const { width, height } = FRAME_SIZES['720p'];
const frames = await Promise.all(
  PHOTOS.map(async (photo) => {
    const { data } = await sharp(photo.pathname)
      .resize(width, height, { fit: 'cover' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    // A copy, because rtc-node ignores the offset of an array in its buffer.
    const rgb = new VideoFrame(Uint8Array.from(data), width, height, VideoBufferType.RGB24);
    return rgb.convert(VideoBufferType.I420);
  }),
);

const detector = await FaceDetector.open();
const chain = new ProcessorChain(
  checkedProcessors('processors', [{ ...hideFaces(detector), timeoutMs: LIMIT_MS }]),
  (error) => {
    throw error;
  },
);
let next = 0;
const hide = async () => {
  const id = next++;
  const frame = frames[id % frames.length];
  const origin = {
    trackSid: 'TR',
    identity: 'user',
    source: 'camera',
    receivedAt: Date.now(),
  } as const;
  const made = frame && (await chain.process(frame, { id, width, height, ...origin }));
  if (!made) throw new Error('the frame was withheld');
};
// Loads the libraries, so that no measured frame pays for it.
for (const _ of frames) await hide();

await answerLines(async () => {
  const { result: _, ...faces } = await timed(hide);
  const { result: __, ...idle } = await timed(() => sleep(faces.wallMs));
  return { faces, idle } satisfies FaceReply;
});
await detector.close();
process.exit(0);
