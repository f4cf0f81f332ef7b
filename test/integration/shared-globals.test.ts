import { expect, test } from 'vitest';
import { takeReplaced } from '../support/shared-globals.ts';

test('a function that a test file leaves replaced is found once and put back', () => {
  const { setInterval: original, performance } = globalThis;
  const { now } = performance;
  globalThis.setInterval = setTimeout as never;
  performance.now = () => 0;
  expect(takeReplaced()).toEqual(['globalThis.setInterval', 'performance.now']);
  expect(globalThis.setInterval).toBe(original);
  expect(performance.now).toBe(now);
  expect(takeReplaced()).toEqual([]);
});
