import { afterAll, afterEach, expect, test } from 'vitest';
import { TextReader } from '../../offline/text-reader.ts';
import type { ReceivedFrame } from '../../src/testing/fakes/service-record.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { Child, type Environment, endChildren } from '../../src/testing/processes/child.ts';
import { User } from '../../src/testing/processes/user.ts';
import { randomText, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import { within } from '../../src/testing/waits.ts';
import {
  REALTIME_PROVIDERS,
  type RealtimeService,
} from '../support/providers/realtime-services.ts';
import { describeWithServer } from '../support/real-parts.ts';

/** A worker, a job and a user are three programs, and machines that run tests are busy. */
const SLOW = 300_000;
const START_LIMIT_MS = 120_000;
const READ_LIMIT_MS = 40_000;
/** A worker waits 10 s for a process that it did not inform of the end. */
const END_LIMIT_MS = 40_000;

const reader = new TextReader();
const fakes: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await endChildren();
  await Promise.all(fakes.splice(0).map((fake) => fake.close()));
});
afterAll(() => reader.close());

describeWithServer('the worker with a realtime model', (server) => {
  test.each(REALTIME_PROVIDERS)(
    "a worker with a realtime model sends it the user's camera and screen: $name",
    async ({ make, environment }) => {
      const fake = make();
      fakes.push(fake);
      const { baseUrl } = await fake.listen();
      const worker = await startWorker(server(), environment(baseUrl));
      const user = new User();
      const room = uniqueRoomName('realtime');
      await user.request({ do: 'connect', ticket: await ticket(server(), room, 'user') });
      await user.request({ do: 'meetAgent' }, START_LIMIT_MS);

      const [camera, screen] = [randomText(), randomText()];
      await user.request({ do: 'share', what: 'camera', text: camera });
      await readUntil(fake, camera);
      expect(fake.frames.at(-1)).toMatchObject({ mimeType: 'image/jpeg', width: 640, height: 360 });

      await user.request({ do: 'share', what: 'screen', text: screen });
      await readUntil(fake, screen);
      const before = fake.frames.length;
      await user.request({ do: 'stop', what: 'screen' });
      await readUntil(fake, camera, before);
      expect(fake.violations).toEqual([]);

      await user.leave();
      worker.signal('SIGTERM');
      await within('end of the worker', worker.ended, END_LIMIT_MS);
      await worker.groupIsGone();
    },
    SLOW,
  );
});

/** Reads the pictures that the fake gets, from this one on, until one shows the text. */
async function readUntil(fake: RealtimeService, text: string, from = 0): Promise<void> {
  const words: string[] = [];
  const deadline = performance.now() + READ_LIMIT_MS;
  for (let next = from; performance.now() < deadline; next++) {
    await fake.until(() => fake.frames.length > next, 'a picture', READ_LIMIT_MS);
    const { data } = fake.frames[next] as ReceivedFrame;
    words.push(await reader.read(data));
    if (words.at(-1)?.includes(text)) return;
  }
  throw new Error(`no picture shows ${text}: ${words.join('; ')}`);
}

async function startWorker(
  { url, apiKey, apiSecret }: LiveKitServer,
  environment: Environment,
): Promise<Child> {
  const worker = new Child(['src/agent.ts', 'dev'], {
    SIGHTLINE_MODEL: undefined,
    GOOGLE_API_KEY: undefined,
    OPENAI_API_KEY: undefined,
    ...environment,
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    LOG_LEVEL: 'info',
  });
  await worker.line(/registered worker/, START_LIMIT_MS);
  return worker;
}
