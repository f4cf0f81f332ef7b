import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What a test needs beyond Node.js stands in the name of its file: `NAME.server.test.ts`. */
const SLOW = ['server', 'browser', 'slow'] as const;
type Slow = (typeof SLOW)[number];
const named = (need: Slow) => `test/**/*.${need}.test.ts`;

/** A server takes part in the work: one more than processors of a small machine. */
const MANY = { maxWorkers: 3, sequence: { groupOrder: 2 } };
/** Files that run at the same time, and after which others. */
const WORKERS = {
  server: MANY,
  slow: MANY,
  // Two at once take as long as one after the other.
  browser: { maxWorkers: 1, sequence: { groupOrder: 1 } },
} as const satisfies Record<Slow, object>;

/** Takes minutes: it starts first, so that nothing waits for it at the end. */
const LONGEST = 'off-under-way.slow.test.ts';

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    setupFiles: ['test/support/setup.ts'],
    // rtc-node decides how much it logs when it is loaded: its debug lines about streams that nothing
    // handles would drown a test's own output.
    env: { NODE_ENV: 'production' },
    // A warning is not printed, but fails its file: test/support/warnings.ts.
    execArgv: ['--no-warnings'],
    // rtc-node's native library is one per process: threads would share it.
    pool: 'forks',
    // How long a busy machine may take. No test passes or fails by it.
    testTimeout: 150_000,
    hookTimeout: 150_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SLOW.map(named)],
          // The framework takes a second to load: a process loads it once, not once a file.
          isolate: false,
          // Most wait for rooms half of the time: twice the processors of a small machine.
          maxWorkers: 4,
        },
      },
      ...SLOW.map((name) => ({
        extends: true as const,
        test: { name, include: [named(name)], ...WORKERS[name] },
      })),
    ],
  },
});
