import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const server = createServer((socket) => socket.destroy());
let url = '';

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** A program that fails to join a room, and prints how many events of its engine were logs. */
const program = (first: string) => `
  ${first}
  const { Room } = await import('@livekit/rtc-node');
  const room = new Room();
  const joined = room.connect(process.argv[1], 'token', {}).catch(() => 'failed');
  let [logs, others] = [0, 0];
  globalThis._ffiClientInstance.on('ffi_event', ({ message }) => {
    // The first line comes while the client is made.
    if (message.case !== 'logs') others += 1;
    else if (!message.value.records[0]?.message.startsWith('initializing')) logs += 1;
  });
  console.log(JSON.stringify([await joined, logs > 0, others > 0, process.env.RUST_LOG ?? null]));
  process.exit();
`;

async function events(first: string, env: NodeJS.ProcessEnv = {}) {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program(first), url];
  const { RUST_LOG, ...rest } = process.env;
  const { stdout, stderr } = await run(process.execPath, args, { env: { ...rest, ...env } });
  return { said: JSON.parse(stdout), stderr };
}

const STOPPED = "await import('./src/internals/rtc-native-logs.ts');";

test('the native library of rtc-node logs into the process, and not with Sightline', async () => {
  const [plain, stopped] = await Promise.all([events(''), events(STOPPED)]);
  expect(plain.said).toEqual(['failed', true, true, null]);
  expect(stopped).toEqual({ said: ['failed', false, true, null], stderr: '' });
});

test('RUST_LOG makes the native library print its lines with Sightline', async () => {
  const { said, stderr } = await events(STOPPED, { RUST_LOG: 'debug' });
  expect(said).toEqual(['failed', false, true, 'debug']);
  expect(stderr).toContain('DEBUG');
});

test.each(['index.ts', 'testing/index.ts'])('an import of src/%s ends the logs', async (entry) => {
  const { said } = await events(`await import('./src/${entry}');`);
  expect(said).toEqual(['failed', false, true, null]);
});
