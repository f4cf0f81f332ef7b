import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { startInspector } from '../../src/inspect/index.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { startPageServer } from '../../tools/demo/web/page-server.ts';
import { describeWithServer } from '../support/real-parts.ts';

afterEach(endChildren);

/** Addresses on which a process listens for TCP, as the kernel lists them: hex, port included. */
function listeningOn(pid: number | 'self'): string[] {
  const folder = `/proc/${pid}/fd`;
  const sockets = readdirSync(folder).flatMap((name) => {
    try {
      return /socket:\[(\d+)\]/.exec(readlinkSync(`${folder}/${name}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.includes(inode ?? ''))
      .map(([, local = '']) => local),
  );
}

const LOOPBACK = /^0100007F:/;
const portOf = (address: string) => Number.parseInt(address.split(':')[1] ?? '', 16);

test.runIf(process.platform === 'linux')('what we serve is for this machine only', async () => {
  const before = listeningOn('self');
  const inspector = await startInspector();
  const page = await startPageServer({
    files: new Map(),
    livekitUrl: 'ws://127.0.0.1:1',
    makeTicket: async () => Promise.reject(new Error('no tickets here')),
  });
  const opened = listeningOn('self').filter((address) => !before.includes(address));
  expect(opened.map(portOf).sort()).toEqual(
    [inspector.port, Number(new URL(page.url).port)].sort(),
  );
  for (const address of opened) expect(address).toMatch(LOOPBACK);
  await Promise.all([inspector.close(), page.close()]);
});

test.runIf(process.platform === 'linux')('npm run inspect too', async () => {
  const child = new Child(['tools/inspector/main.ts', '--port', '0'], {
    SIGHTLINE_INSPECT_FILE: `/tmp/sightline-listening-${process.pid}.json`,
  });
  await child.line(/Inspector {3}http/);
  const opened = listeningOn(child.pid);
  expect(opened).toHaveLength(1);
  expect(opened[0]).toMatch(LOOPBACK);
  child.signal('SIGTERM');
  await child.ended;
});

describeWithServer('the LiveKit server of the demo', (server) => {
  test.runIf(process.platform === 'linux')('takes requests from this machine only', () => {
    const { url, pid } = server();
    const asked = listeningOn(pid ?? 0).filter(
      (address) => portOf(address) === Number(new URL(url).port),
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(LOOPBACK);
  });
});
