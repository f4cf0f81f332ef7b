import { afterEach, expect, test } from 'vitest';
import { AvatarProcess } from '../../../src/avatar/worker/avatar-process.ts';
import { WAIT_LIMIT_MS } from '../../../src/testing/waits.ts';

const { LOG_LEVEL } = process.env;
afterEach(() => {
  if (LOG_LEVEL === undefined) delete process.env.LOG_LEVEL;
  else process.env.LOG_LEVEL = LOG_LEVEL;
});

const job = {
  ...{ url: 'ws://127.0.0.1:1', token: 'token', name: 'Face', agentIdentity: 'agent' },
  format: { width: 64, height: 64, fps: 5, sampleRate: 24_000, channels: 1 },
};

test('the error of an avatar whose process ends has the end of its output, also of a long one', async () => {
  // The logger refuses this level and quotes it, so the process fails as it begins.
  process.env.LOG_LEVEL = 'x'.repeat(10_000);
  const avatar = new AvatarProcess(job, () => {});
  const problem = await avatar.untilJoined(WAIT_LIMIT_MS).catch((error: Error) => error.message);
  // The last line of an uncaught error.
  expect(problem).toMatch(/its process ended with 1; its output: .*Node\.js v[\d.]+$/s);
  expect(String(problem).length).toBeLessThan(2500);
  expect(await avatar.ended).toEqual({ code: 1, signal: null, expected: false });
});
