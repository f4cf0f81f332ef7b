import { expect, test } from 'vitest';
import { engineLogs } from '../support/engine-logs.ts';

const WITH_SIGHTLINE = "await import('./src/internals/rtc-native-logs.ts');";

test('the native library of rtc-node logs into the process, and not with Sightline', async () => {
  const [plain, quiet] = await Promise.all([
    engineLogs('', { awaitsLogs: true }),
    engineLogs(WITH_SIGHTLINE),
  ]);
  expect(plain.said).toEqual(['failed', true, true, null]);
  expect(quiet).toEqual({ said: ['failed', false, true, null], stderr: '' });
});

test('RUST_LOG makes the native library print its lines with Sightline', async () => {
  const { said, stderr } = await engineLogs(WITH_SIGHTLINE, { env: { RUST_LOG: 'debug' } });
  expect(said).toEqual(['failed', false, true, 'debug']);
  expect(stderr).toContain('DEBUG');
});
