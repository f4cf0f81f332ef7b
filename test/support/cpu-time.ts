/**
 * Processor time of this process for a piece of work, in ms. Unlike clock time, it does not grow
 * when other processes keep the machine busy.
 */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
