import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The silent logger, and the end of rtc-node's engine.
    setupFiles: ['test/support/setup.ts'],
    // rtc-node decides how much it logs when it is loaded: its debug lines about streams that nothing
    // handles would drown a test's own output.
    env: { NODE_ENV: 'production' },
    // rtc-node's native library is one per process: a process a file keeps their tracks apart.
    pool: 'forks',
    // Most tests wait for rooms: one more than processors of a small machine.
    maxWorkers: 3,
    // Real rooms, browsers and encoders on a busy machine: CI asks a second time, and says so.
    retry: process.env.SIGHTLINE_REQUIRE_ALL ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
