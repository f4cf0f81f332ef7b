import type { JobContext } from '@livekit/agents';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import geminiLive from '../../../examples/gemini-live.ts';
import pipeline from '../../../examples/pipeline.ts';
import { TextReader } from '../../../offline/text-reader.ts';
import { FakeChatCompletions } from '../../../src/testing/fakes/chat-completions.ts';
import { FakeGeminiLive } from '../../../src/testing/fakes/gemini-live.ts';
import { within } from '../../../src/testing/waits.ts';
import { describeWithServer } from '../../support/real-parts.ts';
import { closeRooms, RealRoom } from '../../support/real-room.ts';

const SLOW = 200_000;
const reader = new TextReader();
const fakes: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await closeRooms();
  await Promise.all(fakes.splice(0).map((fake) => fake.close()));
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
}, SLOW);
afterAll(() => reader.close());

/** A reader of small letters may confuse digits. */
const wordOf = ({ text }: { text: string }) => text.split(' ')[0];

/** What a worker passes to an example: the room of its job. */
const run = (example: { entry(ctx: JobContext): unknown }, { agentRoom }: RealRoom) =>
  example.entry({ room: agentRoom } as unknown as JobContext);

describeWithServer('an agent of examples/', (server) => {
  test(
    'pipeline.ts sends the picture with a typed turn',
    async () => {
      const service = new FakeChatCompletions();
      fakes.push(service);
      vi.stubEnv('LIVEKIT_INFERENCE_URL', await service.listen());
      vi.stubEnv('LIVEKIT_API_KEY', 'key');
      vi.stubEnv('LIVEKIT_API_SECRET', 'a secret of at least thirty-two letters');
      const watching = vi.spyOn(console, 'log').mockImplementation(() => {});
      const room = await RealRoom.withAgent(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      await run(pipeline, room);
      await vi.waitFor(() => expect(watching).toHaveBeenCalledWith('now watching the camera'), {
        timeout: 30_000,
      });
      const ask = async () => {
        const asked = service.next(({ text }) => text.endsWith('What is this?'));
        await user.room.localParticipant?.sendText('What is this?', { topic: 'lk.chat' });
        return (await within('the question', asked)).pictures;
      };
      let pictures = await ask();
      // On a busy machine, the camera's first frame takes longer than a turn waits for it.
      while (pictures.length === 0) pictures = await ask();
      expect(pictures).toHaveLength(1);
      expect(await textIn(pictures[0])).toContain(wordOf(camera));
    },
    SLOW,
  );

  test(
    'gemini-live.ts sends the camera to the model',
    async () => {
      const service = new FakeGeminiLive({ apiKey: 'k' });
      fakes.push(service);
      const { baseUrl } = await service.listen();
      vi.stubEnv('GOOGLE_API_KEY', 'k');
      vi.stubEnv('GOOGLE_GEMINI_BASE_URL', baseUrl);
      const room = await RealRoom.withAgent(server());
      const user = await room.join('user');
      const camera = await user.share('camera');
      await run(geminiLive, room);
      const { data } = await service.nextFrame(undefined, 30_000);
      expect(await reader.read(data)).toContain(wordOf(camera));
      expect(service.violations).toEqual([]);
      const { closed } = service.connection;
      await closeRooms();
      await within('the end of its session', closed);
    },
    SLOW,
  );
});

const textIn = (dataUrl = '') => reader.read(Buffer.from(dataUrl.split(',')[1] ?? '', 'base64'));
