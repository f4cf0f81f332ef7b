/**
 * Processor time that this process spends on a piece of work, in ms. Other processes of a busy
 * machine do not lengthen it, as they do with the time on a clock.
 */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
