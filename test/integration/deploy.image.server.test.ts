import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../src/testing/processes/free-port.ts';
import { until, within } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SLOW = 400_000;
const LIMIT_MS = 180_000;
const run = promisify(execFile);

/** What the steps of the image say. */
interface Image {
  /** Sources of each `COPY`, and its destination. */
  readonly copies: readonly { from: string[]; to: string }[];
  readonly command: string[];
  readonly health: string[];
  readonly stopSignal: NodeJS.Signals;
}

async function readImage(): Promise<Image> {
  const text = await readFile(join(ROOT, 'examples/deploy/Dockerfile'), 'utf8');
  const steps = text.replaceAll(/\\\n\s*/g, '').split('\n');
  const all = (word: string) =>
    steps.filter((step) => step.startsWith(`${word} `)).map((step) => step.slice(word.length + 1));
  const words = (step = '[]'): string[] => JSON.parse(step.slice(step.indexOf('[')));
  return {
    copies: all('COPY').map((step) => {
      const from = step.split(' ');
      return { to: from.pop() ?? '', from };
    }),
    command: words(all('CMD')[0]),
    health: words(all('HEALTHCHECK')[0]),
    stopSignal: all('STOPSIGNAL')[0] as NodeJS.Signals,
  };
}

/** The steps of the image without Docker: nothing of the repository but what it copies. */
describeWithServer('the steps of the image in an empty folder', (server) => {
  let folder = '';
  let worker: ChildProcess | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sightline-image-'));
  });
  afterEach(async () => {
    worker?.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  test(
    'the worker becomes healthy, and ends on the stop signal of the image',
    async () => {
      const image = await readImage();
      for (const { from, to } of image.copies)
        for (const source of from) {
          const target = to === './' ? join(folder, basename(source)) : join(folder, to);
          await cp(join(ROOT, source), target, { recursive: true });
        }
      // Instead of `npm ci`: the packages of the same lock file.
      await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

      const { url, apiKey, apiSecret } = server();
      const environment = {
        ...{ PATH: process.env.PATH, HOME: folder, NODE_ENV: 'production' },
        ...{ LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret },
        ...{ SIGHTLINE_MODEL: 'reader', WORKER_PORT: String(await freePort()) },
      };
      const [program = '', ...args] = image.command;
      const started = spawn(program, args, {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      worker = started;
      let output = '';
      for (const stream of [started.stdout, started.stderr])
        stream.on('data', (part) => {
          output += String(part);
        });
      const ended = new Promise<number | null>((resolve) => started.once('exit', resolve));
      const isHealthy = async () => {
        if (started.exitCode !== null) throw new Error(`the worker ended:\n${output}`);
        const [check = '', ...rest] = image.health;
        return run(check, rest, { cwd: folder, env: environment }).then(
          () => true,
          () => false,
        );
      };
      await until('a healthy worker', isHealthy, LIMIT_MS);
      started.kill(image.stopSignal);
      // It ended by itself: a process that the signal kills has no code.
      expect(await within('end of the worker', ended, LIMIT_MS)).toBe(143);
    },
    SLOW,
  );
});
