import { EventEmitter } from 'node:events';
import { llm } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepGoogleAlive } from '../../src/internals/google-connection.ts';
import { type LifeReport, ModelLife } from '../../src/models/model-life.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

const OPEN = 1;
const CLOSED = 3;
const ALL_VIDEO = 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO';

/** A session with the plugin's private members, without a network. */
class PluginSession extends EventEmitter {
  readonly options = { realtimeInputConfig: { turnCoverage: ALL_VIDEO } };
  readonly sessionShouldClose = { isSet: false };
  readonly pendingToolCallIds = new Set<string>();
  readonly _tools = llm.ToolContext.empty();
  _chatCtx = llm.ChatContext.empty();
  currentGeneration: { _done: boolean } | undefined;
  pendingGenerationFut: { done: boolean } | undefined;
  sessionResumptionHandle: string | undefined;
  readonly errors: [string, boolean][] = [];
  readonly written: llm.ChatContext[] = [];
  readonly goneAway: object[] = [];
  restarts = 0;
  closes = 0;
  buildConnectConfig(): object {
    return {};
  }
  emitError({ message }: Error, recoverable: boolean): void {
    this.errors.push([message, recoverable]);
  }
  markRestartNeeded(): void {
    this.restarts++;
  }
  handleGoAway(message: object): void {
    this.goneAway.push(message);
  }
  async closeActiveSession(): Promise<void> {
    this.closes++;
  }
  async updateChatCtx(context: llm.ChatContext): Promise<void> {
    this.written.push(context);
  }
  async close(): Promise<void> {}
  sendClientEvent(): void {}
}

/** The plugin's side of a connection. */
class Socket extends EventEmitter {
  readyState = 0;
  readonly sent: unknown[] = [];
  readonly heard: unknown[] = [];
  readonly terminate = vi.fn();
  onopen = () => this.send('setup');
  onmessage = ({ data }: { data: unknown }) => void this.heard.push(data);
  send(data: unknown): void {
    this.sent.push(data);
  }
}

const settled = () => new Promise(setImmediate);

function stage({ attempts = 3 } = {}) {
  const session = new PluginSession();
  const reports: LifeReport[] = [];
  const life = new ModelLife({ attempts, retryBaseMs: 100 }, (report) => reports.push(report));
  keepGoogleAlive(session as unknown as llm.RealtimeSession, life, () => {});
  const connecting = () => {
    const socket = new Socket();
    session.buildConnectConfig();
    // As `@google/genai` does, in the same turn.
    socket.on('open', () => {});
    return socket;
  };
  const open = () => {
    const socket = connecting();
    socket.readyState = OPEN;
    socket.emit('open');
    return socket;
  };
  const ready = () => {
    const socket = open();
    socket.send('setup');
    socket.emit('message', Buffer.from('{"setupComplete":{}}'));
    return socket;
  };
  /** The connection closes, and the plugin's own listener reports it as an error. */
  const close = (socket: Socket, code: number, reason = '') => {
    socket.readyState = CLOSED;
    socket.once('close', () => session.emitError(new Error('of the plugin'), false));
    socket.emit('close', code, Buffer.from(reason));
  };
  return { session, life, reports, connecting, open, ready, close };
}

test.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014])(
  'a connection to Gemini that closes with %i is made again, and its error is recoverable',
  async (code) => {
    const { session, reports, ready, close } = stage();
    session.currentGeneration = { _done: false };
    close(ready(), code);
    expect(session.restarts).toBe(1);
    expect(session.errors).toEqual([['of the plugin', true]]);
    expect(reports).toEqual([
      {
        ...{ type: 'model.dropped', reason: `the connection closed with code ${code}` },
        ...{ wasAnswering: true, isRetried: true },
      },
    ]);
    // The next error is one of its own.
    await settled();
    session.emitError(new Error('another'), false);
    expect(session.errors.at(-1)).toEqual(['another', false]);
    await session.close();
  },
);

test.each([
  [1007, 'Request contains an invalid argument.'],
  [1008, 'Policy violation.'],
  [1003, ''],
  [1006, 'Unexpected server response: 401'],
])('a connection to Gemini that closes with %i for good ends its session: %s', (code, reason) => {
  const { session, reports, ready, close } = stage();
  close(ready(), code, reason);
  expect(session.restarts).toBe(0);
  expect(session.errors).toEqual([['of the plugin', false]]);
  expect(reports).toMatchObject([{ wasAnswering: false, isRetried: false }]);
});

test.each([408, 429, 503])('an attempt that the server answers with %i is repeated', (status) => {
  const { reports, connecting, close } = stage();
  const socket = connecting();
  socket.emit('error', new Error(`Unexpected server response: ${status}`));
  close(socket, 1006);
  expect(reports).toMatchObject([
    { reason: `Unexpected server response: ${status}`, isRetried: true },
  ]);
});

test('a connection to Gemini that is lost twice in a row waits before the next one, once', async () => {
  const { session, ready, close } = stage();
  close(ready(), 1006);
  await session.closeActiveSession();
  expect(vi.getTimerCount()).toBe(0);
  close(ready(), 1006);
  let isLeft = false;
  const leaving = session.closeActiveSession().then(() => {
    isLeft = true;
  });
  await vi.advanceTimersByTimeAsync(99);
  expect([session.closes, isLeft]).toEqual([2, false]);
  await vi.advanceTimersByTimeAsync(1);
  await leaving;
  await session.closeActiveSession();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([false, true])(
  'an attempt that fails before Gemini is ready ends after its pause; its setup was sent: %s',
  async (isSetUp) => {
    const { session, connecting, close } = stage();
    const socket = connecting();
    if (isSetUp) socket.send('setup');
    close(socket, 1006);
    await vi.advanceTimersByTimeAsync(99);
    expect([socket.heard, session.restarts]).toEqual([[], 0]);
    await vi.advanceTimersByTimeAsync(1);
    await settled();
    // The plugin's `connect` ends with this, as a connection that has to be left.
    expect([socket.heard, session.restarts]).toEqual([['{"setupComplete":{}}'], 1]);
    expect(socket.sent).toEqual(isSetUp ? ['setup'] : []);
    await session.close();
  },
);

test('the last attempt that fails stays as it is until the end of the session', async () => {
  const { session, connecting, close } = stage({ attempts: 1 });
  close(connecting(), 1006);
  await vi.advanceTimersByTimeAsync(100);
  const last = connecting();
  close(last, 1000, 'gone');
  // The plugin reports no close with 1000.
  expect(session.errors.slice(1)).toEqual([
    ['gone', false],
    ['of the plugin', false],
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(last.heard).toEqual([]);
  await session.close();
  await settled();
  expect(last.heard).toHaveLength(1);
});

test('a connection that the plugin leaves by itself is no loss, and its later close ends nothing', async () => {
  const { session, life, reports, ready, close } = stage();
  const left = ready();
  await session.closeActiveSession();
  const next = ready();
  close(left, 1011);
  expect(session.errors).toEqual([['of the plugin', true]]);
  expect([life.drops, session.restarts, reports]).toEqual([0, 0, []]);
  close(next, 1011);
  expect(life.drops).toBe(1);
});

test('a connection that the plugin leaves because it is closed is a loss', async () => {
  const { session, reports, ready } = stage();
  ready().readyState = CLOSED;
  await session.closeActiveSession();
  expect(reports).toMatchObject([{ reason: 'the connection closed', isRetried: true }]);
});

test('connections that the plugin finds closed twice in a row are a loss with a pause', async () => {
  const { session, ready } = stage();
  for (const timers of [0, 1]) {
    ready().readyState = CLOSED;
    const leaving = session.closeActiveSession();
    await settled();
    expect(vi.getTimerCount()).toBe(timers);
    await vi.advanceTimersByTimeAsync(100);
    await leaving;
  }
  await session.close();
});

test('an answer that mentions the setup is not taken for the opening of a connection', async () => {
  const { session, life, ready, close } = stage();
  close(ready(), 1006);
  await session.closeActiveSession();
  const socket = ready();
  life.worked();
  socket.emit('message', Buffer.from('{"serverContent":{"text":"setupComplete"}}'));
  close(socket, 1006);
  const leaving = session.closeActiveSession();
  await settled();
  expect(vi.getTimerCount()).toBe(0);
  await leaving;
});

test('without retries, a connection that Gemini closes with 1000 is no error', () => {
  const { session, ready } = stage({ attempts: 0 });
  const socket = ready();
  socket.readyState = CLOSED;
  socket.emit('close', 1000, Buffer.from(''));
  expect(session.errors).toEqual([]);
});

test('a setup that the plugin cannot make ends the session with the names of its tools', async () => {
  const { session, reports, open } = stage();
  const parameters = { type: 'object', properties: {} } as never;
  const tool = llm.tool({
    name: 'weather',
    description: 'It.',
    parameters,
    execute: async () => '',
  });
  Object.assign(session, { _tools: new llm.ToolContext([tool]) });
  const socket = open();
  session.emitError(new Error('of the plugin, about the schema'), false);
  expect(session.errors).toEqual([]);
  let isLeft = false;
  void session.closeActiveSession().then(() => {
    isLeft = true;
  });
  await settled();
  expect(socket.terminate).toHaveBeenCalledTimes(1);
  expect(session.errors).toEqual([[expect.stringContaining('(weather)'), false]]);
  expect(reports).toMatchObject([{ isRetried: false }]);
  // The plugin's loop goes no further.
  expect([session.closes, isLeft]).toEqual([1, false]);
});

test('a close ends an attempt under way and leaves a connection to the plugin; errors are not reported after it', async () => {
  const trying = stage();
  const attempt = trying.connecting();
  await trying.session.close();
  expect(attempt.terminate).toHaveBeenCalledTimes(1);
  trying.session.emitError(new Error('late'), false);
  expect(trying.session.errors).toEqual([]);
  const connected = stage();
  const socket = connected.ready();
  await connected.session.close();
  expect(socket.terminate).not.toHaveBeenCalled();
  expect([trying.life.isOver, connected.life.isOver]).toEqual([true, true]);
});

test('a close leaves node:events as it was, also after attempts without a socket', async () => {
  const { on, once } = EventEmitter.prototype;
  const { session } = stage();
  session.buildConnectConfig();
  session.buildConnectConfig();
  expect(EventEmitter.prototype.on).not.toBe(on);
  await session.close();
  expect([EventEmitter.prototype.on, EventEmitter.prototype.once]).toEqual([on, once]);
});

test('what is written without a connection to Gemini is kept for the next one', async () => {
  const { session, ready, close } = stage();
  const context = new llm.ChatContext();
  context.addMessage({ role: 'user', content: 'Hello.' });
  const socket = ready();
  await session.updateChatCtx(context);
  expect(session.written).toEqual([context]);
  close(socket, 1006);
  await session.updateChatCtx(context);
  expect(session.written).toHaveLength(1);
  expect(session._chatCtx.items).toEqual(context.items);
  expect(session._chatCtx).not.toBe(context);
});

test('a handle is given up when the service does not know it, or after three failures in a row', () => {
  const unknown = stage();
  unknown.session.sessionResumptionHandle = 'handle';
  unknown.close(unknown.ready(), 1008, 'BidiGenerateContent session not found');
  expect(unknown.session.sessionResumptionHandle).toBeUndefined();
  const { session, connecting, ready, close } = stage({ attempts: 9 });
  session.sessionResumptionHandle = 'handle';
  for (let failure = 1; failure <= 2; failure++) close(connecting(), 1011);
  const socket = ready();
  for (let failure = 1; failure <= 2; failure++) {
    close(failure === 1 ? socket : connecting(), 1011);
    expect(session.sessionResumptionHandle).toBe('handle');
  }
  close(connecting(), 1011);
  expect(session.sessionResumptionHandle).toBeUndefined();
});

test('a service that refuses the coverage of all video is asked again with the older setting, once', () => {
  const { session, reports, connecting, close } = stage();
  const reason = 'Invalid value at setup.realtime_input_config.turn_coverage';
  close(connecting(), 1007, reason);
  expect(reports).toMatchObject([{ isRetried: true }]);
  expect(session.options.realtimeInputConfig.turnCoverage).toBe('TURN_INCLUDES_ALL_INPUT');
  close(connecting(), 1007, reason);
  expect(session.errors).toEqual([
    ['of the plugin', true],
    ['of the plugin', false],
  ]);
  const later = stage();
  later.close(later.ready(), 1007, reason);
  expect(later.session.options.realtimeInputConfig.turnCoverage).toBe(ALL_VIDEO);
});

test.each<[string, (session: PluginSession) => () => void]>([
  [
    'an answer',
    (session) => {
      session.currentGeneration = { _done: false };
      return () => (session.currentGeneration = { _done: true });
    },
  ],
  [
    'the result of a tool',
    (session) => {
      session.pendingToolCallIds.add('call');
      return () => session.pendingToolCallIds.clear();
    },
  ],
  [
    'an answer that was asked for',
    (session) => {
      session.pendingGenerationFut = { done: false };
      return () => (session.pendingGenerationFut = { done: true });
    },
  ],
])('a connection that Gemini will end is left after %s', async (_, begin) => {
  const { session, ready } = stage();
  ready();
  const end = begin(session);
  const message = { timeLeft: '50s' };
  session.handleGoAway(message);
  await vi.advanceTimersByTimeAsync(1000);
  expect(session.goneAway).toEqual([]);
  end();
  await vi.advanceTimersByTimeAsync(100);
  expect(session.goneAway).toEqual([message]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a connection that Gemini will end is left at once without an answer, and not if it ended before', async () => {
  const { session, ready, close } = stage();
  const socket = ready();
  session.handleGoAway({});
  expect(session.goneAway).toHaveLength(1);
  session.currentGeneration = { _done: false };
  session.handleGoAway({});
  close(socket, 1011);
  ready();
  await vi.advanceTimersByTimeAsync(1000);
  expect(session.goneAway).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
