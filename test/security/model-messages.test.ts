import { EventEmitter } from 'node:events';
import * as openai from '@livekit/agents-plugin-openai';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { realtimeVideoSink } from '../../src/index.ts';
import { openaiVideoSink } from '../../src/models/openai.ts';
import type { JsonObject } from '../../src/testing/fakes/json.ts';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import { picture } from '../support/sample-pictures.ts';
import { anyJson } from '../support/security/hostile.ts';

const TYPES = [
  ...['conversation.item.added', 'conversation.item.created', 'conversation.item.deleted'],
  ...['error', 'constructor', ''],
];

/** Fields that the sink reads from an event, with any value or missing. */
const anyEvent = (): fc.Arbitrary<unknown> => {
  const field = fc.oneof(
    anyJson(),
    fc.record({ id: anyJson(), event_id: anyJson() }, { requiredKeys: [] }),
  );
  return fc.oneof(
    anyJson(),
    fc.record(
      { type: fc.constantFrom(...TYPES), item: field, item_id: field, error: field },
      { requiredKeys: ['type'] },
    ),
  );
};

test('the sink accepts any event of OpenAI’s service', () => {
  const session = Object.assign(new EventEmitter(), {
    sendEvent: () => {},
    runWs: async () => {},
    close: async () => {},
    updateChatCtx: async () => {},
    remoteChatCtx: { get: () => undefined, delete: () => {} },
  });
  openaiVideoSink(session as unknown as Parameters<typeof openaiVideoSink>[0], {
    keepPictures: 1,
    detail: 'low',
  });
  fc.assert(
    fc.property(anyEvent(), (event) => {
      session.emit('openai_server_event_received', event);
    }),
    { numRuns: 300 },
  );
});

test('the plugin works after absurd events, and pictures are still sent', async () => {
  const fake = new FakeOpenAIRealtime();
  const { baseUrl } = await fake.listen();
  const session = new openai.realtime.RealtimeModel({ apiKey: 'k', baseURL: baseUrl }).session();
  session.on('error', () => {});
  const sink = realtimeVideoSink(session);
  const image = {
    ...{ data: await picture('jpeg'), mimeType: 'image/jpeg' as const, width: 64, height: 48 },
  };
  try {
    await fake.until(() => sink.connection() !== undefined, 'a connection');
    const event = anyEvent().filter((value) => Object(value).type !== undefined);
    fc.assert(
      fc.property(event, (value) => fake.connection.send(value as JsonObject)),
      { numRuns: 50 },
    );
    await fake.connection.reaction();
    expect(sink.push(image)).toBe('sent');
    await fake.until(() => fake.frames.length === 1, 'a picture');
  } finally {
    const closed = session.close();
    // The plugin waits for something to send.
    session.sendEvent({ type: 'input_audio_buffer.clear' });
    await closed;
    await fake.close();
  }
});
