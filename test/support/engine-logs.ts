import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TYPESCRIPT } from '../../src/testing/processes/typescript.ts';

const run = promisify(execFile);

/**
 * A busy machine may deliver the lines of a room after its end. Those of the first come during the
 * others.
 */
const ROOMS = 5;

/** Fails to join rooms, and prints which events its engine sent. */
const program = (first: string, awaitsLogs: boolean) => `
  ${first}
  const { Room } = await import('@livekit/rtc-node');
  const join = () => new Room().connect('ws://127.0.0.1:1', 'token', {}).catch(() => 'failed');
  const joined = join();
  let others = 0;
  let logs = 0;
  const logged = new Promise((resolve) => {
    globalThis._ffiClientInstance.on('ffi_event', ({ message }) => {
      if (message.case !== 'logs') return (others += 1);
      // The first line comes while the client is made.
      if (message.value.records[0]?.message.startsWith('initializing')) return;
      logs += 1;
      resolve();
    });
  });
  for (let room = 1; room < ${ROOMS}; room += 1) await join();
  if (${awaitsLogs}) await logged;
  console.log(JSON.stringify([await joined, logs > 0, others > 0, process.env.RUST_LOG ?? null]));
  process.exit();
`;

/**
 * What a process that cannot join a room says: that it failed, whether it got log events and others,
 * and its `RUST_LOG`; and what it printed to standard error.
 *
 * @param first - What it does first.
 * @param options - `awaitsLogs`: it ends only once it got a log event.
 */
export async function engineLogs(
  first: string,
  { env = {}, awaitsLogs = false }: { env?: NodeJS.ProcessEnv; awaitsLogs?: boolean } = {},
) {
  const args = [...TYPESCRIPT, '--input-type=module', '--eval', program(first, awaitsLogs)];
  const { RUST_LOG, ...rest } = process.env;
  const { stdout, stderr } = await run(process.execPath, args, { env: { ...rest, ...env } });
  return { said: JSON.parse(stdout) as unknown, stderr };
}
