import { afterEach, expect, test, vi } from 'vitest';
import { GeminiConnection } from '../../../src/testing/fakes/gemini-connection.ts';
import { GeminiSession } from '../../../src/testing/fakes/gemini-session.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import type { Answer, Question, Transcriber } from '../../../src/testing/fakes/reply.ts';
import { ServiceRecord } from '../../../src/testing/fakes/service-record.ts';
import { Arrivals, Gate } from '../../../src/testing/fakes/waiting.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';
import { MemorySocket, socketRequest } from '../../support/fakes/memory-socket.ts';
import { picture } from '../../support/sample-pictures.ts';

afterEach(() => void vi.useRealTimers());

const MODEL = 'models/gemini-2.5-flash-live-preview';
const png = (await picture('png')).toString('base64');
const video = { realtimeInput: { video: { mimeType: 'image/png', data: png } } };
const LIMITS = { sessionMs: 900_000, videoSessionMs: 120_000, goAwayMs: 60_000 };
const TOOLS = [
  { functionDeclarations: [{ name: 'look' }] },
  { functionDeclarations: [{ name: 'slow' }] },
];

interface Given {
  id?: number;
  problem?: string;
  handles?: Map<string, GeminiSession>;
  transcribe?: Transcriber;
}

function connect(
  setup?: JsonObject,
  { id = 1, problem = '', handles = new Map(), transcribe }: Given = {},
) {
  const socket = new MemorySocket();
  const record = new ServiceRecord();
  const gate = new Gate();
  const keys: string[] = [];
  const questions = new Arrivals<Question>();
  const answer: { next: Answer } = { next: null };
  const connection = new GeminiConnection(socket.asSocket(), socketRequest('/ws?key=k'), id, {
    record,
    gate,
    knowsAllVideo: true,
    replyDelayMs: 0,
    transcribe,
    connectionMs: 600_000,
    goAwayMs: LIMITS.goAwayMs,
    keyProblem: (key) => {
      keys.push(key);
      return problem || undefined;
    },
    answer: async (question) => {
      questions.arrived(question);
      return answer.next;
    },
    newSession: (own) => new GeminiSession(own, LIMITS),
    issueHandle: (session) => {
      const handle = `handle-${handles.size + 1}`;
      handles.set(handle, session);
      return handle;
    },
    sessionOf: (handle) => handles.get(handle),
  });
  /** What the service sent, as short words. */
  const sent = () =>
    socket.sent.flatMap((message) =>
      Object.keys((message.serverContent as JsonObject | undefined) ?? message),
    );
  const send = (message: JsonObject) => socket.receive(message);
  if (setup) send({ setup: { model: MODEL, ...setup } });
  const asked = () => questions.next('a question');
  return { connection, socket, record, gate, keys, asked, answer, sent, send };
}

async function ready(setup: JsonObject = {}, options = {}) {
  const stage = connect(setup, options);
  await settled();
  return stage;
}

const content = (role: string, text: string, turnComplete?: boolean) => ({
  clientContent: {
    turns: [{ role, parts: [{ text }] }],
    ...(turnComplete === undefined ? {} : { turnComplete }),
  },
});

const respond = (...functionResponses: JsonObject[]) => ({ toolResponse: { functionResponses } });

test('a key that is not valid closes the connection with its reason', () => {
  const { keys, socket, record } = connect(undefined, { problem: 'no such key' });
  expect(keys).toEqual(['k']);
  expect(socket.closedWith).toEqual([1007, 'no such key']);
  expect(record.violations).toEqual(['connection 1: no such key']);
});

test('the setup is answered when the gate opens, and not after the end', async () => {
  const { connection, gate, sent, send } = connect();
  const open = gate.hold();
  send({ setup: { model: MODEL, tools: TOOLS } });
  await settled();
  expect([connection.isReady, sent()]).toEqual([false, []]);
  open();
  await settled();
  expect([connection.isReady, sent()]).toEqual([true, ['setupComplete']]);
  expect(connection.toolNames).toEqual(['look', 'slow']);
  const gone = connect();
  const openLater = gone.gate.hold();
  gone.send({ setup: { model: MODEL } });
  gone.socket.end(1000);
  openLater();
  await settled();
  expect([gone.connection.isReady, gone.sent()]).toEqual([false, []]);
});

test('a message that cannot come now closes the connection', async () => {
  const { socket, send, record } = await ready();
  send({ setup: { model: MODEL } });
  expect(socket.closedWith).toEqual([1007, 'setup must be the first message and only the first']);
  send(video);
  expect(record.frames).toEqual([]);
  const early = connect();
  early.send(video);
  expect(early.socket.closedWith?.[1]).toMatch(/^setup must be the first/);
  const hasty = connect({});
  hasty.send(video);
  expect(hasty.socket.closedWith?.[1]).toBe('realtimeInput came before setupComplete');
});

test('audio is counted and not logged, and all else is logged', async () => {
  const { send, record, asked } = await ready();
  const data = Buffer.alloc(320).toString('base64');
  const question = asked();
  send({ realtimeInput: { audio: { mimeType: 'audio/pcm', data } } });
  send(video);
  expect(record.audio).toEqual({ chunks: 1, bytes: 320 });
  expect(record.messages.map(({ message }) => Object.keys(message))).toEqual([
    ['setup'],
    ['realtimeInput'],
  ]);
  expect(record.frames).toMatchObject([{ connection: 1, via: 'realtimeInput', width: 64 }]);
  // Neither is a question.
  send({ realtimeInput: { text: 'Who?' } });
  expect(await question).toMatchObject({ text: 'Who?' });
});

test('handles are sent only if the setup asks, after the setup and after each turn', async () => {
  const without = await ready();
  without.connection.say({ text: 'a' });
  expect(without.sent()).not.toContain('sessionResumptionUpdate');
  const { connection, socket } = await ready({ sessionResumption: {} });
  expect(connection.handle).toBe('handle-1');
  connection.say({ text: 'a' });
  expect(connection.handle).toBe('handle-2');
  const updates = socket.sent.filter((message) => message.sessionResumptionUpdate);
  expect(updates.map((message) => message.sessionResumptionUpdate)).toEqual([
    { newHandle: 'handle-1', resumable: true },
    { newHandle: 'handle-2', resumable: true },
  ]);
});

test('a handle continues its session with its model, and no other', async () => {
  const handles = new Map();
  const first = await ready({ sessionResumption: {} }, { handles });
  first.connection.speechStarted();
  first.send(video);
  await first.connection.hear('Who?');
  const again = { sessionResumption: { handle: 'handle-1' } };
  const second = await ready(again, { handles, id: 2 });
  expect(second.connection.resumedFrom).toBe('handle-1');
  expect(second.connection.pictures).toHaveLength(1);
  const other = await ready({ ...again, model: `${MODEL}-2` }, { handles });
  const unknown = await ready({ sessionResumption: { handle: 'x' } });
  for (const { socket, connection } of [other, unknown]) {
    expect(socket.closedWith).toEqual([1008, 'BidiGenerateContent session not found']);
    expect([connection.resumedFrom, connection.isReady]).toEqual([undefined, false]);
  }
});

test('a question has all texts of the user since the last one, and those of the model as instructions', async () => {
  const { send, asked } = await ready();
  const first = asked();
  send(content('model', 'Be short.'));
  send(content('user', 'one'));
  send(content('user', 'two', true));
  expect(await first).toMatchObject({
    connection: 1,
    cause: 'text',
    text: 'one\ntwo',
    instructions: 'Be short.',
  });
  // Its answer is none, which ends the turn.
  await settled();
  const next = asked();
  send(content('user', 'three'));
  send({ realtimeInput: { text: 'four' } });
  expect(await next).toMatchObject({ cause: 'text', text: 'three\nfour', instructions: '' });
});

test('speech interrupts the model, is transcribed if the setup asks for it, and is answered', async () => {
  const { connection, sent, socket, asked } = await ready({ inputAudioTranscription: {} });
  connection.say({ text: 'a', hold: true });
  const question = asked();
  const heard = connection.hear('Who?');
  // The client first has time to stop its answer.
  expect(sent()).not.toContain('inputTranscription');
  await heard;
  expect(await question).toMatchObject({ cause: 'speech', text: 'Who?' });
  const words = sent();
  expect(words.slice(-4).filter((word) => word !== 'usageMetadata')).toContain(
    'inputTranscription',
  );
  expect(words.indexOf('interrupted')).toBeLessThan(words.indexOf('inputTranscription'));
  expect(socket.sent.at(-1)).toEqual({
    serverContent: { inputTranscription: { text: 'Who?' } },
  });
  const without = await ready();
  await without.connection.hear('Who?');
  expect(without.sent()).not.toContain('inputTranscription');
});

test('the speech of an activity is transcribed at its end, and is a part of the next turn', async () => {
  const realtimeInputConfig = { automaticActivityDetection: { disabled: true } };
  const setup = { realtimeInputConfig, inputAudioTranscription: {} };
  const transcribe = (sound: Buffer) => sound.toString();
  const { send, connection, socket, asked } = await ready(setup, { transcribe });
  const say = (words: string) => {
    const data = Buffer.from(words).toString('base64');
    send({ realtimeInput: { audio: { mimeType: 'audio/pcm', data } } });
  };
  send({ realtimeInput: { activityStart: {} } });
  say('Who ');
  say('is it?');
  expect(connection.speech).toBe('Who is it?');
  send({ realtimeInput: { activityEnd: {} } });
  expect(socket.sent.at(-1)).toEqual({
    serverContent: { inputTranscription: { text: 'Who is it?' } },
  });
  expect(connection.speech).toBe('');
  const question = asked();
  send({ clientContent: { turns: [], turnComplete: true } });
  expect(await question).toMatchObject({ cause: 'text', text: 'Who is it?' });
});

test('a picture counts for the turn only while the user speaks, by mark or by voice', async () => {
  const realtimeInputConfig = { automaticActivityDetection: { disabled: true } };
  const { send, connection, asked } = await ready({ realtimeInputConfig });
  const framesOf = async (cause: () => void) => {
    const question = asked();
    cause();
    return (await question).frames.length;
  };
  send(video);
  send({ realtimeInput: { activityStart: {} } });
  send(video);
  send({ realtimeInput: { activityEnd: {} } });
  send(video);
  expect(await framesOf(() => send({ realtimeInput: { text: 'a' } }))).toBe(1);
  connection.speechStarted();
  send(video);
  expect(await framesOf(() => void connection.hear('b'))).toBe(2);
  send(video);
  expect(await framesOf(() => send({ realtimeInput: { text: 'c' } }))).toBe(2);
});

test('the start of speech ends the turn of the model', async () => {
  const { connection, sent } = await ready();
  connection.say({ text: 'a', hold: true });
  connection.speechStarted();
  expect(sent()).toContain('interrupted');
});

test('the results of all open calls are one question, and parts of a result are none', async () => {
  const { connection, send, asked, socket } = await ready({ tools: TOOLS });
  connection.say({ toolCalls: [{ name: 'look' }, { name: 'slow' }] });
  const question = asked();
  const result = (id: number, name: string, x: number, more = {}) => ({
    ...{ id: `function-call-${id}`, name, response: { x }, ...more },
  });
  send(respond(result(1, 'look', 0, { willContinue: true })));
  send(respond(result(1, 'look', 1)));
  send(respond(result(2, 'slow', 2)));
  expect(await question).toMatchObject({ cause: 'tools', text: '[{"x":2}]' });
  send(respond(result(1, 'look', 1)));
  expect(socket.closedWith?.[1]).toMatch(/no function call function-call-1 waits/);
});

test('a message with a part and the end of a result has one result', async () => {
  const { connection, send, asked } = await ready({ tools: TOOLS });
  connection.say({ toolCalls: [{ name: 'look' }] });
  const question = asked();
  const answer = { id: 'function-call-1', name: 'look' };
  send(
    respond(
      { ...answer, response: { x: 0 }, willContinue: true },
      { ...answer, response: { x: 1 } },
    ),
  );
  expect(await question).toMatchObject({ text: '[{"x":1}]' });
});

test('the end of the connection ends its timers, and those of its answer and of its session', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { connection, send } = await ready();
  expect(vi.getTimerCount()).toBe(4);
  send({ realtimeInput: { text: 'a' } });
  expect(vi.getTimerCount()).toBe(5);
  connection.close(1000);
  await connection.closed;
  await settled();
  expect(vi.getTimerCount()).toBe(0);
});

test('a call that a test makes resolves with the response of the client', async () => {
  const { connection, send } = await ready({ tools: TOOLS });
  const response = connection.callTool('look', { far: true });
  send(respond({ id: 'function-call-1', name: 'look', response: { seen: 'a cat' } }));
  expect(await response).toEqual({ seen: 'a cat' });
});

test('input while a call blocks closes the connection as soon as the client has the call', async () => {
  const { connection, send, socket } = await ready({ tools: TOOLS });
  connection.say({ toolCalls: [{ name: 'look' }] });
  send(video);
  expect(socket.closedWith).toBeUndefined();
  await settled();
  send(video);
  expect(socket.closedWith).toEqual([
    1008,
    expect.stringContaining('(realtime_input.video while look was not answered)'),
  ]);
  const declaration = { name: 'look', behavior: 'NON_BLOCKING' };
  const free = await ready({ tools: [{ functionDeclarations: [declaration] }] });
  free.connection.say({ toolCalls: [{ name: 'look' }] });
  await settled();
  free.send(video);
  expect(free.socket.closedWith).toBeUndefined();
});

test('a cancellation names all open calls, and none blocks any more', async () => {
  const { connection, send, socket } = await ready({ tools: TOOLS });
  connection.say({ toolCalls: [{ name: 'look' }, { name: 'slow' }] });
  await settled();
  connection.cancelToolCalls();
  expect(socket.sent.at(-1)).toEqual({
    toolCallCancellation: { ids: ['function-call-1', 'function-call-2'] },
  });
  send(video);
  expect(socket.closedWith).toBeUndefined();
});

test('a model that fails is a violation, and the end of the connection drops the answer', async () => {
  const { connection, send, record, answer, sent, asked } = await ready();
  answer.next = { toolCalls: [{ name: 'unknown' }] };
  const violation = record.newViolation.next('a violation');
  send({ realtimeInput: { text: 'a' } });
  expect(await violation).toMatch(/connection 1: the replier failed: .*no tool unknown/);
  expect(sent()).not.toContain('toolCall');
  const question = asked();
  send({ realtimeInput: { text: 'b' } });
  connection.close(1000);
  await connection.closed;
  const control = await ready();
  const later = control.asked();
  control.send({ realtimeInput: { text: 'c' } });
  expect(await Promise.race([question, later])).toMatchObject({ text: 'c' });
});
