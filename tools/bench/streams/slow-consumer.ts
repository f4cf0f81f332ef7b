/**
 * A consumer that takes 500 ms for each frame, in a separate process. Its argument is the kind of
 * reader. It answers `consume SECONDS URL TOKEN` with the effect on memory and time.
 */
import '../../../src/testing/processes/quiet.ts';
import { initializeLogger } from '@livekit/agents';
import { FrameLedger } from '../../../src/frames/frame-ledger.ts';
import { NewestFrameSlot } from '../../../src/frames/newest-frame.ts';
import { openFrameSource } from '../../../src/frames/open-frame-source.ts';
import { collectGarbage } from '../../../src/testing/measure/memory.ts';
import { median, rounded, sleep } from '../../../src/testing/measure/stats.ts';
import { answerLines } from '../../../src/testing/processes/answer-lines.ts';
import type { SlowConsumerFigures } from '../result.ts';
import { Arrivals } from './arrivals.ts';
import { ageOf } from './stamp.ts';
import { type Stream, subscribe } from './subscription.ts';
import { framesOf } from './video-stream-reader.ts';

/** The consumer's work on each frame. */
const TAKES_MS = 500;
/** How long the first frame may take, in ms. */
const FRAME_LIMIT_MS = 10_000;
/** How often memory is measured, in ms. */
const LOOK_MS = 100;
const MB = 1024 * 1024;

/** Calls the consumer with the next frame, and with a function that releases it. */
interface Taken {
  /** Its creation time by the engine's clock, in microseconds. */
  madeAt: bigint;
  /** From the camera to now, in ms. */
  ageMs: number;
  done(): void;
}

interface Frames {
  take(): Promise<Taken>;
  close(): Promise<void>;
}

const READERS: Readonly<Record<string, (stream: Stream, arrivals: Arrivals) => Frames>> = {
  sightline({ track }, arrivals) {
    const slot = new NewestFrameSlot(new FrameLedger());
    let madeAt = 0n;
    const origin = { trackSid: '', identity: '', source: 'camera' } as const;
    const source = openFrameSource(track, {
      onFrame(frame) {
        slot.put(frame, { ...origin, receivedAt: Date.now() });
        madeAt = arrivals.newest;
      },
      onEnd() {},
    });
    return {
      async take() {
        if (!slot.newest) await slot.next(AbortSignal.timeout(FRAME_LIMIT_MS));
        const pinned = slot.pin();
        if (!pinned) throw new Error('the frame is gone');
        const ageMs = ageOf(pinned.read(), Date.now());
        return { madeAt, ageMs, done: () => pinned.done('sent') };
      },
      async close() {
        slot.clear();
        await source.close();
      },
    };
  },
  videostream(stream) {
    const reader = framesOf(stream);
    return {
      async take() {
        const { done, value } = await reader.read();
        if (done) throw new Error('the track is over');
        return { madeAt: value.timestampUs, ageMs: ageOf(value.frame, Date.now()), done() {} };
      },
      close: () => reader.cancel(),
    };
  },
};

initializeLogger({ pretty: false, level: 'error' });
const open = READERS[process.argv[2] ?? ''];
if (!open) throw new Error(`there is no reader "${process.argv[2]}"`);

await answerLines(async (line) => {
  const [, seconds, url = '', token = ''] = line.split(' ');
  const stream = await subscribe(url, token);
  const arrivals = new Arrivals();
  const frames = open(stream, arrivals);
  // Independent of the reader, and never late.
  const witness = openFrameSource(stream.track, {
    onFrame: (frame) => frame.release(),
    onEnd() {},
  });
  // Memory in use while one frame is held.
  (await frames.take()).done();
  await collectGarbage();
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(look, LOOK_MS);
  const ages: number[] = [];
  let framesLate = 0;
  const endAt = performance.now() + Number(seconds) * 1000;
  while (performance.now() < endAt) {
    const { madeAt, ageMs, done } = await frames.take();
    framesLate = Math.max(framesLate, arrivals.after(madeAt));
    ages.push(ageMs);
    await sleep(TAKES_MS);
    done();
  }
  look();
  clearInterval(timer);
  await collectGarbage();
  const kept = process.memoryUsage.rss() - before;
  await Promise.all([frames.close(), witness.close()]);
  arrivals.end();
  await stream.room.disconnect();
  // The fastest frame did not wait: its time is that of encoder, server and decoder.
  const way = Math.min(...ages);
  const waits = ages.map((age) => age - way);
  const reply: SlowConsumerFigures = {
    seconds: Number(seconds),
    growthMb: rounded((most - before) / MB, 1),
    keptMb: rounded(kept / MB, 1),
    waitedMs: { p50: median(waits), max: Math.max(...waits), last: waits.at(-1) ?? 0 },
    framesLate,
  };
  return reply;
});
process.exit(0);
