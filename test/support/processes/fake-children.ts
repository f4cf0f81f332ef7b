import childProcess, { type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { PassThrough } from 'node:stream';

interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  readonly detached?: boolean;
}

/** A child process without a process: a test plays the program. */
export class FakeChild extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  /** Messages that the program was sent. */
  readonly received: unknown[] = [];
  /** Signals that the program was sent. */
  readonly signals: unknown[] = [];
  connected = true;
  pid: number | undefined = 4321;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;

  constructor(
    readonly program: string,
    readonly args: readonly string[],
    readonly options: ChildOptions,
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

  /** The program and its output end. */
  end(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.connected = false;
    this.exitCode = code;
    this.signalCode = signal;
    this.stdout.end();
    this.stderr.end();
    this.emit('exit', code, signal);
    this.emit('close', code, signal);
  }
}

const { fork, spawn } = childProcess;

/** From now on, `fork` and `spawn` start a fake child, which is passed to `onChild` first. */
export function fakeChildren(onChild: (child: FakeChild) => void): void {
  const start = (program: string, args: readonly string[], options: ChildOptions) => {
    const child = new FakeChild(program, args, options);
    onChild(child);
    return child as unknown as ChildProcess;
  };
  replace(
    ((program: string, options: ChildOptions) => start(program, [], options)) as typeof fork,
    start as unknown as typeof spawn,
  );
}

/** `fork` and `spawn` start processes again. For `afterEach`. */
export const restoreChildren = (): void => replace(fork, spawn);

function replace(nextFork: typeof fork, nextSpawn: typeof spawn): void {
  childProcess.fork = nextFork;
  childProcess.spawn = nextSpawn;
  syncBuiltinESMExports();
}
