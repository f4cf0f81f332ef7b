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
  /** Whether it was asked to end. */
  expected: boolean;
}

/** How long it may take to leave the room and end, in ms. */
const STOP_LIMIT_MS = 3000;

/** What is kept of its output, for the message of a failure. */
const KEPT_OUTPUT = 2000;

/** The process of a local avatar. It ends at the latest with this one. */
export class AvatarProcess {
  /** When it is over. */
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
    // Nobody may be waiting for it.
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
        this.#onJoined(failed(`its process cannot start: ${error.message}`));
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
   * Waits until it is in the room.
   *
   * @throws AvatarError when it cannot join, ends, or takes longer than the limit.
   */
  async untilJoined(limitMs: number): Promise<void> {
    const message = `the avatar was not in the room within ${limitMs} ms: is the server in reach?`;
    await within(limitMs, this.#joined, () => new AvatarError('start-timeout', message));
  }

  /** Asks it to leave, and ends it by force if need be. Safe to call again. */
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
    // It may be gone already, which `ended` tells.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

const failed = (why: string): AvatarError =>
  new AvatarError('start-failed', `the avatar did not start: ${why}`);

/** The program as it is next to this file: built, or TypeScript with its loader. */
function avatarProgram(): { program: string; execArgv: string[] } {
  if (!import.meta.url.endsWith('.ts'))
    return { program: besides('./local-avatar-process.js'), execArgv: [] };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { program: besides('./local-avatar-process.ts'), execArgv: ['--import', loader] };
}

const besides = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
