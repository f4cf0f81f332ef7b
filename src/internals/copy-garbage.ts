/**
 * V8 lets 64 MB of external memory accumulate before it collects garbage. That is 46 copies of a
 * 1280x720 frame, which a worker with rare looks would hold most of the time. This limit is about a
 * third of that.
 */
const COLLECT_EVERY = 24 * 1024 * 1024;

/** If the limit is reached in less time, V8 collects soon enough, and would do so too often. */
const SOON_MS = 5000;

/** Reserved but never touched, so it uses no memory; V8 counts it, and collects. */
const WEIGHT = 64 * 1024 * 1024;

let copied = 0;
let startedAt = 0;

/** Records bytes that were copied into JavaScript, and will soon be garbage. */
export function noteCopy(bytes: number): void {
  copied += bytes;
  if (copied < COLLECT_EVERY) return;
  const now = performance.now();
  const isSlow = now - startedAt > SOON_MS;
  copied = 0;
  startedAt = now;
  if (isSlow) collect();
}

function collect(): void {
  try {
    new ArrayBuffer(WEIGHT);
  } catch (error) {
    // Fails if address space is scarce, but V8 has collected before it fails.
    if (!(error instanceof RangeError)) throw error;
  }
}
