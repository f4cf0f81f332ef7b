import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Complain, firstLine, KEPT } from '../../../src/testing/processes/python-reference.ts';

const run = promisify(execFile);

const LIMIT_SOURCE = fileURLToPath(new URL('../limit.c', import.meta.url));
/** Time limit for the compiler, in ms. */
const BUILD_LIMIT_MS = 60_000;

/** The program of `tools/bench/limit.c`, compiled if it is older than its source. */
export async function limitProgram(complain: Complain): Promise<string | null> {
  const program = join(KEPT, 'limit');
  if (existsSync(program) && statSync(program).mtimeMs > statSync(LIMIT_SOURCE).mtimeMs)
    return program;
  mkdirSync(KEPT, { recursive: true });
  const build = (...tuning: string[]) =>
    run('cc', ['-O3', ...tuning, '-o', program, LIMIT_SOURCE, '-lturbojpeg'], {
      timeout: BUILD_LIMIT_MS,
    });
  try {
    // Not every compiler supports the machine that it runs on.
    await build('-march=native').catch(() => build());
    return program;
  } catch (error) {
    complain(
      'bench: no limit to compare with (a C compiler `cc` and libjpeg-turbo, on Debian ' +
        `libturbojpeg0-dev): ${firstLine(error)}`,
    );
    return null;
  }
}
