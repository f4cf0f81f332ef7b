import { EventEmitter } from 'node:events';
import type { llm } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepOpenAIAlive } from '../../src/internals/openai-connection.ts';
import { type LifeReport, ModelLife } from '../../src/models/model-life.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

const OPEN = 1;
const CLOSED = 3;

/** A socket of `ws`: its creator listens for its opening at once. */
class Socket extends EventEmitter {
  readyState = OPEN;
  _closeFrameReceived = false;
  closes = 0;
  constructor() {
    super();
    this.on('open', () => {});
  }
  terminate(): void {}
  close(): void {
    this.closes++;
    this.readyState = CLOSED;
  }
}

/** Messages that wait, as in the plugin. */
class Queue {
  items: { type: string }[] = [];
}

/** A session with the plugin's private members. Each attempt is answered as the test says. */
class PluginSession extends EventEmitter {
  /** The refusals of the next attempts; after them, each succeeds. */
  readonly refusals: string[] = [];
  /** An error before there is a socket. */
  failure: Error | undefined;
  readonly sockets: Socket[] = [];
  readonly errors: [string, boolean][] = [];
  currentGeneration: object | undefined;
  messageChannel = new Queue();
  isClosed = false;
  endRun = () => {};

  async createWsConn(): Promise<Socket> {
    if (this.failure) throw this.failure;
    const socket = new Socket();
    this.sockets.push(socket);
    const refusal = this.refusals.shift();
    if (refusal === undefined) return socket;
    socket.readyState = CLOSED;
    socket.emit('error', new Error(refusal));
    throw new Error('the plugin words it differently');
  }
  runWs(_socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      this.endRun = resolve;
    });
  }
  emitError({ error, recoverable }: { error: Error; recoverable: boolean }): void {
    this.errors.push([error.message, recoverable]);
  }
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

function stage({ attempts = 3 } = {}) {
  const session = new PluginSession();
  const reports: LifeReport[] = [];
  const life = new ModelLife({ attempts, retryBaseMs: 100 }, (report) => reports.push(report));
  keepOpenAIAlive(session as unknown as llm.RealtimeSession, life);
  /** The plugin's loop connects and runs. */
  const connect = async () => {
    const socket = await session.createWsConn();
    const run = session.runWs(socket);
    const endRun = () => {
      session.endRun();
      return run;
    };
    return { socket, endRun };
  };
  return { session, life, reports, connect };
}

const close = (socket: Socket, code: number, reason = '') => {
  socket.readyState = CLOSED;
  socket.emit('close', code, Buffer.from(reason));
};

test('refused attempts are repeated after longer and longer pauses, and reported as recoverable', async () => {
  const { session, reports } = stage();
  session.refusals.push(...[503, 429].map((status) => `Unexpected server response: ${status}`));
  const connecting = session.createWsConn();
  await vi.advanceTimersByTimeAsync(99);
  expect(session.sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(session.sockets).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(199);
  expect(session.sockets).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await connecting).toBe(session.sockets[2]);
  expect(session.errors).toEqual([
    ['Unexpected server response: 503', true],
    ['Unexpected server response: 429', true],
  ]);
  expect(reports).toMatchObject([{ type: 'model.dropped', isRetried: true }]);
});

test.each([
  ['the last attempt', { attempts: 1 }, ['ECONNREFUSED', 'ECONNRESET'], 'ECONNRESET'],
  ['a wrong key', { attempts: 3 }, ['Unexpected server response: 401'], 'response: 401'],
])(
  'after %s, the session ends with its error, and stays until it is closed',
  async (_, limits, refusals, last) => {
    const { session } = stage(limits);
    session.refusals.push(...refusals);
    let isOver = false;
    const connecting = session.createWsConn().then((socket) => {
      isOver = true;
      return socket;
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.errors.at(-1)).toEqual([expect.stringContaining(last), false]);
    expect(session.errors).toHaveLength(refusals.length);
    expect(session.errors.filter(([, recoverable]) => !recoverable)).toHaveLength(1);
    expect([session.sockets.length, isOver]).toEqual([refusals.length, false]);
    await session.close();
    // A closed socket ends the plugin's loop.
    expect(await connecting).toBe(session.sockets.at(-1));
    expect(session.isClosed).toBe(true);
  },
);

test('an error without a connection is passed on as it is, and leaves node:events as it was', async () => {
  const { on, once } = EventEmitter.prototype;
  const { session, reports } = stage();
  session.failure = new Error('no API key');
  await expect(session.createWsConn()).rejects.toBe(session.failure);
  expect([session.errors, reports]).toEqual([[], []]);
  expect([EventEmitter.prototype.on, EventEmitter.prototype.once]).toEqual([on, once]);
});

test('an attempt that is refused after the close is no error', async () => {
  const { session } = stage();
  session.refusals.push('Unexpected server response: 401');
  const connecting = session.createWsConn();
  await session.close();
  expect(await connecting).toBe(session.sockets[0]);
  expect([session.sockets.length, session.errors]).toEqual([1, []]);
});

test('a close ends the pause before the next attempt, and there is none', async () => {
  const { session } = stage();
  session.refusals.push('ECONNREFUSED');
  const connecting = session.createWsConn();
  await vi.advanceTimersByTimeAsync(50);
  await session.close();
  expect(await connecting).toBe(session.sockets[0]);
  expect(session.sockets).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a connection that the service closes is a loss with its reason, and what is written again is dropped', async () => {
  const { session, reports, connect } = stage();
  const { socket, endRun } = await connect();
  session.currentGeneration = {};
  const kept = { type: 'session.update' };
  session.messageChannel.items = [
    ...['conversation.item.create', 'conversation.item.delete', 'response.create'].map((type) => ({
      type,
    })),
    kept,
  ];
  const queue = session.messageChannel;
  close(socket, 1011, 'overloaded');
  expect(queue.items).toEqual([kept]);
  expect(reports).toEqual([
    { type: 'model.dropped', reason: 'overloaded', wasAnswering: true, isRetried: true },
  ]);
  await endRun();
  // The old sender waits on the old queue, and gets nothing more.
  expect(session.messageChannel).not.toBe(queue);
  expect(session.messageChannel).toBeInstanceOf(Queue);
  expect(session.messageChannel.items).toEqual([kept]);
  expect(reports).toHaveLength(1);
});

test('a connection that closes without a reason is a loss with its code, or with the end of the loop', async () => {
  const coded = stage();
  close((await coded.connect()).socket, 1006);
  expect(coded.reports).toMatchObject([{ reason: 'the connection closed with code 1006' }]);
  const noticed = stage();
  const { socket, endRun } = await noticed.connect();
  await endRun();
  close(socket, 1006);
  expect(noticed.reports).toMatchObject([{ reason: 'the connection closed' }]);
});

test('a connection that the plugin closes is no loss, one that the service is closing is', async () => {
  const left = stage();
  const own = await left.connect();
  own.socket.close();
  own.socket.close();
  close(own.socket, 1000);
  await own.endRun();
  expect([own.socket.closes, left.reports]).toEqual([2, []]);
  const broken = stage();
  const gone = await broken.connect();
  gone.socket.readyState = CLOSED;
  gone.socket.close();
  close(gone.socket, 1006);
  expect(broken.reports).toHaveLength(1);
  const lost = stage();
  const { socket } = await lost.connect();
  socket._closeFrameReceived = true;
  socket.close();
  close(socket, 1001);
  expect(lost.reports).toHaveLength(1);
  const closed = stage();
  const after = await closed.connect();
  await closed.session.close();
  close(after.socket, 1000);
  await after.endRun();
  expect(closed.reports).toEqual([]);
});

test('a lost connection is made again at once, and one that is lost again at once after a pause', async () => {
  const { session, reports, connect } = stage();
  const first = await connect();
  close(first.socket, 1006);
  await first.endRun();
  const second = await connect();
  expect(reports.map(({ type }) => type)).toEqual(['model.dropped', 'model.resumed']);
  close(second.socket, 1006);
  await second.endRun();
  const third = connect();
  await vi.advanceTimersByTimeAsync(99);
  expect(session.sockets).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  await third;
  expect(session.sockets).toHaveLength(3);
});

test('a pause before a connection that succeeded is not waited again after the plugin leaves it', async () => {
  const { session, connect } = stage();
  session.refusals.push('ECONNREFUSED');
  const connecting = connect();
  await vi.advanceTimersByTimeAsync(100);
  const { socket, endRun } = await connecting;
  socket.close();
  await endRun();
  const next = connect();
  expect([session.sockets.length, vi.getTimerCount()]).toEqual([3, 0]);
  await next;
});

test('without retries, the plugin itself connects again', async () => {
  const { session, connect } = stage({ attempts: 0 });
  const first = await connect();
  close(first.socket, 1006);
  await first.endRun();
  await connect();
  expect([session.sockets.length, session.errors]).toEqual([2, []]);
});

test('a session that is kept alive twice is patched once', () => {
  const { session } = stage();
  const { createWsConn } = session;
  const life = new ModelLife({ attempts: 3, retryBaseMs: 100 }, () => {});
  keepOpenAIAlive(session as unknown as llm.RealtimeSession, life);
  expect(session.createWsConn).toBe(createWsConn);
  expect(session.listenerCount('error')).toBe(1);
});
