import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { TYPESCRIPT } from '../../src/testing/processes/typescript.ts';

const KILL_AFTER = new URL('../../src/testing/kill-after.ts', import.meta.url).href;

/** Starts a child that never ends, and reports its id. The child keeps the output open. */
const PARENT = `
import { spawn } from 'node:child_process';
import { killAfter } from '${KILL_AFTER}';
const stdio = ['ignore', 'inherit', 'ignore'];
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio });
killAfter(child);
console.log(child.pid);
`;

test('a child is killed when SIGKILL ends the process that started it', async () => {
  const args = [...TYPESCRIPT, '--input-type=module', '-e', PARENT];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await once(createInterface({ input: parent.stdout }), 'line');
  const outputEnded = once(parent.stdout, 'close');
  expect(process.kill(Number(pid), 0)).toBe(true);
  parent.kill('SIGKILL');
  // The output is open as long as the child runs.
  await outputEnded;
}, 120_000);
