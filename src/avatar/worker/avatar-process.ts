import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AvatarError } from '../../errors.ts';
import { within } from '../../time-limit.ts';
import { avatarEnvironment } from './avatar-environment.ts';
import { type AvatarJob, fromAvatar, type ToAvatar } from './local-avatar-messages.ts';

/** How an avatar's process ended. */
export interface AvatarExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether a stop was requested. */
  expected: boolean;
}

/** How long the process may take to leave the room and exit, in ms. */
const STOP_LIMIT_MS = 3000;

/** Characters of its output that are kept for error messages. */
const KEPT_OUTPUT = 2000;

/** The process of a local avatar. It ends at the latest with its parent. */
export class AvatarProcess {
  /** Resolves when the process has ended. */
  readonly ended: Promise<AvatarExit>;
  readonly #child: ChildProcess;
  readonly #onFault: (message: string) => void;
  readonly #joined: Promise<void>;
  #onJoined = (_problem?: AvatarError) => {};
  #stopping = false;
  #output = '';

  constructor(job: AvatarJob, onFault: (message: string) => void) {
    this.#onFault = onFault;
    this.#joined = new Promise((resolve, reject) => {
      this.#onJoined = (problem) => (problem ? reject(problem) : resolve());
    });
    // Avoids an unhandled rejection if no caller waits.
    this.#joined.catch(() => {});
    const { program, execArgv } = avatarProgram();
    this.#child = fork(program, {
      execArgv,
      env: avatarEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) =>
        resolve({ code, signal, expected: this.#stopping }),
      );
      this.#child.once('error', (error) => {
        this.#onJoined(failed(`its process could not be started: ${error.message}`));
        if (this.#child.pid === undefined)
          resolve({ code: null, signal: null, expected: this.#stopping });
      });
    });
    void this.ended.then(({ code, signal }) => {
      const tail = this.#output === '' ? '' : `; its output: ${this.#output.trim()}`;
      this.#onJoined(failed(`its process ended with ${signal ?? code}${tail}`));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output = `${this.#output}${chunk}`.slice(-KEPT_OUTPUT);
      });
    this.#child.on('message', (message) => this.#onMessage(message));
    this.#send({ type: 'start', job });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Waits until the avatar is in the room.
   *
   * @throws AvatarError if it cannot join, exits, or exceeds the limit.
   */
  async untilJoined(limitMs: number): Promise<void> {
    const message = `the avatar was not in the room within ${limitMs} ms: check that the server can be reached`;
    await within(limitMs, this.#joined, () => new AvatarError('start-timeout', message));
  }

  /** Requests it to leave, and kills it if it does not. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.#onJoined(new AvatarError('closed', 'the avatar was closed before it had joined'));
      this.#send({ type: 'stop' });
    }
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  #onMessage(received: unknown): void {
    const message = fromAvatar(received);
    if (!message) return;
    if (message.type === 'joined') this.#onJoined();
    else if (message.type === 'failed') this.#onJoined(failed(message.message));
    if (message.type === 'failed' || message.type === 'fault') this.#onFault(message.message);
  }

  #send(message: ToAvatar): void {
    // The process may have exited already, which `ended` reports.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

const failed = (why: string): AvatarError =>
  new AvatarError('start-failed', `the avatar did not start: ${why}`);

/** The program next to this file: compiled, or TypeScript with its loader. */
function avatarProgram(): { program: string; execArgv: string[] } {
  if (!import.meta.url.endsWith('.ts'))
    return { program: besides('./local-avatar-process.js'), execArgv: [] };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { program: besides('./local-avatar-process.ts'), execArgv: ['--import', loader] };
}

const besides = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
