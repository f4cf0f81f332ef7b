import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Fails to join a room, and prints which events its engine sent. */
const program = (first: string) => `
  ${first}
  const { Room } = await import('@livekit/rtc-node');
  const room = new Room();
  const joined = room.connect('ws://127.0.0.1:1', 'token', {}).catch(() => 'failed');
  let [logs, others] = [0, 0];
  globalThis._ffiClientInstance.on('ffi_event', ({ message }) => {
    // The first line comes while the client is made.
    if (message.case !== 'logs') others += 1;
    else if (!message.value.records[0]?.message.startsWith('initializing')) logs += 1;
  });
  console.log(JSON.stringify([await joined, logs > 0, others > 0, process.env.RUST_LOG ?? null]));
  process.exit();
`;

/**
 * What a process that cannot join a room says: that it failed, whether it got log events and others,
 * and its `RUST_LOG`; and what it printed to standard error.
 *
 * @param first - What it does first.
 */
export async function engineLogs(first: string, env: NodeJS.ProcessEnv = {}) {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program(first)];
  const { RUST_LOG, ...rest } = process.env;
  const { stdout, stderr } = await run(process.execPath, args, { env: { ...rest, ...env } });
  return { said: JSON.parse(stdout) as unknown, stderr };
}
