import { vi } from 'vitest';

export interface Printed {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: typeof process.exitCode;
}

let runs = 0;

/**
 * Runs a file of `src` in this process, as the program of a command line: it finds itself in
 * `process.argv`. A copy of that file runs; what it imports is shared with the other tests.
 */
export async function runProgram(file: string, args: readonly string[]): Promise<Printed> {
  const { argv, exitCode } = process;
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const path = new URL(`../../../src/${file}`, import.meta.url).pathname;
  process.argv = [process.execPath, path, ...args];
  process.exitCode = undefined;
  try {
    const program = `${path}?run=${runs++}`;
    await import(/* @vite-ignore */ program);
    const text = ({ mock }: typeof log) => mock.calls.flat().join('\n');
    return { output: text(log), errors: text(error), exitCode: process.exitCode };
  } finally {
    process.argv = argv;
    process.exitCode = exitCode;
    log.mockRestore();
    error.mockRestore();
  }
}
