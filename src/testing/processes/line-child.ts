import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { atExit } from '../at-exit.ts';
import { TYPESCRIPT } from './typescript.ts';

/** Prefix of replies. All other lines come from libraries. */
const REPLY = '#';
/** Characters of the other lines that are kept for an error message. */
const KEPT_OUTPUT = 4000;
/** Time for a child to end by itself, in ms. */
const END_LIMIT_MS = 3000;

/**
 * A program in a process of its own that answers each line with one line of JSON. It ends when its
 * input ends, and at the latest with this process.
 */
export class LineChild {
  readonly name: string;
  readonly pid: number;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<void>;
  readonly #kill = () => this.#process.kill('SIGKILL');
  readonly #forget: () => void;
  #output = '';
  #onReply: ((reply: string) => void) | undefined;

  private constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr, pid } = this.#process;
    this.pid = pid ?? 0;
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', () => resolve());
      this.#process.once('error', (error) => {
        this.#keep(String(error));
        resolve();
      });
    });
    // A write to a program that has ended fails; `ask` reports it.
    stdin.on('error', () => {});
    createInterface({ input: stderr }).on('line', (line) => this.#keep(line));
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.startsWith(REPLY)) this.#onReply?.(line.slice(REPLY.length));
      else this.#keep(line);
    });
    this.#forget = atExit(this.#kill);
  }

  /** Any program. */
  static start(name: string, command: string, args: readonly string[] = []): LineChild {
    return new LineChild(name, command, args);
  }

  /** A TypeScript program that can call the garbage collector. */
  static startNode(name: string, program: URL, args: readonly string[] = []): LineChild {
    const node = ['--expose-gc', ...TYPESCRIPT, fileURLToPath(program)];
    return new LineChild(name, process.execPath, [...node, ...args]);
  }

  /**
   * Sends a request and waits for the reply. One at a time.
   *
   * @throws Error if the reply is an `error`, the child has ended, or the limit is exceeded.
   */
  async ask<Reply>(line: string, limitMs = 30_000): Promise<Reply> {
    if (this.#onReply) throw new Error(`${this.name} is still busy with another request`);
    let timer: NodeJS.Timeout | undefined;
    try {
      const text = await new Promise<string>((resolve, reject) => {
        this.#onReply = resolve;
        void this.#ended.then(() => reject(this.#failure('the process has ended', line)));
        timer = setTimeout(() => reject(this.#failure(`no reply in ${limitMs} ms`, line)), limitMs);
        this.#process.stdin.write(`${line}\n`);
      });
      const reply = JSON.parse(text) as Reply & { error?: string };
      if (typeof reply === 'object' && reply?.error !== undefined)
        throw this.#failure(reply.error, line);
      return reply;
    } finally {
      clearTimeout(timer);
      this.#onReply = undefined;
    }
  }

  /** Ends the program, by force if necessary. Idempotent. */
  async end(): Promise<void> {
    this.#process.stdin.end();
    const timer = setTimeout(this.#kill, END_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
    this.#forget();
  }

  #keep(line: string): void {
    this.#output = `${this.#output}${line}\n`.slice(-KEPT_OUTPUT);
  }

  #failure(what: string, line: string): Error {
    return new Error(`${this.name}: "${line.slice(0, 60)}": ${what}\n${this.#output}`.trimEnd());
  }
}
