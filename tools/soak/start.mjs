// Starts the soak as a deployment runs the agent. With its defaults, glibc allocates in many arenas
// and returns little of them, and the soak would measure that growth instead of leaks.
import { spawn } from 'node:child_process';

const soak = spawn(
  process.execPath,
  [
    '--expose-gc',
    '--import',
    './tools/typescript/register.mjs',
    'tools/soak/main.ts',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { MALLOC_ARENA_MAX: '2', ...process.env } },
);
// The soak ends its own child processes.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => soak.kill(signal));
soak.once('exit', (code) => process.exit(code ?? 1));
