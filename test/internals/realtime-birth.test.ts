import { llm } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSession } from '../../src/internals/realtime-birth.ts';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';

const fake = new FakeOpenAIRealtime();
let model: openai.realtime.RealtimeModel;
beforeAll(async () => {
  const { baseUrl } = await fake.listen();
  model = new openai.realtime.RealtimeModel({ apiKey: 'k', baseURL: baseUrl });
});
afterAll(() => fake.close());

test('a realtime session is reported once, before the constructor of its plugin connects', async () => {
  const prototype = llm.RealtimeSession.prototype as unknown as Record<string, unknown>;
  const before = prototype._mainTaskImpl;
  expect(before).toBeTypeOf('function');
  const born: { session: object; connects: boolean }[] = [];
  const session = makeSession(
    () => model.session(),
    (made) => {
      const record = { session: made, connects: false };
      born.push(record);
      const { createWsConn } = made as unknown as { createWsConn(): Promise<unknown> };
      Object.assign(made, {
        createWsConn() {
          record.connects = true;
          return createWsConn.call(made);
        },
      });
    },
  );
  session.on('error', () => {});
  expect(born).toEqual([{ session, connects: true }]);
  expect(prototype._mainTaskImpl).toBe(before);
  await fake.until(() => fake.connections.length === 1, 'a connection');
  fake.closeConnection(1000);
  await session.close();
});
