/** The times of a piece of work, in ms. */
export interface Times {
  wallMs: number;
  /** Of all threads. */
  cpuMs: number;
  /** Longest time in which nothing else ran on this thread. */
  blockedMs: number;
}

/** Runs the work beside a timer of 1 ms: its longest gap is how long the thread was blocked. */
export async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result } & Times> {
  let lastTick = 0;
  let blockedMs = 0;
  let onTick = () => {};
  const tick = () => {
    const now = performance.now();
    blockedMs = Math.max(blockedMs, now - lastTick);
    lastTick = now;
    onTick();
  };
  const timer = setInterval(tick, 1);
  try {
    await new Promise<void>((resolve) => {
      onTick = resolve;
    });
    onTick = () => {};
    blockedMs = 0;
    const cpuAtStart = process.cpuUsage();
    const startedAt = performance.now();
    lastTick = startedAt;
    const result = await work();
    const wallMs = performance.now() - startedAt;
    const cpu = process.cpuUsage(cpuAtStart);
    tick();
    return { result, wallMs, cpuMs: (cpu.user + cpu.system) / 1000, blockedMs };
  } finally {
    clearInterval(timer);
  }
}
