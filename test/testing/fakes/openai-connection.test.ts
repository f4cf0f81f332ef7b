import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import { OpenAIConnection } from '../../../src/testing/fakes/openai-connection.ts';
import type { Question, Transcriber } from '../../../src/testing/fakes/reply.ts';
import { ServiceRecord } from '../../../src/testing/fakes/service-record.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';
import { MemorySocket, socketRequest } from '../../support/fakes/memory-socket.ts';
import { picture } from '../../support/sample-pictures.ts';

const png = (await picture('png')).toString('base64');
const audio = (bytes: number) => Buffer.alloc(bytes).toString('base64');

interface Given {
  id?: number;
  takesPictures?: boolean;
  record?: ServiceRecord;
  transcribe?: Transcriber;
}

function connect({
  id = 1,
  takesPictures = true,
  record = new ServiceRecord(),
  transcribe,
}: Given = {}) {
  const socket = new MemorySocket();
  const asked: Question[] = [];
  const answered = new Promise<void>((resolve) => {
    socket.on('answered', resolve);
  });
  const connection = new OpenAIConnection(
    socket.asSocket(),
    socketRequest('/v1/realtime?model=gpt-realtime'),
    id,
    {
      record,
      takesPictures,
      replyDelayMs: 0,
      transcribe,
      answer: async (question) => {
        asked.push(question);
        socket.emit('answered');
        return null;
      },
    },
  );
  const types = () => socket.sent.map(({ type }) => type);
  const newest = (type: string) => socket.sent.findLast((event) => event.type === type);
  const say = (type: string, more: JsonObject = {}) => socket.receive({ type, ...more });
  const create = (item: JsonObject, more: JsonObject = {}) =>
    say('conversation.item.create', { item, ...more });
  return { connection, socket, record, asked, answered, types, newest, say, create };
}

const text = (id: string) => ({
  id,
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text: id }],
});
const image = (id: string) => ({
  ...text(id),
  content: [{ type: 'input_image', image_url: `data:image/png;base64,${png}` }],
});

test('a session begins with its id and model, and each event has an id of its own', () => {
  const { socket, say } = connect({ id: 3 });
  say('session.update', { session: { type: 'realtime', instructions: 'Look.' } });
  expect(socket.sent).toMatchObject([
    {
      type: 'session.created',
      event_id: 'event_3_1',
      session: { id: 'sess_3', model: 'gpt-realtime' },
    },
    { type: 'session.updated', event_id: 'event_3_2', session: { instructions: 'Look.' } },
  ]);
});

test('a message that is no JSON text is refused, and the refusal names the event', () => {
  const { socket, connection, record, say } = connect();
  socket.receive('{');
  socket.receive({ type: 'response.cancel' }, true);
  say('x', { event_id: 'mine' });
  say('response.cancel', { event_id: 'late' });
  const code = 'invalid_json';
  expect(connection.errors).toMatchObject([
    { type: 'invalid_request_error', code, event_id: null },
    { code, event_id: null },
    { code: 'invalid_value', param: 'type', event_id: 'mine' },
    { code: 'response_cancel_not_active', event_id: 'late' },
  ]);
  expect(socket.sent.filter(({ type }) => type === 'error').map(({ error }) => error)).toEqual(
    connection.errors,
  );
  expect(record.violations).toHaveLength(3);
  expect(record.messages.map(({ message: { type } }) => type)).toEqual(['x', 'response.cancel']);
});

test('speech that a client commits has the transcript of the recognizer, and none after a clear', () => {
  const transcribe = (sound: Buffer) => `${sound.length} bytes`;
  const { connection, say, newest } = connect({ transcribe });
  const audioOf = (input: JsonObject) => ({ session: { type: 'realtime', audio: { input } } });
  say('session.update', audioOf({ transcription: { model: 'whisper-1' } }));
  say('input_audio_buffer.append', { audio: audio(4800) });
  expect(connection.speech).toBe('4800 bytes');
  say('input_audio_buffer.clear');
  expect(connection.speech).toBe('0 bytes');
  say('input_audio_buffer.append', { audio: audio(4800) });
  say('input_audio_buffer.append', { audio: audio(2) });
  say('input_audio_buffer.commit');
  const transcript = '4802 bytes';
  expect(connection.conversation.items).toMatchObject([{ content: [{ transcript }] }]);
  const type = 'conversation.item.input_audio_transcription.completed';
  expect(newest(type)).toMatchObject({ transcript });
});

test('100 ms of audio is enough to commit, which empties the buffer, as a clear does', () => {
  const { connection, say, newest, types, record } = connect();
  say('input_audio_buffer.append', { audio: audio(4798) });
  say('input_audio_buffer.commit');
  expect(connection.errors).toMatchObject([
    { message: expect.stringContaining('only has 100.00ms') },
  ]);
  say('input_audio_buffer.append', { audio: audio(2) });
  say('input_audio_buffer.commit');
  expect(connection.conversation.items).toMatchObject([
    { role: 'user', status: 'completed', content: [{ type: 'input_audio', transcript: null }] },
  ]);
  const [item] = connection.conversation.items;
  const at = { previous_item_id: null, item_id: item?.id };
  expect(newest('input_audio_buffer.committed')).toMatchObject(at);
  expect(newest('conversation.item.done')).toMatchObject({ item: { id: item?.id } });
  say('input_audio_buffer.commit');
  say('input_audio_buffer.append', { audio: audio(4800) });
  say('input_audio_buffer.clear');
  expect(types().at(-1)).toBe('input_audio_buffer.cleared');
  say('input_audio_buffer.commit');
  expect(connection.errors).toHaveLength(3);
  expect(record.audio).toEqual({ chunks: 3, bytes: 9600 });
  expect(record.messages.some(({ message }) => message.audio !== undefined)).toBe(false);
});

test('items are added in place, retrieved, truncated and deleted, each with its event', () => {
  const { connection, say, newest, create } = connect();
  create(text('a'));
  create(text('b'), { previous_item_id: 'root' });
  create({ ...text('c'), id: undefined as never });
  expect(connection.conversation.items.map(({ id }) => id)).toEqual(['b', 'a', 'item_fake1_1']);
  expect(newest('conversation.item.added')).toMatchObject({
    previous_item_id: 'a',
    item: { object: 'realtime.item', status: 'completed', type: 'message' },
  });
  say('conversation.item.retrieve', { item_id: 'a' });
  expect(newest('conversation.item.retrieved')).toMatchObject({ item: { id: 'a' } });
  const place = { item_id: 'a', content_index: 0, audio_end_ms: 20 };
  say('conversation.item.truncate', place);
  expect(newest('conversation.item.truncated')).toMatchObject(place);
  say('conversation.item.delete', { item_id: 'a' });
  expect(newest('conversation.item.deleted')).toMatchObject({ item_id: 'a' });
  for (const action of ['retrieve', 'truncate', 'delete'])
    say(`conversation.item.${action}`, { item_id: 'a' });
  expect(connection.errors.map(({ code }) => code)).toEqual([
    'item_retrieve_invalid_item_id',
    'item_truncate_invalid_item_id',
    'item_delete_invalid_item_id',
  ]);
});

test('a connection has the pictures of its own conversation that are not deleted', () => {
  const record = new ServiceRecord();
  const [one, other] = [connect({ record }), connect({ record, id: 2 })];
  one.create(image('a'));
  one.create(image('b'));
  other.create(image('a'));
  one.say('conversation.item.delete', { item_id: 'a' });
  expect(one.connection.pictures).toMatchObject([{ itemId: 'b', connection: 1, width: 64 }]);
  expect(other.connection.pictures).toMatchObject([{ itemId: 'a', connection: 2 }]);
  expect(record.frames).toHaveLength(3);
});

test('an older model refuses pictures, and keeps no item of them', () => {
  const { connection, create, record } = connect({ takesPictures: false });
  create(image('a'));
  expect(connection.errors).toMatchObject([{ param: 'item.content[0].type' }]);
  expect(connection.conversation.items).toEqual([]);
  expect(record.frames).toEqual([]);
  create(text('b'));
  expect(connection.errors).toHaveLength(1);
});

const transcribed = (turn_detection: JsonObject | null) => ({
  session: { type: 'realtime', audio: { input: { turn_detection, transcription: {} } } },
});

test('speech of the user is one item from its beginning on, with a transcript if asked for', () => {
  const { connection, say, newest, types } = connect();
  connection.speechStarted();
  connection.speechStopped('unheard');
  expect(types()).not.toContain('conversation.item.input_audio_transcription.completed');
  say('session.update', transcribed({ type: 'server_vad', create_response: false }));
  say('response.cancel');
  connection.speechStarted();
  const { item_id } = newest('input_audio_buffer.speech_started') ?? {};
  connection.speechStopped('Who?');
  for (const type of ['speech_stopped', 'committed'])
    expect(newest(`input_audio_buffer.${type}`)).toMatchObject({ item_id });
  expect(newest('conversation.item.input_audio_transcription.completed')).toMatchObject({
    item_id,
    content_index: 0,
    transcript: 'Who?',
  });
  expect(connection.conversation.lastQuestion).toBe('Who?');
  expect(() => connection.speechStopped('again')).toThrow('the user is not speaking');
});

test('the turn detection decides whether speech interrupts, and whether it is answered', () => {
  const created = (detection: JsonObject) => {
    const { connection, say, types } = connect();
    say('session.update', transcribed({ type: 'server_vad', ...detection }));
    say('response.create');
    connection.speechStarted();
    const isInterrupted = types().includes('response.done');
    if (!isInterrupted) say('response.cancel');
    connection.speechStopped('x');
    return [isInterrupted, types().filter((type) => type === 'response.created').length];
  };
  expect(created({})).toEqual([true, 2]);
  expect(created({ interrupt_response: false })).toEqual([false, 2]);
  expect(created({ create_response: false })).toEqual([true, 1]);
  const { connection, say } = connect();
  connection.speechStarted();
  say('session.update', transcribed(null));
  expect(() => connection.speechStarted()).toThrow('no turn detection');
  expect(() => connection.speechStopped('x')).toThrow('no turn detection');
});

test('a question has the text of the user, or the result of a tool, and the pictures', async () => {
  const typed = connect();
  typed.create(text('Who?'));
  typed.create(image('a'));
  typed.say('response.create', { response: { instructions: 'Be short.' } });
  await typed.answered;
  expect(typed.asked).toMatchObject([
    {
      connection: 1,
      cause: 'text',
      text: 'Who?',
      instructions: 'Be short.',
      frames: [{ itemId: 'a' }],
    },
  ]);
  const tool = connect();
  tool.create({ type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' });
  tool.create({ type: 'function_call_output', call_id: 'c', output: 'a cat' });
  // The picture of a look follows its result.
  tool.create(image('b'));
  tool.say('response.create');
  await tool.answered;
  expect(tool.asked).toMatchObject([{ cause: 'tools', text: 'a cat' }]);
});

test('a question is all that has no answer yet, and the history that a client writes has one', async () => {
  const { create, say, asked, connection, socket } = connect();
  const next = () => new Promise((resolve) => socket.once('answered', resolve));
  create(text('old'));
  create({ ...text('said'), role: 'assistant', content: [{ type: 'output_text', text: 'yes' }] });
  create(text('one'));
  create(text('two'));
  const first = next();
  say('response.create');
  await first;
  expect(asked.at(-1)).toMatchObject({ text: 'one\ntwo' });
  await settled();
  connection.say({ text: 'an answer' });
  await done(socket);
  create(text('three'));
  const second = next();
  say('response.create');
  await second;
  expect(asked.at(-1)).toMatchObject({ text: 'three' });
});

/** Resolves when the response has ended. */
async function done(socket: MemorySocket): Promise<void> {
  while (socket.sent.at(-1)?.type !== 'response.done') await settled();
}

test('the end of the connection ends its response', async () => {
  const { connection, socket, say, asked } = connect();
  say('response.create');
  socket.end(1000);
  await connection.closed;
  // A later response is answered first if the ended one is not.
  const control = connect();
  control.say('response.create');
  await control.answered;
  expect(asked).toEqual([]);
});
