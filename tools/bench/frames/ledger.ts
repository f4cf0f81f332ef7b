import { encodeFrame } from '../../../src/frames/encode.ts';
import { type FrameCounts, FrameLedger } from '../../../src/frames/frame-ledger.ts';
import type { SourceFrame } from '../../../src/frames/frame-source.ts';
import { NewestFrameSlot } from '../../../src/frames/newest-frame.ts';
import { openFrameSource } from '../../../src/frames/open-frame-source.ts';
import { SyntheticCamera } from '../../../src/testing/camera/synthetic-camera.ts';
import { sleep } from '../../../src/testing/measure/stats.ts';
import type { LedgerCheck } from '../result.ts';

/** One in this many frames is used. */
const SAMPLE_EVERY = 4;
/** One in this many uses ends without a picture. */
const SKIP_EVERY = 3;

/**
 * Reads a track of this process for a while and uses some of its frames. Counts frames and releases
 * independently of the ledger. Each frame has one outcome and is released once.
 */
export async function checkLedger(ms: number): Promise<LedgerCheck> {
  const ledger = new FrameLedger();
  const slot = new NewestFrameSlot(ledger);
  const watched = new WatchedFrames();
  const uses = new Set<Promise<void>>();
  let sumsHold = true;
  const check = () => {
    const counts = ledger.counts();
    sumsHold &&= watched.agreesWith(counts);
    return counts;
  };

  const camera = new SyntheticCamera({
    name: 'ledger',
    source: 'camera',
    width: 1280,
    height: 720,
    fps: 30,
    text: 'LEDGER 1',
  });
  await camera.start();
  const source = openFrameSource(camera.track, {
    onFrame(frame) {
      const origin = { trackSid: '', identity: '', source: 'camera', receivedAt: 0 } as const;
      if (slot.put(watched.watch(frame), origin) && watched.came % SAMPLE_EVERY === 0) {
        const use = takeNewest(slot, watched.came % (SAMPLE_EVERY * SKIP_EVERY) === 0);
        uses.add(use);
        void use.finally(() => uses.delete(use));
      }
      check();
    },
    onEnd() {},
  });
  await sleep(ms);
  await source.close();
  check();
  await Promise.all(uses);
  slot.clear();
  await camera.stop();
  const counts = check();
  sumsHold &&= counts.held === 0 && counts.pending === 0 && counts.received > 0;
  return { counts, sumsHold };
}

async function takeNewest(slot: NewestFrameSlot, inVain: boolean): Promise<void> {
  const pinned = slot.pin();
  if (!pinned) return;
  await encodeFrame(pinned.read(), {
    resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  });
  pinned.done(inVain ? { skipped: 'bench' } : 'sent');
}

/** Counts frames as they arrive and are released. */
class WatchedFrames {
  came = 0;
  #gone = 0;
  #goneTwice = 0;

  watch(frame: SourceFrame): SourceFrame {
    let gone = false;
    this.came++;
    return {
      ...frame,
      release: () => {
        if (gone) this.#goneTwice++;
        else this.#gone++;
        gone = true;
        frame.release();
      },
    };
  }

  agreesWith(counts: FrameCounts): boolean {
    const { received, replaced, sampled, sent, skipped, pending, held, placeholders } = counts;
    const inVain = Object.values(skipped).reduce((sum, count) => sum + count, 0);
    return (
      received + placeholders === this.came &&
      received === replaced + sampled + held &&
      sampled === sent + inVain + pending &&
      // Frames that are neither replaced nor settled are still in memory.
      held + pending === this.came - this.#gone &&
      held >= 0 &&
      held <= 1 &&
      this.#goneTwice === 0
    );
  }
}
