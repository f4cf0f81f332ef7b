import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second. */
const TICKS_A_SECOND = 100;
const KB_A_MB = 1024;

export interface GroupUse {
  /** CPU time of the current processes, in seconds. */
  readonly cpuSeconds: number;
  /** Memory in MB; pages that several processes share count once. */
  readonly memoryMb: number;
  readonly processes: number;
}

/** The resources of all processes of a group; Linux only. */
export function groupUse(group: number): GroupUse {
  let [cpuSeconds, memoryMb, processes] = [0, 0, 0];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      // After the name, which may contain blanks: state, parent, group, ..., and the times as 12
      // and 13.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      if (Number(fields[2]) !== group) continue;
      cpuSeconds += (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
      memoryMb += proportionalMb(pid);
      processes += 1;
    } catch {
      // It ended during the measurement.
    }
  }
  return { cpuSeconds, memoryMb, processes };
}

function proportionalMb(pid: string): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / KB_A_MB;
}

/** CPU time of one process so far, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
