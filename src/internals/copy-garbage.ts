/**
 * V8 lets 64 MB of memory outside its heap lie before it collects it, which is 46 copies of a
 * 1280x720 frame: a worker that looks now and then would hold them for most of its life. These are
 * a third of that.
 */
const COLLECT_EVERY = 24 * 1024 * 1024;

/** Where so much is copied in less time, V8 collects soon enough, and too often with our help. */
const SOON_MS = 5000;

/** Reserved and never touched, so no memory is used; in V8's count it is what makes it collect. */
const WEIGHT = 64 * 1024 * 1024;

let copied = 0;
let startedAt = 0;

/** So many bytes were copied into JavaScript, and will be garbage soon. */
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
    // Refused where address space is scarce, but V8 has collected before it refused.
    if (!(error instanceof RangeError)) throw error;
  }
}
