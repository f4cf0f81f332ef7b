/** Keeps the event loop busy for this time, in ms, as a slow machine or program does. */
export function keepBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
