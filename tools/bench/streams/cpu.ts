import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** CPU time of this process's main thread in seconds; `null` if the system does not provide it. */
function mainThreadSeconds(): number | null {
  try {
    const [nanoseconds = ''] = readFileSync(
      `/proc/self/task/${process.pid}/schedstat`,
      'utf8',
    ).split(' ');
    return Number(nanoseconds) / 1e9;
  } catch {
    return null;
  }
}

export interface CpuUse {
  seconds: number;
  /** CPU seconds of all threads. */
  process: number;
  /** CPU seconds of the thread that runs JavaScript. */
  mainThread: number | null;
  /** Share of the time in which the event loop was not waiting. */
  loopBusy: number;
}

/** Measures this process until the returned function is called. */
export function measureCpu(): () => CpuUse {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const mainThread = mainThreadSeconds();
  const loop = performance.eventLoopUtilization();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const mainThreadNow = mainThreadSeconds();
    return {
      seconds: (performance.now() - startedAt) / 1000,
      process: (user + system) / 1e6,
      mainThread: mainThread === null || mainThreadNow === null ? null : mainThreadNow - mainThread,
      loopBusy: performance.eventLoopUtilization(loop).utilization,
    };
  };
}
