import { fileURLToPath } from 'node:url';
import { AgentServer, ServerOptions } from '@livekit/agents';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { isOffline } from './models.ts';
import { AGENT_NAME, AVATAR_VARIABLE, SENSES_VARIABLE } from './names.ts';
import { bundlePage } from './page-files.ts';
import { startPageServer } from './page-server.ts';
import { installSenses } from './senses.ts';
import { makeTicket } from './tickets.ts';

export interface WebDemoOptions {
  avatar: boolean;
  /** The port of the page on loopback; `undefined` is any free port. */
  port: number | undefined;
}

/** Time limit for the registration of the worker, in ms: its first process starts cold. */
const REGISTER_LIMIT_MS = 60_000;

/** A worker of the server, and a page to try it, until Ctrl-C. */
export async function runWebDemo(
  server: LiveKitServer,
  { avatar, port }: WebDemoOptions,
  say: (text: string) => void,
): Promise<boolean> {
  const closing: (() => Promise<void>)[] = [];
  try {
    if (isOffline(process.env)) process.env[SENSES_VARIABLE] = await installSenses(say);
    say('Starting the agent and the page');
    const files = await bundlePage();
    closing.push(await startWorker(server, avatar));
    const page = await startPageServer({
      files,
      livekitUrl: server.url,
      makeTicket: () => makeTicket(server),
      ...(port === undefined ? {} : { port }),
    });
    closing.push(() => page.close());
    say(`Open ${page.url}`);
    say(
      'The address holds a token: everyone who has it can talk to the agent. Ctrl-C ends the demo.',
    );
    await new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    return true;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Like `cli.runApp`, in this process; each visitor's agent has a separate process. */
async function startWorker(server: LiveKitServer, avatar: boolean): Promise<() => Promise<void>> {
  if (avatar) process.env[AVATAR_VARIABLE] = '1';
  const worker = new AgentServer(
    new ServerOptions({
      agent: fileURLToPath(new URL('./agent.ts', import.meta.url)),
      agentName: AGENT_NAME,
      wsURL: server.url,
      apiKey: server.apiKey,
      apiSecret: server.apiSecret,
      // Its health check, which is not used here.
      host: '127.0.0.1',
      // A LiveKit server gives a busy worker no job, and does not try again: a visitor of a busy
      // machine would wait without end.
      loadFunc: async () => 0,
      // One idle process, so that a visitor meets the agent soon.
      numIdleProcesses: 1,
      initializeProcessTimeout: 60_000,
      // The framework does not inform a process that is just starting; it is ended after this time.
      shutdownProcessTimeout: 5000,
      logLevel: process.env.LOG_LEVEL ?? 'error',
    }),
  );
  const registered = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the worker was not registered in ${REGISTER_LIMIT_MS / 1000} s`)),
      REGISTER_LIMIT_MS,
    );
    worker.event.once('worker_registered', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const running = worker.run();
  await Promise.race([registered, running]);
  return async () => {
    await worker.close();
    await running.catch((error: unknown) => console.error(String(error)));
  };
}
