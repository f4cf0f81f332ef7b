import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterEach, expect, test } from 'vitest';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { endChildren } from '../../src/testing/processes/child.ts';
import { DeployedWorker } from '../../src/testing/processes/deployed-worker.ts';
import { User } from '../../src/testing/processes/user.ts';
import { randomText, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { isAlive, jobProcess, START_LIMIT_MS } from '../support/worker.ts';

const SLOW = 400_000;
/**
 * The server waits for a participant whose connection broke before it removes them from the room.
 */
const GONE_LIMIT_MS = 90_000;
const BUSY_LIMIT_MS = 30_000;

afterEach(endChildren);

describeWithServer('a worker whose job is killed', (server) => {
  test(
    'a worker whose job is killed goes on, and sends the next requested agent into the same room',
    async () => {
      const { child: worker } = await DeployedWorker.start(server(), { SIGHTLINE_MODEL: 'reader' });
      const user = new User();
      const room = uniqueRoomName('killed');
      await user.request({ do: 'connect', ticket: await ticket(server(), room, 'user') });
      await agentComes(server(), room);
      const first = await user.request({ do: 'meetAgent' }, START_LIMIT_MS);
      const text = randomText();
      await user.request({ do: 'share', what: 'camera', text });
      await user.askUntil(text);

      const job = jobProcess(worker);
      const killedAt = Date.now();
      process.kill(job, 'SIGKILL');
      await until('the end of the job', () => !isAlive(job));
      await until(
        'the agent out of the room',
        async () => !(await identitiesIn(server(), room)).includes(first),
        GONE_LIMIT_MS,
      );
      console.info({ agentGoneAfterMs: Date.now() - killedAt });
      expect(worker.groupIsAlive).toBe(true);

      // LiveKit does not dispatch a failed job again: the application has to request an agent.
      await dispatchClient(server()).createDispatch(room, '');
      await agentComes(server(), room);
      await user.request({ do: 'meetAgent' }, START_LIMIT_MS);
      expect(await user.askUntil(text)).toContain(text);
      await until('a word of another process', () => jobProcess(worker) !== job);
      await user.leave();
    },
    SLOW,
  );
});

const httpOf = ({ url }: LiveKitServer) => url.replace('ws', 'http');

const dispatchClient = (server: LiveKitServer) =>
  new AgentDispatchClient(httpOf(server), server.apiKey, server.apiSecret);

/**
 * Waits for an agent, and requests another one if the worker was too busy to accept the job in
 * time.
 */
async function agentComes(server: LiveKitServer, room: string): Promise<void> {
  const isThere = async () =>
    (await identitiesIn(server, room)).some((identity) => identity.startsWith('agent-'));
  for (let time = 1; ; time++) {
    try {
      return await until('an agent in the room', isThere, BUSY_LIMIT_MS);
    } catch (error) {
      if (time === 3) throw error;
      await dispatchClient(server).createDispatch(room, '');
    }
  }
}

async function identitiesIn(server: LiveKitServer, room: string): Promise<string[]> {
  const rooms = new RoomServiceClient(httpOf(server), server.apiKey, server.apiSecret);
  return (await rooms.listParticipants(room)).map(({ identity }) => identity);
}
