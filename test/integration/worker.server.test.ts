import { RoomServiceClient } from 'livekit-server-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { User } from '../../src/testing/processes/user.ts';
import { randomText, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until, within } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { isAlive, jobProcess, NO_MODEL, START_LIMIT_MS, startWorker } from '../support/worker.ts';

/** A worker, a job and a user are three programs, and machines that run tests are busy. */
const SLOW = 400_000;
/** A worker waits 10 s for a process that it did not inform of the end. */
const END_LIMIT_MS = 60_000;

afterEach(endChildren);

describeWithServer('the worker', (server) => {
  test(
    'a worker reads what the user shows: a camera, then a screen, then the camera again',
    async () => {
      // Accepts jobs on a busy machine too, and opens no port for health checks.
      const worker = await startWorker(server(), 'start', '--simulation');
      const user = new User();
      const name = uniqueRoomName('worker');
      await user.request({ do: 'connect', ticket: await ticket(server(), name, 'user') });
      const agent = await user.request({ do: 'meetAgent' }, START_LIMIT_MS);
      expect(agent).toMatch(/^agent-/);

      const [camera, screen] = [randomText(), randomText()];
      await user.request({ do: 'share', what: 'camera', text: camera });
      await user.askUntil(camera);

      await user.request({ do: 'share', what: 'screen', text: screen });
      await user.askUntil(screen);
      expect(await user.ask('And now?')).not.toContain(camera);

      await user.request({ do: 'mute', what: 'screen', muted: true });
      await user.askUntil(camera);
      await user.request({ do: 'mute', what: 'screen', muted: false });
      await user.askUntil(screen);

      await user.request({ do: 'stop', what: 'screen' });
      await user.askUntil(camera);
      expect(await user.ask('And now?')).not.toContain(screen);

      const job = jobProcess(worker);
      expect(isAlive(job)).toBe(true);
      await user.leave();
      await until('the end of the job', () => !isAlive(job), END_LIMIT_MS);
      expect(await agentsIn(server(), name)).toEqual([]);

      worker.signal('SIGTERM');
      const { code } = await within('end of the worker', worker.ended, END_LIMIT_MS);
      expect(code).toBe(143);
      await worker.groupIsGone();
    },
    SLOW,
  );

  test(
    'a worker that ends during a job leaves no process',
    async () => {
      const worker = await startWorker(server(), 'dev');
      const user = new User();
      const name = uniqueRoomName('worker');
      await user.request({ do: 'connect', ticket: await ticket(server(), name, 'user') });
      await user.request({ do: 'meetAgent' }, START_LIMIT_MS);
      const camera = randomText();
      await user.request({ do: 'share', what: 'camera', text: camera });
      await user.askUntil(camera);

      worker.signal('SIGTERM');
      const { code } = await within('end of the worker', worker.ended, END_LIMIT_MS);
      expect(code).toBe(143);
      await worker.groupIsGone();
      await user.leave();
    },
    SLOW,
  );
});

describe('a worker without a model', () => {
  const ways = ['SIGHTLINE_MODEL=reader', 'GOOGLE_API_KEY=', 'OPENAI_API_KEY='];

  test.each([
    ['no model is chosen', {}, 'No model is chosen.'],
    ['the model is unknown', { SIGHTLINE_MODEL: 'oracle' }, '"oracle", which is unknown'],
  ])(
    'a worker without a model says how to choose one when %s',
    async (_, env, reason) => {
      const worker = new Child(['src/agent.ts', 'start'], { ...NO_MODEL, ...env });
      const { code } = await within('end of the worker', worker.ended, START_LIMIT_MS);
      expect(code).toBe(1);
      for (const text of [reason, ...ways]) expect(worker.output).toContain(text);
      expect(worker.output, 'a message, not a stack').not.toContain('    at ');
    },
    SLOW,
  );
});

describeWithServer('a worker whose server cannot be used', (server) => {
  test.each([
    [
      'no server answers',
      { LIVEKIT_URL: 'ws://127.0.0.1:9' },
      /^no LiveKit server answers at ws:\/\/127\.0\.0\.1:9 \(.+\): start the server, or correct LIVEKIT_URL\n$/,
    ],
    [
      'the secret is wrong',
      { LIVEKIT_API_SECRET: 'a-secret-of-another-server' },
      /^the LiveKit server at ws:\S+ refuses the key or its secret: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of this server\n$/,
    ],
    [
      'the secret is missing',
      { LIVEKIT_API_SECRET: undefined },
      /^LIVEKIT_API_SECRET is not set: set the pair of the server at ws:\S+ .*\n$/,
    ],
  ])(
    'a worker with a wrong server or key ends with one line that has the remedy and no token: %s',
    async (_, env, line) => {
      const { url, apiKey, apiSecret } = server();
      const worker = new Child(['src/agent.ts', 'start'], {
        ...NO_MODEL,
        SIGHTLINE_MODEL: 'reader',
        LIVEKIT_URL: url,
        LIVEKIT_API_KEY: apiKey,
        LIVEKIT_API_SECRET: apiSecret,
        ...env,
      });
      const { code } = await within('end of the worker', worker.ended, START_LIMIT_MS);
      expect(worker.output).toMatch(line);
      expect(worker.output).not.toContain('eyJ');
      expect(code).toBe(1);
    },
    SLOW,
  );
});

/** Identities of the participants in a room; a room that is gone has none. */
async function agentsIn({ url, apiKey, apiSecret }: LiveKitServer, room: string) {
  const rooms = new RoomServiceClient(url.replace('ws', 'http'), apiKey, apiSecret);
  const participants = await rooms.listParticipants(room).catch(() => []);
  return participants.map(({ identity }) => identity);
}
