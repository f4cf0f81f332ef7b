import { configDefaults, defineConfig } from 'vitest/config';

/** What a test needs beyond Node.js stands in the name of its file: `NAME.server.test.ts`. */
const SLOW = ['server', 'browser', 'slow'];
const named = (need: string) => `test/**/*.${need}.test.ts`;

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    // rtc-node decides how much it logs when it is loaded: its debug lines about streams that nothing
    // handles would drown a test's own output.
    env: { NODE_ENV: 'production' },
    // A warning is not printed, but fails its file: test/support/warnings.ts.
    execArgv: ['--no-warnings'],
    // rtc-node's native library is one per process: threads would share it.
    pool: 'forks',
    // Most tests wait for rooms: one more than processors of a small machine.
    maxWorkers: 3,
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
        },
      },
      ...SLOW.map((name) => ({
        extends: true as const,
        test: { name, include: [named(name)] },
      })),
    ],
  },
});
