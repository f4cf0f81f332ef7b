import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Kills the child when this process ends without its `exit` event, such as by SIGKILL. A shell waits
 * for a line on its input, which ends without one when this process ends. Does nothing on Windows,
 * which has no such shell.
 */
export function killAfter(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  const guard = spawn('sh', ['-c', 'read -r line || kill -KILL "$0"', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A signal to the group of this process does not end the guard.
    detached: true,
  });
  // If there is no shell, the child lives on after a SIGKILL.
  guard.once('error', () => {});
  guard.stdin.once('error', () => {});
  // From now on, the id may be another program's.
  child.once('exit', () => guard.stdin.end('\n'));
}
