import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { atExit } from '../at-exit.ts';
import { until, within } from '../waits.ts';
import { TYPESCRIPT } from './typescript.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const alive = new Set<Child>();

/** Ends all children of a test and their processes. For `afterEach`. */
export async function endChildren(): Promise<void> {
  await Promise.all([...alive].map((child) => child.kill()));
}

/** Environment of a child. `undefined` removes a variable of this process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A TypeScript program in a process group of its own. Through the group, the processes that it
 * started can be ended, even after the program itself.
 */
export class Child {
  readonly pid: number;
  /** Its stdout and stderr together. */
  output = '';
  /** Resolves when it and its streams have ended. */
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #listeners = new Set<(line: string) => void>();
  readonly #killGroup = () => this.#signalGroup('SIGKILL');
  readonly #forget: () => void;

  /** @param wrapper - A command that starts the program, which it gets as its last arguments. */
  constructor(args: readonly string[], env: Environment = {}, wrapper: readonly string[] = []) {
    const program = [process.execPath, ...TYPESCRIPT, ...args];
    const [command = process.execPath, ...rest] = [...wrapper, ...program];
    this.#process = spawn(command, rest, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`cannot start ${args.join(' ')}`);
    this.pid = pid;
    for (const stream of [this.#process.stdout, this.#process.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        this.output += `${line}\n`;
        for (const listener of this.#listeners) listener(line);
      });
    this.ended = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => resolve({ code, signal }));
    });
    // A write to a program that has ended fails; `ended` reports the end.
    this.#process.stdin.on('error', () => {});
    this.#forget = atExit(this.#killGroup);
    alive.add(this);
  }

  onLine(listener: (line: string) => void): void {
    this.#listeners.add(listener);
  }

  write(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Waits for a line of the output, including earlier ones. Rejects if the child ends. */
  async line(pattern: RegExp, limitMs?: number): Promise<string> {
    const early = this.output.split('\n').find((line) => pattern.test(line));
    if (early !== undefined) return early;
    const later = new Promise<string>((resolve, reject) => {
      this.onLine((line) => {
        if (pattern.test(line)) resolve(line);
      });
      void this.ended.then(({ code }) => reject(new Error(`the process ended with ${code}`)));
    });
    try {
      return await within(`line ${pattern}`, later, limitMs);
    } catch (error) {
      throw new Error(`${String(error)}; its output:\n${this.output.slice(-4000)}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Whether the program or a process that it started is still running. */
  get groupIsAlive(): boolean {
    return this.#signalGroup(0);
  }

  /** Waits until all processes of its group have ended. */
  groupIsGone(limitMs?: number): Promise<void> {
    return until('every process of the child gone', () => !this.groupIsAlive, limitMs);
  }

  /** Kills the program and all processes that it started. Idempotent. */
  async kill(): Promise<void> {
    this.#killGroup();
    await this.ended;
    this.#forget();
    alive.delete(this);
  }

  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.pid, signal);
    } catch {
      return false;
    }
  }
}
