import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LiveKitServer, startLiveKitServer } from '../../src/testing/livekit-server.ts';
import { findBrowser, HOW_TO_GET_A_BROWSER } from '../../src/testing/processes/find-browser.ts';
import { findLiveKitServer } from '../../src/testing/processes/find-server.ts';

/** A program that is installed on the machine, not from the package registry. */
interface Part {
  name: string;
  path: string | undefined;
  howToGet: string;
}

/** A missing program then fails a suite instead of skipping it. */
const requireAll = process.env.SIGHTLINE_REQUIRE_ALL === '1';

const serverPart: Part = {
  name: 'livekit-server',
  path: findLiveKitServer(),
  howToGet: 'go install github.com/livekit/livekit-server/cmd/server@v1.11.0',
};

const browserPart: Part = {
  name: 'chromium',
  path: findBrowser(),
  howToGet: HOW_TO_GET_A_BROWSER,
};

/** The path of the browser; only inside suites that need one. */
export const browserPath = (): string => pathOf(browserPart);

/** A suite with its own LiveKit server; `server()` is available from `beforeAll` on. */
export function describeWithServer(name: string, suite: (server: () => LiveKitServer) => void) {
  describeWith([serverPart], name, () => suite(ownServer()));
}

/** A suite that starts servers itself. */
export function describeWithServerInstalled(name: string, suite: () => void) {
  describeWith([serverPart], name, suite);
}

export function describeWithBrowser(name: string, suite: () => void) {
  describeWith([browserPart], name, suite);
}

export function describeWithServerAndBrowser(
  name: string,
  suite: (server: () => LiveKitServer) => void,
) {
  describeWith([serverPart, browserPart], name, () => suite(ownServer()));
}

function describeWith(parts: readonly Part[], name: string, suite: () => void): void {
  const missing = parts.filter(({ path }) => path === undefined);
  const complaint = missing.map(({ name, howToGet }) => `${name} is missing (${howToGet})`);
  if (missing.length > 0 && requireAll) {
    describe(name, () => {
      test('the programs that this suite needs are installed', () => {
        throw new Error(complaint.join('; '));
      });
    });
    return;
  }
  if (missing.length > 0) process.stderr.write(`skipped: "${name}": ${complaint.join('; ')}\n`);
  describe.skipIf(missing.length > 0)(name, suite);
}

/** Starts a server before the suite's tests, and ends it after them. */
function ownServer(): () => LiveKitServer {
  let running: LiveKitServer | undefined;
  beforeAll(async () => {
    running = await startLiveKitServer(pathOf(serverPart));
  });
  afterAll(async () => {
    await running?.stop();
  });
  return () => {
    if (!running) throw new Error('the server runs inside of tests only');
    return running;
  };
}

function pathOf({ name, path }: Part): string {
  if (!path) throw new Error(`${name} is missing`);
  return path;
}
