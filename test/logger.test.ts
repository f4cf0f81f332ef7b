import { log } from '@livekit/agents';
import { expect, onTestFinished, test } from 'vitest';
import { logger } from '../src/logger.ts';

/** Where every copy of the framework keeps its logger, and the logger's options. */
const PLACES = ['@livekit/agents:logger', '@livekit/agents:loggerOptions'].map(Symbol.for);

test('outside a worker, where the framework has no logger, warnings are printed', () => {
  const own = log();
  expect(logger()).toBe(own);
  const before = PLACES.map((place) => Reflect.get(globalThis, place));
  onTestFinished(() => {
    for (const [index, place] of PLACES.entries()) Reflect.set(globalThis, place, before[index]);
  });
  for (const place of PLACES) Reflect.set(globalThis, place, undefined);
  expect(() => log()).toThrow();
  expect(logger().level).toBe('warn');
  // The framework's models use the same one from now on.
  expect(log()).toBe(logger());
});
