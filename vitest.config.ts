import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What a test needs beyond Node.js stands in the name of its file: `NAME.server.test.ts`. */
const SLOW = ['server', 'browser', 'slow'] as const;
const named = (need: (typeof SLOW)[number]) => `test/**/*.${need}.test.ts`;

/** Take minutes: they start first, so that nothing waits for them at the end. */
const LONGEST = ['off-under-way.slow.test.ts', 'senses.browser.test.ts'];

/**
 * The longest files first, and those with a browser evenly between the others: alone, one leaves half
 * of a small machine idle, and three at once would miss their time limits.
 */
class Mixed extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const [quick, slow] = split(sorted, ({ project }) => project.name === 'quick');
    const [longest, rest] = split(slow, ({ moduleId }) =>
      LONGEST.some((name) => moduleId.endsWith(name)),
    );
    const [browsers, others] = split(rest, ({ project }) => project.name === 'browser');
    const between = Math.ceil(others.length / browsers.length);
    const mixed = others.flatMap((file, index) => {
      const next = index % between === Math.floor(between / 2) ? browsers.shift() : undefined;
      return next ? [file, next] : [file];
    });
    return [...quick, ...longest, ...mixed, ...browsers];
  }
}

function split<Item>(items: Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

export default defineConfig({
  test: {
    sequence: { sequencer: Mixed },
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
          // Most wait for rooms half of the time. With four, a small machine is idle for a fifth of it.
          maxWorkers: 5,
        },
      },
      ...SLOW.map((name) => ({
        extends: true as const,
        test: {
          name,
          include: [named(name)],
          // They wait a third of the time: one more than the processors of a small machine.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      })),
    ],
  },
});
