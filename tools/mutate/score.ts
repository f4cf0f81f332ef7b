import type { Tests } from './concerned-tests.ts';
import type { Verdict } from './test-run.ts';
import type { Tester } from './tester.ts';

export interface Finding {
  readonly mutant: string;
  readonly failed: Verdict['failed'];
}

export interface Score {
  readonly machine: string;
  readonly killed: number;
  /** Mutants that no test detected, and that change something. */
  readonly survivors: string[];
  /** Mutants that change nothing, with the reason. */
  readonly equivalent: Readonly<Record<string, string>>;
  /** Entries of `equivalent.ts` that are no longer a mutant, or that a test detects. */
  readonly stale: string[];
  readonly findings: Finding[];
}

/** Time limit for tests without a mutant, which do end. */
const FIRST_LIMIT_MS = 120_000;
/** Extra time for a process that was just started, on a busy machine. */
const SLACK_MS = 3_000;

/** Runs the tests against each mutant of a machine. */
export async function judge(
  tester: Tester,
  machine: string,
  mutants: readonly string[],
  { concerned, others }: Tests,
): Promise<Finding[]> {
  const all = { mutant: null, files: [...concerned, ...others] };
  const { failed } = await tester.run(all, FIRST_LIMIT_MS);
  if (failed) throw new Error(`without a mutant, "${failed.test}" fails: ${failed.reason}`);
  // Again, now that everything is loaded, to measure the time.
  const startedAt = performance.now();
  await tester.run(all, FIRST_LIMIT_MS);
  const limitMs = Math.ceil(SLACK_MS + 3 * (performance.now() - startedAt));
  const findings: Finding[] = [];
  for (const name of mutants) {
    const mutant = { machine, name };
    let verdict = await tester.run({ mutant, files: concerned }, limitMs);
    if (!verdict.failed && others.length > 0)
      verdict = await tester.run({ mutant, files: others }, limitMs);
    findings.push({ mutant: name, failed: verdict.failed });
  }
  return findings;
}

export function scoreOf(
  machine: string,
  findings: Finding[],
  equivalent: Readonly<Record<string, string>>,
): Score {
  const alive = findings.filter(({ failed }) => failed === null).map(({ mutant }) => mutant);
  return {
    machine,
    killed: findings.length - alive.length,
    survivors: alive.filter((mutant) => !(mutant in equivalent)),
    equivalent,
    stale: Object.keys(equivalent).filter((mutant) => !alive.includes(mutant)),
    findings,
  };
}

export function summaryOf({ machine, killed, survivors, equivalent }: Score): string {
  const total = killed + survivors.length;
  const alike = Object.keys(equivalent).length;
  const share = total === 0 ? '' : `, ${((killed / total) * 100).toFixed(1)} %`;
  return `${machine}: ${killed} of ${total} detected${share}${alike > 0 ? `, ${alike} equivalent` : ''}`;
}
