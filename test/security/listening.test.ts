import { afterEach, expect, test } from 'vitest';
import { startInspector } from '../../src/inspect/index.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { LOOPBACK, listeningOn, portOf } from '../support/listening.ts';
import { describeWithServer } from '../support/real-parts.ts';

afterEach(endChildren);

test.runIf(process.platform === 'linux')('the inspector is for this machine only', async () => {
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
