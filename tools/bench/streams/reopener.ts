/**
 * Reopens a stream repeatedly while JavaScript is busy, as if a user switched between camera and
 * screen, in a separate process. Its argument is the kind of reader. It answers `reopen TIMES
 * BUSY_MS URL TOKEN` with what is left.
 */
import '../../../src/testing/processes/quiet.ts';
import type { EventEmitter } from 'node:events';
import { initializeLogger } from '@livekit/agents';
import { FrameLedger } from '../../../src/frames/frame-ledger.ts';
import { NewestFrameSlot } from '../../../src/frames/newest-frame.ts';
import { openFrameSource } from '../../../src/frames/open-frame-source.ts';
import { collectGarbage, openDescriptors } from '../../../src/testing/measure/memory.ts';
import { rounded, sleep } from '../../../src/testing/measure/stats.ts';
import { answerLines } from '../../../src/testing/processes/answer-lines.ts';
import type { ReplacementFigures } from '../result.ts';
import { type Stream, subscribe } from './subscription.ts';
import { framesOf } from './video-stream-reader.ts';

/** Before the first count, for what is created only once. */
const WARM_UP_TIMES = 5;
/** Time for late events to arrive, in ms. */
const SETTLE_MS = 3000;
const MB = 1024 * 1024;

/** Opens the stream, waits for a frame, keeps the thread busy, and closes it. */
type Cycle = (stream: Stream, busy: () => void) => Promise<void>;

const CYCLES: Readonly<Record<string, Cycle>> = {
  async sightline({ track }, busy) {
    const slot = new NewestFrameSlot(new FrameLedger());
    const origin = { trackSid: '', identity: '', source: 'camera', receivedAt: 0 } as const;
    const source = openFrameSource(track, {
      onFrame: (frame) => void slot.put(frame, origin),
      onEnd() {},
    });
    await slot.next(AbortSignal.timeout(10_000));
    busy();
    slot.clear();
    await source.close();
  },
  async videostream(stream, busy) {
    const reader = framesOf(stream);
    await reader.read();
    busy();
    await reader.cancel();
  },
};

initializeLogger({ pretty: false, level: 'error' });
const cycle = CYCLES[process.argv[2] ?? ''];
if (!cycle) throw new Error(`there is no reader "${process.argv[2]}"`);

await answerLines(async (line) => {
  const [, times, busyMs, url = '', token = ''] = line.split(' ');
  const stream = await subscribe(url, token);
  const busy = () => {
    const until = performance.now() + Number(busyMs);
    while (performance.now() < until);
  };
  const reopen = async (count: number) => {
    for (let time = 0; time < count; time++) await cycle(stream, busy);
    await sleep(SETTLE_MS);
    await collectGarbage();
    return {
      rss: process.memoryUsage.rss(),
      descriptors: openDescriptors(),
      listeners: engineListeners(),
    };
  };
  const before = await reopen(WARM_UP_TIMES);
  const after = await reopen(Number(times));
  await stream.room.disconnect();
  const reply: ReplacementFigures = {
    reopens: Number(times),
    busyMs: Number(busyMs),
    growthMb: rounded((after.rss - before.rss) / MB, 1),
    descriptors:
      before.descriptors === null || after.descriptors === null
        ? null
        : { before: before.descriptors, after: after.descriptors },
    listeners: { before: before.listeners, after: after.listeners },
  };
  return reply;
});
process.exit(0);

/** Of rtc-node's own client of its native engine, which it keeps on `globalThis`. */
function engineListeners(): number {
  const { _ffiClientInstance: client } = globalThis as { _ffiClientInstance?: EventEmitter };
  return client?.listenerCount('ffi_event') ?? 0;
}
