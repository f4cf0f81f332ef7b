import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findLiveKitServer } from '../../src/testing/processes/find-server.ts';
import { describeWithServerInstalled } from '../support/real-parts.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'examples/deploy');
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  depends_on?: string[] | Record<string, unknown>;
  stop_grace_period?: string;
}

const { services } = parse(read('docker-compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
};
const livekit = parse(read('livekit.yaml')) as {
  redis: { address: string };
};
const nodes = Object.entries(services).filter(([name]) => name.startsWith('livekit-'));
const worker = services.worker as Service;

describe('the compose file', () => {
  test.each(Object.entries(services))(
    'the compose file names files and services that exist: %s',
    (_, service) => {
      for (const volume of service.volumes ?? [])
        expect(existsSync(join(FOLDER, volume.split(':')[0] ?? '')), volume).toBe(true);
      const { build, command = [], depends_on = [] } = service;
      if (build) expect(existsSync(join(FOLDER, build.context, build.dockerfile))).toBe(true);
      for (const word of command.filter((text) => /\.(ts|mjs)$/.test(text)))
        expect(existsSync(join(ROOT, word)), word).toBe(true);
      const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      for (const name of needed) expect(Object.keys(services)).toContain(name);
    },
  );

  test('the compose file pins one version of each image, and its Redis requires a password', () => {
    const images = Object.values(services).flatMap(({ image }) => image ?? []);
    const base = /^FROM (\S+)/m.exec(read('Dockerfile'))?.[1] ?? '';
    for (const image of [...images, base]) expect(image).toMatch(/:v?\d+\.\d+\.\d+|@sha256:/);
    const { command = [], environment } = services.redis as Service;
    expect(command.join(' ')).toContain('requirepass $$REDIS_PASSWORD');
    expect(environment?.REDIS_PASSWORD).toMatch(/:\?/);
    for (const [, node] of nodes)
      expect(node.environment?.REDIS_PASSWORD).toBe(environment?.REDIS_PASSWORD);
  });

  test('the compose file has two nodes with one Redis, each on its own ports', () => {
    expect(nodes).toHaveLength(2);
    expect(services.redis?.ports?.[0]).toMatch(new RegExp(`^${livekit.redis.address}:`));
    const ports = nodes.flatMap(([, { command = [], environment = {} }]) => [
      command[command.indexOf('--port') + 1],
      command[command.indexOf('--rtc.tcp_port') + 1],
      environment.UDP_PORT,
    ]);
    for (const port of ports) expect(port).toMatch(/^\d+$/);
    expect(new Set(ports).size).toBe(ports.length);
    for (const [, { environment = {} }] of nodes)
      expect(environment.LIVEKIT_KEYS).toMatch(/LIVEKIT_API_KEY.*: .*LIVEKIT_API_SECRET/);
    expect(worker.environment?.LIVEKIT_URL).toBe(`ws://host.docker.internal:${ports[0]}`);
  });

  test('the compose file sets only variables that are read', () => {
    const framework = readFileSync(join(ROOT, 'node_modules/@livekit/agents/dist/cli.js'), 'utf8');
    const sources = [
      ...['worker.ts', 'redispatch.ts', 'redispatcher.ts'].map(read),
      readFileSync(join(ROOT, 'src/agent.ts'), 'utf8'),
      framework,
    ].join('\n');
    for (const name of ['worker', 'redispatch'])
      for (const variable of Object.keys(services[name]?.environment ?? {}))
        expect(sources, `${variable} of ${name}`).toContain(variable);
  });

  test('the compose file lets a worker finish its rooms before it is killed', () => {
    const drainSeconds = Number(worker.environment?.WORKER_DRAIN_SECONDS);
    const grace = /^(\d+)m$/.exec(worker.stop_grace_period ?? '');
    expect(60 * Number(grace?.[1])).toBeGreaterThan(drainSeconds + 10);
  });
});

describe('the image', () => {
  const lines = read('Dockerfile').split('\n');

  test('the image copies and runs what exists', () => {
    const copied = lines.flatMap((line) => /^COPY (.*) \S+$/.exec(line)?.[1]?.split(' ') ?? []);
    const programs = lines.flatMap((line) => line.match(/examples\/[\w/.-]+\.(ts|mjs)/g) ?? []);
    expect(copied.length).toBeGreaterThan(0);
    expect(programs).toHaveLength(2);
    for (const path of [...copied, ...programs])
      expect(existsSync(join(ROOT, path)), path).toBe(true);
    // A program has to be in a folder that was copied.
    for (const path of programs) expect(copied.some((from) => path.startsWith(from))).toBe(true);
  });

  test('the image exposes the port that the worker listens on', () => {
    const port = /WORKER_PORT', (\d+)/.exec(read('worker.ts'))?.[1];
    expect(lines).toContain(`EXPOSE ${port}`);
    expect(read('health.mjs')).toContain(`'${port}'`);
  });
});

describe('the health check', () => {
  const check = (port: number) =>
    run(process.execPath, [join(FOLDER, 'health.mjs')], {
      env: { ...process.env, WORKER_PORT: String(port) },
      timeout: 15_000,
    });

  test('the health check passes only while the worker reports that it is healthy', async () => {
    let status = 200;
    const server = createServer((_, response) => {
      response.writeHead(status).end('not connected to livekit');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await check(port);
      status = 503;
      await expect(check(port)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('not connected to livekit'),
      });
    } finally {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
    await expect(check(port), 'nobody listens').rejects.toMatchObject({ code: 1 });
  });
});

describeWithServerInstalled('the configuration of the nodes', () => {
  test('the server accepts the configuration of the nodes', async () => {
    const { stdout } = await run(
      findLiveKitServer() ?? '',
      // It reports what it cannot read, and then no ports.
      ['--config', join(FOLDER, 'livekit.yaml'), 'ports'],
      { timeout: 15_000 },
    );
    expect(stdout).toContain('HTTP service');
  });
});
