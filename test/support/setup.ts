/**
 * Runs before each test file, in its process. It loads neither the framework nor rtc-node: most
 * tests of machines need neither, and the framework alone takes a second.
 */
import { createRequire } from 'node:module';
import { afterAll, expect, vi } from 'vitest';
import '../../src/internals/rtc-native-logs.ts';
import { takeReplaced } from './shared-globals.ts';
import { takeWarnings } from './warnings.ts';

/**
 * Where every copy of the framework keeps its logger. Without one, it throws at its first log line.
 */
const LOGGER = Symbol.for('@livekit/agents:logger');
const OPTIONS = Symbol.for('@livekit/agents:loggerOptions');

const level = process.env.LOG_LEVEL ?? 'silent';
Reflect.set(globalThis, OPTIONS, { pretty: false, level });

/** The framework's own pino, created at the first use. */
function makeLogger(): unknown {
  const here = createRequire(import.meta.url);
  const { pino } = createRequire(here.resolve('@livekit/agents'))('pino');
  return pino({ level });
}

const keep = (logger: unknown) =>
  Object.defineProperty(globalThis, LOGGER, { configurable: true, writable: true, value: logger });

Object.defineProperty(globalThis, LOGGER, {
  configurable: true,
  get() {
    const logger = makeLogger();
    keep(logger);
    return logger;
  },
  // A test that checks a log calls `initializeLogger` itself.
  set: keep,
});

// Files share a process, so each restores the clock, the spies and the environment.
afterAll(async () => {
  // A spy on a simulated clock puts that clock back, so spies go first.
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  expect(takeReplaced(), 'functions that later files would get').toEqual([]);
  expect(await takeWarnings(), 'warnings of Node.js').toEqual([]);
});
