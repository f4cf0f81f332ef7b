/**
 * Processor time of this process for a piece of work, in ms. Unlike clock time, it does not grow
 * when other processes keep the machine busy.
 */
async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least of a few measurements, because a garbage collection may fall into one of them. */
export async function leastCpuMs(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 3; n++) times.push(await cpuMs(work));
  return Math.min(...times);
}
