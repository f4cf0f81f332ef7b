import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { resolvedOptions, serverAccess } from '../../../src/avatar/worker/local-avatar-options.ts';

const VARIABLES = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, `${name} of the environment`);
});
afterEach(() => vi.unstubAllEnvs());

test('an option takes precedence over the job, and the job over the environment', () => {
  const job = { url: "the job's address", apiKey: "the job's key" };
  expect(serverAccess({ url: 'my address' }, job)).toEqual({
    url: 'my address',
    apiKey: "the job's key",
    apiSecret: 'LIVEKIT_API_SECRET of the environment',
  });
  expect(serverAccess({}, undefined)).toEqual({
    url: 'LIVEKIT_URL of the environment',
    apiKey: 'LIVEKIT_API_KEY of the environment',
    apiSecret: 'LIVEKIT_API_SECRET of the environment',
  });
});

test.each([
  ['url', 'LIVEKIT_URL'],
  ['apiKey', 'LIVEKIT_API_KEY'],
  ['apiSecret', 'LIVEKIT_API_SECRET'],
])('without %s, the error names the option and its variable', (option, variable) => {
  vi.stubEnv(variable, '');
  expect(() => serverAccess({}, { [option]: '' })).toThrow(
    expect.objectContaining({ option, message: expect.stringContaining(variable) }),
  );
});

test('an option that is left out has its default, and the name is made fit to be drawn', () => {
  expect(resolvedOptions({ name: ' Ada\n', fps: 10 })).toEqual({
    identity: 'sightline-avatar',
    name: 'Ada',
    startTimeoutMs: 15_000,
    format: { width: 512, height: 512, fps: 10, sampleRate: 24_000, channels: 1 },
  });
  expect(resolvedOptions({ width: 640, height: 360, startTimeoutMs: 5, identity: 'face' })).toEqual(
    {
      identity: 'face',
      name: '',
      startTimeoutMs: 5,
      format: { width: 640, height: 360, fps: 25, sampleRate: 24_000, channels: 1 },
    },
  );
});
