import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeChatCompletions } from '../../../src/testing/fakes/chat-completions.ts';
import { FakeOpenAIRealtime } from '../../../src/testing/fakes/openai-realtime.ts';
import { WebSocketHost } from '../../../src/testing/fakes/websocket-host.ts';
import { RawClient } from '../../support/fakes/raw-client.ts';

let service: FakeOpenAIRealtime;
let url: string;

beforeEach(async () => {
  service = new FakeOpenAIRealtime();
  url = `${(await service.listen()).url}/v1/realtime?model=m`;
});
afterEach(() => service.close());

async function connect() {
  const next = service.nextConnection();
  const client = await RawClient.connect(url, { Authorization: 'Bearer k' });
  return { client, connection: await next };
}

describe('a connection of a fake service', () => {
  test('a connection has its path, its headers and a number from 1 on', async () => {
    const first = await connect();
    const second = await connect();
    expect([first.connection.id, second.connection.id]).toEqual([1, 2]);
    expect(first.connection).toMatchObject({
      path: '/v1/realtime?model=m',
      headers: { authorization: 'Bearer k' },
      isOpen: true,
      end: undefined,
    });
    expect(service.connection).toBe(second.connection);
    second.client.socket.close();
    await second.connection.closed;
    expect(() => service.connection).toThrow('no connection is open');
  });

  test.each([
    [4000, 'bye', { code: 4000, reason: 'bye', by: 'client' }],
    [undefined, undefined, { code: 1000, reason: '', by: 'client' }],
  ])('a client that closes with %s %s is the one that ended it', async (code, reason, end) => {
    const { client, connection } = await connect();
    client.socket.close(code, reason);
    expect(await connection.closed).toEqual(end);
    expect(connection).toMatchObject({ isOpen: false, end });
  });

  test.each([
    [1011, 'x'.repeat(200), 1011, 'x'.repeat(123)],
    [1005, '', 1005, ''],
    [1006, '', 1006, ''],
    [undefined, undefined, 1000, ''],
  ])(
    'a service that closes with %s is seen by the client, and ended it',
    async (code, reason, seenCode, seenReason) => {
      const { client, connection } = await connect();
      service.closeConnection(code, reason);
      connection.close(4999, 'too late');
      expect(await client.closed).toEqual({ code: seenCode, reason: seenReason });
      const expected = { code: code ?? 1000, reason: reason ?? '', by: 'service' };
      expect(await connection.closed).toEqual(expected);
      connection.send({ type: 'late' });
      expect(client.received.map(({ type }) => type)).not.toContain('late');
    },
  );

  test('what arrives after the close of the service is ignored, even if it was read late', async () => {
    const { client, connection } = await connect();
    service.pauseReading();
    client.send({ type: 'no such event' });
    service.closeConnection(1000);
    await connection.closed;
    expect([service.violations, service.messages]).toEqual([[], []]);
  });

  test('a round trip ends when the client has all that was sent, and leaves no listener', async () => {
    const { client, connection } = await connect();
    const { socket } = connection as unknown as { socket: NodeJS.EventEmitter };
    const before = socket.listenerCount('pong');
    const trips = [connection.roundTrip(), connection.roundTrip(), connection.reaction()];
    connection.send({ type: 'x' });
    const last = connection.roundTrip();
    await Promise.all([...trips, last]);
    expect(client.received.map(({ type }) => type)).toContain('x');
    expect(socket.listenerCount('pong')).toBe(before);
  });

  test('a condition of a test is checked at each message, answer and end', async () => {
    const { client, connection } = await connect();
    const sent = service.until(() => client.received.length > 0 && service.messages.length > 0);
    client.send({ type: 'input_audio_buffer.clear' });
    await sent;
    const ended = service.until(() => connection.end !== undefined);
    client.socket.terminate();
    await ended;
    await service.until(() => true);
  });
});

describe('the host of a fake service', () => {
  test('a request without a web socket is refused, and a connection during the close is ended', async () => {
    const address = url.replace('ws:', 'http:');
    expect((await fetch(address)).status).toBe(426);
    const { client } = await connect();
    await service.close();
    expect(await client.closed).toMatchObject({ code: 1006 });
    await expect(fetch(address)).rejects.toThrow();
  });

  test('a refusal has its status and a body of its length, also one that takes a while', async () => {
    const host = new WebSocketHost({
      admit: async () => ({ status: 499, body: '{"é":1}' }),
      opened: () => {},
    });
    await host.listen();
    const { port } = host;
    await host.listen();
    expect(host.port).toBe(port);
    const answers: string[] = [];
    for (const refusal of [undefined, { status: 503 }]) {
      host.refusal = refusal;
      const { WebSocket } = await import('ws');
      const socket = new WebSocket(`ws://127.0.0.1:${port}`);
      const [, response] = await once(socket, 'unexpected-response');
      let body = '';
      for await (const chunk of response) body += chunk;
      answers.push(`${response.statusCode} ${response.statusMessage} ${body}`);
      socket.on('error', () => {});
      socket.terminate();
    }
    expect(answers).toEqual(['499 Refused {"é":1}', '503 Service Unavailable ']);
    await host.close();
    await host.close();
  });
});

describe('chat completions of a fake service', () => {
  let completions: FakeChatCompletions;
  let base: string;
  beforeEach(async () => {
    completions = new FakeChatCompletions();
    base = await completions.listen();
  });
  afterEach(() => completions.close());

  const ask = (body: object, path = '/chat/completions', method = 'POST', key = 'Bearer k') =>
    fetch(`${base}${path}`, {
      method,
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
      headers: { authorization: key },
    });

  test('a request is answered in parts, and its last question is kept', async () => {
    const messages = [
      { role: 'user', content: 'before' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What' },
          { type: 'image_url', image_url: { url: 'data:x' } },
          { type: 'text', text: 'is it?' },
        ],
      },
      { role: 'assistant', content: 'x' },
    ];
    const next = completions.next(({ text }) => text.startsWith('What'));
    const response = await ask({ model: 'm', stream: true, messages });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream',
    ]);
    const lines = (await response.text()).trim().split('\n\n');
    const parts = lines.slice(0, 2).map((line) => JSON.parse(line.slice('data: '.length)));
    expect(parts.map(({ choices }) => choices[0])).toEqual([
      { index: 0, delta: { role: 'assistant', content: 'I see it.' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'stop' },
    ]);
    expect(parts[0]).toMatchObject({ object: 'chat.completion.chunk', model: 'm' });
    expect(lines[2]).toBe('data: [DONE]');
    const question = { text: 'What is it?', pictures: ['data:x'] };
    expect(await next).toEqual(question);
    expect(completions.questions).toEqual([question]);
    await ask({ model: 'm', stream: true, messages: messages.slice(0, 1) });
    expect(completions.questions.at(-1)).toEqual({ text: 'before', pictures: [] });
    await ask({ model: 'm', stream: true, messages: [] });
    expect(completions.questions.at(-1)).toEqual({ text: '', pictures: [] });
  });

  test('a request that the service would refuse is refused', async () => {
    const good = { model: 'm', stream: true, messages: [] };
    const statuses = [
      await ask(good, '/chat/completions', 'POST', 'k'),
      await ask(good, '/completions'),
      await ask(good, '/chat/completions', 'GET'),
      await ask({ ...good, model: '' }),
      await ask({ ...good, stream: false }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 404, 404, 400, 400]);
    expect(completions.questions).toEqual([]);
  });

  test('web sockets of speech are accepted and silent, and end with the service', async () => {
    const client = await RawClient.connect(base.replace('http', 'ws'));
    await completions.close();
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(client.received).toEqual([]);
    await completions.listen();
  });
});
