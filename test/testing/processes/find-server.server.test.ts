import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkServer } from '../../../src/server-check.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import {
  connectOrStartServer,
  findLiveKitServer,
  ownServer,
} from '../../../src/testing/processes/find-server.ts';
import { describeWithServerInstalled } from '../../support/real-parts.ts';

const SLOW = 120_000;

describeWithServerInstalled('a tool that needs a LiveKit server', () => {
  const binary = findLiveKitServer() ?? '';
  let folder = '';
  let said: string[] = [];
  let server: LiveKitServer | undefined;
  const say = (line: string) => void said.push(line);
  const read = (name: string) => readFile(join(folder, name), 'utf8');

  beforeEach(async () => {
    said = [];
    server = undefined;
    folder = await mkdtemp(join(tmpdir(), 'sightline-server-'));
    // No server, no Docker and no Go, but those that a test puts here.
    for (const name of ['PATH', 'HOME', 'GOPATH', 'GOBIN']) vi.stubEnv(name, folder);
    vi.stubEnv('LIVEKIT_URL', '');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  /** A program of the machine, which keeps a list of its calls. */
  async function install(name: string, script: string): Promise<void> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho "$@" >> "${folder}/${name}.calls"\n${script}\n`);
    await chmod(path, 0o755);
  }

  async function answers({ url, apiKey, apiSecret }: LiveKitServer): Promise<void> {
    await checkServer(url, apiKey, apiSecret);
  }

  test(
    'it starts the binary of PATH, and names it',
    async () => {
      await install('livekit-server', `exec "${binary}" "$@"`);
      server = await connectOrStartServer(say);
      await answers(server as LiveKitServer);
      expect(said).toEqual([
        `LiveKit server: ${join(folder, 'livekit-server')}, started for this run`,
      ]);
    },
    SLOW,
  );

  test(
    'it runs a container on loopback if Docker runs, and ends the container',
    async () => {
      // Everything of Docker succeeds but the inspection of an image that was never pulled.
      await install(
        'docker',
        `case "$1" in
          image) exit 1 ;;
          run) exec "${binary}" ;;
        esac`,
      );
      server = await ownServer(say, folder);
      await answers(server as LiveKitServer);
      expect(said.at(0)).toContain('Docker pulls livekit/livekit-server:');
      expect(said.at(-1)).toBe('LiveKit server: a Docker container, started for this run');
      const run = (await read('docker.calls'))
        .split('\n')
        .findLast((call) => call.startsWith('run'));
      const port = new URL(server?.url ?? '').port;
      expect(run).toContain(`--publish 127.0.0.1:${port}:${port} `);
      expect(run?.match(/--publish 127\.0\.0\.1:/g)).toHaveLength(3);
      expect(run).not.toContain(server?.apiSecret);

      await server?.stop();
      const name = / --name (\S+)/.exec(run ?? '')?.[1];
      expect((await read('docker.calls')).trim().split('\n').at(-1)).toBe(`kill ${name}`);
    },
    SLOW,
  );

  test(
    'it builds the server with Go once, and uses what was built from then on',
    async () => {
      const cache = join(folder, 'cache');
      await install(
        'go',
        `if [ "$1" = install ]; then exec /bin/ln -s "${binary}" "$GOBIN/server"; fi`,
      );
      server = await ownServer(say, cache);
      await answers(server as LiveKitServer);
      expect(said.at(0)).toMatch(/^Go builds LiveKit's server v/);
      await server?.stop();

      server = await ownServer(say, cache);
      await answers(server as LiveKitServer);
      const builds = (await read('go.calls')).split('\n').filter((call) => /install/.test(call));
      expect(builds).toHaveLength(1);
      expect(said.at(-1)).toContain(join(cache, 'server'));
    },
    SLOW,
  );

  test('it reports why Docker and Go failed, and starts nothing', async () => {
    await install('docker', 'if [ "$1" != version ]; then echo no network; exit 1; fi');
    await install('go', 'if [ "$1" = install ]; then echo no space left >&2; exit 1; fi');
    expect(await ownServer(say, join(folder, 'cache'))).toBeUndefined();
    expect(said).toContain('Docker did not pull it: it ended with code 1, at: no network');
    expect(said).toContain('Go did not build it: it ended with code 1, at: no space left');
  });

  test('it starts nothing on a machine without a server, Docker and Go', async () => {
    expect(await ownServer(say, folder)).toBeUndefined();
    expect(said).toEqual([]);
  });
});
