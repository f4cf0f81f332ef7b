import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { HOW_TO_GET_A_SERVER } from '../../src/testing/livekit-server.ts';
import {
  givenServer,
  ownServer,
  runningDevServer,
} from '../../src/testing/processes/find-server.ts';
import { messageOf } from '../../src/thrown.ts';
import type { DemoOptions } from './options.ts';

/**
 * What a run would otherwise know at its end only: that a file cannot be written, or a port is taken.
 *
 * @throws Error of one line that names the option.
 */
export async function checkTargets({ json, record, port }: DemoOptions): Promise<void> {
  for (const [option, file] of Object.entries({ json, record })) {
    if (file === undefined) continue;
    try {
      const opened = await open(file, 'a');
      const stats = await opened.stat();
      await opened.close();
      // A recorder refuses it when it begins; the figures may go to a pipe.
      if (option === 'record' && !stats.isFile()) throw new Error('it is no file');
    } catch (error) {
      throw new Error(`--${option} ${file}: it cannot be written (${messageOf(error)})`);
    }
  }
  if (port === undefined) return;
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new Error(
      `--port ${port}: nothing can be served there (${messageOf(error)}). ` +
        'Give another port, or leave the option out for a free one',
    );
  }
  probe.close();
  await once(probe, 'close');
}

/**
 * The server that the options need; `undefined` if they need none.
 *
 * @throws Error with the ways to get one, or with what is wrong about the one of the environment.
 */
export async function serverFor(
  { web, avatar, livekit }: DemoOptions,
  say: (text: string) => void,
) {
  if (!web && !livekit) return undefined;
  const server =
    (await givenServer(say)) ?? (await runningDevServer(say)) ?? (await ownServer(say));
  if (server) return server;
  const option = web ? '--web' : avatar ? '--avatar' : '--livekit';
  throw new Error(`${option} needs a LiveKit server: ${HOW_TO_GET_A_SERVER}`);
}
