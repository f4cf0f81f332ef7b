import childProcess, { type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { PassThrough } from 'node:stream';

/** A child process without a process: a test plays the program. */
export class FakeChild extends EventEmitter {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  /** Messages that the program was sent. */
  readonly received: unknown[] = [];
  /** Signals that the program was sent. */
  readonly signals: unknown[] = [];
  connected = true;
  pid: number | undefined = 4321;

  constructor(
    readonly program: string,
    readonly options: { readonly env?: NodeJS.ProcessEnv; readonly execArgv?: readonly string[] },
  ) {
    super();
  }

  send(message: unknown): boolean {
    this.received.push(message);
    return true;
  }

  kill(signal: unknown): boolean {
    this.signals.push(signal);
    return true;
  }

  /** The program ends. */
  end(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.connected = false;
    this.emit('exit', code, signal);
  }
}

const { fork } = childProcess;

/** From now on, `fork` starts a fake child, which is passed to `onFork` before it is used. */
export function fakeForks(onFork: (child: FakeChild) => void): void {
  replaceFork(((program: string, options: FakeChild['options']) => {
    const child = new FakeChild(program, options);
    onFork(child);
    return child as unknown as ChildProcess;
  }) as typeof fork);
}

/** `fork` starts processes again. For `afterEach`. */
export const restoreForks = (): void => replaceFork(fork);

function replaceFork(next: typeof fork): void {
  childProcess.fork = next;
  syncBuiltinESMExports();
}
