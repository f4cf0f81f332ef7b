import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Machines import a `setup` that changes their configs. */
const machinesWithMutants: Plugin = {
  name: 'machines-with-mutants',
  enforce: 'pre',
  transform(code, id) {
    if (!/\/src\/machines\/[^/]+\.machine\.ts$/.test(id)) return undefined;
    return code.replace("from 'xstate'", `from '${here('./xstate-with-mutant.ts')}'`);
  },
};

/**
 * The tests' own list of events refuses one that the machine does not handle, such as a removed
 * delay. That is not behaviour, so here the event is sent nevertheless.
 */
const eventsUnchecked: Plugin = {
  name: 'events-unchecked',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('/test/support/paths.ts')) return undefined;
    const check = 'if (!node.transitions.has(type)) throw';
    if (!code.includes(check)) throw new Error('test/support/paths.ts checks its events elsewhere');
    return code.replace(check, 'if (false) throw');
  },
};

export default defineConfig({
  root: here('../..'),
  plugins: [machinesWithMutants, eventsUnchecked],
  test: {
    include: ['test/machines/*.test.ts'],
    exclude: ['test/machines/*.real.*'],
    setupFiles: [here('./setup.ts')],
    // A list of names is not behaviour either, so coverage is not checked here.
    testNamePattern: /^(?!.*every state is entered and every transition is taken)/,
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    bail: 1,
    silent: true,
    testTimeout: 5_000,
    sequence: { hooks: 'list' },
  },
});
