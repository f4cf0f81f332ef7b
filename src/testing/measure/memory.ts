import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const MB_OF_KB = 1 / 1024;

/**
 * Resident memory of a process in MB: current and peak. `null` if the system does not report it.
 */
export function residentMb(pid: number): { now: number; peak: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const now = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return now && peak ? { now: Number(now) * MB_OF_KB, peak: Number(peak) * MB_OF_KB } : null;
  } catch {
    return null;
  }
}

/** Resident memory of this process outside of the JavaScript heap, in MB. */
export const nativeMb = ({ rss, heapTotal } = process.memoryUsage()): number =>
  (rss - heapTotal) / 2 ** 20;

/** Resets the peak of {@link residentMb}, if the system supports it. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not supported here: the peak then includes earlier use.
  }
}

/** Open file descriptors of this process; `null` if the system does not report them. */
export function openDescriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

/** Collects all garbage twice: the second pass frees the objects that the first one finalized. */
export async function collectGarbage(): Promise<void> {
  for (let pass = 0; pass < 2; pass++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
