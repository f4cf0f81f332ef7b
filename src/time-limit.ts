/**
 * Resolves with the work's result. Rejects with the error of `late` after the limit, or with the
 * signal's reason. The work continues after that; if it fails later, the rejection is handled.
 *
 * @param limitMs - In ms.
 * @param signal - Ends the wait, not the work.
 */
export async function within<T>(
  limitMs: number,
  work: PromiseLike<T>,
  late: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let end = () => {};
  const limit = new Promise<never>((_, reject) => {
    end = () => reject(signal?.reason);
    if (signal?.aborted) return end();
    signal?.addEventListener('abort', end);
    timer = setTimeout(() => reject(late()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** Waits for the work, up to the limit in ms. @throws what the work throws within that time. */
export async function doneWithin(limitMs: number, work: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A signal that aborts after the limit. Unlike that of `AbortSignal.timeout`, its timer can be
 * ended by `clear`, so that none is left of work that was quicker.
 *
 * @param limitMs - In ms.
 */
export function limitSignal(limitMs: number): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
