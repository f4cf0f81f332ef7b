import { afterEach, expect, test } from 'vitest';
import { startInspector } from '../../src/inspect/index.ts';
import { Child, type Environment, endChildren } from '../../src/testing/processes/child.ts';
import { freePort } from '../../src/testing/processes/free-port.ts';
import { LOOPBACK, listeningOn, portOf } from '../support/listening.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { NO_MODEL, START_LIMIT_MS } from '../support/worker.ts';

afterEach(endChildren);

test.runIf(process.platform === 'linux')('the inspector listens on loopback only', async () => {
  const before = listeningOn('self');
  const inspector = await startInspector();
  const opened = listeningOn('self').filter((address) => !before.includes(address));
  expect(opened.map(portOf)).toEqual([inspector.port]);
  for (const address of opened) expect(address).toMatch(LOOPBACK);
  await inspector.close();
});

test.runIf(process.platform === 'linux')(
  'npx sightline inspect listens on loopback only',
  async () => {
    const child = new Child(['src/cli/main.ts', 'inspect', '--port', '0'], {
      SIGHTLINE_INSPECT_FILE: `/tmp/sightline-listening-${process.pid}.json`,
    });
    await child.line(/Inspector {3}http/);
    const opened = listeningOn(child.pid);
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatch(LOOPBACK);
    child.signal('SIGTERM');
    await child.ended;
  },
);

describeWithServer('a worker', (server) => {
  const openedBy = async (program: string, more: Environment = {}) => {
    const { url, apiKey, apiSecret } = server();
    const worker = new Child([program, 'dev'], {
      ...NO_MODEL,
      SIGHTLINE_MODEL: 'reader',
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      LOG_LEVEL: 'info',
      WORKER_PORT: String(await freePort()),
      ...more,
    });
    await worker.line(/registered worker/, START_LIMIT_MS);
    return listeningOn(worker.pid);
  };

  test
    .runIf(process.platform === 'linux')
    .each([
      'src/agent.ts',
      'examples/deploy/worker.ts',
      'examples/shop-door.ts',
      'examples/silent-logger.ts',
      'examples/screen-tutor.ts',
    ])(
    'the health check listens on loopback only by default: %s',
    async (program) => {
      const opened = await openedBy(program, { WORKER_HOST: undefined });
      expect(opened).not.toEqual([]);
      for (const address of opened) expect(address).toMatch(LOOPBACK);
    },
    START_LIMIT_MS,
  );

  test.runIf(process.platform === 'linux')(
    'the health check listens on other interfaces if WORKER_HOST says so',
    async () => {
      const opened = await openedBy('examples/deploy/worker.ts', { WORKER_HOST: '0.0.0.0' });
      expect(opened.some((address) => !LOOPBACK.test(address))).toBe(true);
    },
    START_LIMIT_MS,
  );
});

describeWithServer('the LiveKit server of the demo', (server) => {
  test.runIf(process.platform === 'linux')(
    'the LiveKit server of the demo listens on loopback only',
    () => {
      const { url, pid } = server();
      const asked = listeningOn(pid ?? 0).filter(
        (address) => portOf(address) === Number(new URL(url).port),
      );
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatch(LOOPBACK);
    },
  );
});
