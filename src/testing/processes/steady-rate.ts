/**
 * Calls this so often a second, and once at the beginning. A late timer skips calls instead of
 * making a burst of them.
 *
 * @returns a function that ends it
 */
export function atRate(perSecond: number, call: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let next = performance.now();
  const again = () => {
    call();
    const now = performance.now();
    next = Math.max(next + 1000 / perSecond, now);
    timer = setTimeout(again, next - now);
  };
  again();
  return () => clearTimeout(timer);
}
