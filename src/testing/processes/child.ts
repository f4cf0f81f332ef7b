import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { atExit } from '../at-exit.ts';
import { until, within } from '../waits.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const alive = new Set<Child>();

/** Ends all children of a test, with all that they started: what `afterEach` takes. */
export async function endChildren(): Promise<void> {
  await Promise.all([...alive].map((child) => child.kill()));
}

/** Settings for a child: `undefined` takes a variable of this process away. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A TypeScript program in a process of its own, at the head of a process group of its own: so that
 * whatever it starts can be found and ended, also when the program itself is gone.
 */
export class Child {
  readonly pid: number;
  /** What it wrote, both streams together. */
  output = '';
  /** When it and its streams are over. */
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #listeners = new Set<(line: string) => void>();
  readonly #killGroup = () => this.#signalGroup('SIGKILL');
  readonly #forget: () => void;

  /** @param wrapper - A command that is to start it, which gets it as its last arguments. */
  constructor(args: readonly string[], env: Environment = {}, wrapper: readonly string[] = []) {
    const program = [process.execPath, '--import', 'tsx', ...args];
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

  /** Waits for a line that was or will be written; the end of the child fails it. */
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

  /** Whether the program or anything that it started is still running. */
  get groupIsAlive(): boolean {
    return this.#signalGroup(0);
  }

  /** Waits until nothing of its group is left. */
  groupIsGone(limitMs?: number): Promise<void> {
    return until('every process of the child gone', () => !this.groupIsAlive, limitMs);
  }

  /** Ends the program and everything that it started, at once. Idempotent. */
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
