import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import { FakeOpenAIRealtime } from '../../../src/testing/fakes/openai-realtime.ts';
import { RawClient } from '../../support/fakes/raw-client.ts';
import { type PictureFormat, picture } from '../../support/sample-pictures.ts';

let service: FakeOpenAIRealtime;
let origin: string;
let client: RawClient;

beforeEach(async () => {
  service = new FakeOpenAIRealtime({ apiKey: 'k' });
  ({ url: origin } = await service.listen());
  client = await connect();
});

afterEach(() => service.close());

function connect(path = '/v1/realtime?model=gpt-realtime', key = 'Bearer k') {
  return RawClient.connect(`${origin}${path}`, { Authorization: key });
}

const message = (content: JsonObject[], more: JsonObject = {}): JsonObject => ({
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content, ...more },
});

const text = (id: string, previousId?: string): JsonObject => ({
  ...message([{ type: 'input_text', text: id }], { id }),
  ...(previousId === undefined ? {} : { previous_item_id: previousId }),
});

async function image(format: PictureFormat, mimeType = `image/${format}`): Promise<JsonObject> {
  const base64 = (await picture(format)).toString('base64');
  return { type: 'input_image', image_url: `data:${mimeType};base64,${base64}` };
}

async function expectError(code: string, why: RegExp, eventId: string | null = null) {
  const { error } = await client.got('error');
  const expected = { type: 'invalid_request_error', code, event_id: eventId };
  expect(error).toMatchObject({ ...expected, message: expect.stringMatching(why) });
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  expect(service.violations).toHaveLength(1);
}

describe('the handshake', () => {
  it.each([
    ['/v1/realtime?model=gpt-realtime', '', '401'],
    ['/v1/realtime?model=gpt-realtime', 'Bearer other', '401'],
    ['/v1/realtime', 'Bearer k', '400'],
    ['/v2/realtime?model=gpt-realtime', 'Bearer k', '404'],
    ['/openai/v1/realtime?model=gpt-realtime', 'Bearer other', '401'],
  ])(
    'a handshake with FakeOpenAIRealtime at %s with "%s" is refused with %s',
    async (path, key, status) => {
      await expect(connect(path, key)).rejects.toThrow(status);
    },
  );

  it('a handshake with FakeOpenAIRealtime is followed by the session', async () => {
    const { session } = await client.got('session.created');
    expect(session).toMatchObject({ model: 'gpt-realtime', output_modalities: ['audio'] });
  });
});

describe('an event', () => {
  const refused: [string, JsonObject | string, string, RegExp][] = [
    ['is JSON', '{"type":', 'invalid_json', /not valid JSON/],
    ['has a type', {}, 'missing_required_parameter', /'type'/],
    ['has a known type', { type: 'session.delete' }, 'invalid_value', /'session.delete'/],
    ['has no unknown field', { type: 'response.create', now: true }, 'unknown_parameter', /'now'/],
    [
      'names a session of the kind',
      { type: 'session.update', session: {} },
      'missing_required_parameter',
      /session.type/,
    ],
    [
      'has known settings',
      { type: 'session.update', session: { type: 'realtime', temperature: 1 } },
      'unknown_parameter',
      /session.temperature/,
    ],
    [
      'has one modality',
      {
        type: 'session.update',
        session: { type: 'realtime', output_modalities: ['text', 'audio'] },
      },
      'invalid_value',
      /output_modalities/,
    ],
    [
      'appends base64',
      { type: 'input_audio_buffer.append', audio: 'no' },
      'invalid_value',
      /base64-encoded audio/,
    ],
    [
      'commits audio that is there',
      { type: 'input_audio_buffer.commit' },
      'input_audio_buffer_commit_empty',
      /0.00ms/,
    ],
    [
      'deletes an item that is there',
      { type: 'conversation.item.delete', item_id: 'nope' },
      'item_delete_invalid_item_id',
      /'nope' does not exist/,
    ],
    [
      'answers a call that is there',
      {
        type: 'conversation.item.create',
        item: { type: 'function_call_output', call_id: 'nope', output: 'x' },
      },
      'invalid_tool_call_id',
      /'nope' not found/,
    ],
    [
      'follows an item that is there',
      text('a', 'nope'),
      'item_create_invalid_previous_item_id',
      /nope/,
    ],
    ['has a short id', text('x'.repeat(33)), 'string_above_max_length', /maximum length 32/],
    ['has content', message([]), 'missing_required_parameter', /item.content/],
    [
      'has content of the role',
      message([{ type: 'input_text', text: 'x' }], { role: 'assistant' }),
      'invalid_value',
      /output_text/,
    ],
    [
      'has pictures of the user only',
      message([{ type: 'input_image', image_url: 'data:' }], { role: 'system' }),
      'invalid_value',
      /input_image/,
    ],
    [
      'has pictures with a URL',
      message([{ type: 'input_image', image: 'AAAA' }]),
      'unknown_parameter',
      /content\[0\].image'/,
    ],
    ['has that URL', message([{ type: 'input_image' }]), 'missing_required_parameter', /image_url/],
    [
      'has a picture in the URL',
      message([{ type: 'input_image', image_url: 'https://example.org/a.jpg' }]),
      'invalid_value',
      /data URL/,
    ],
    [
      'has whole pictures',
      message([{ type: 'input_image', image_url: 'data:image/jpeg;base64,AAAA' }]),
      'invalid_value',
      /no picture/,
    ],
  ];

  it.each(refused)(
    'an event for FakeOpenAIRealtime is refused unless it %s',
    async (_name, event, code, why) => {
      const eventId = 'event_of_the_client';
      const isText = typeof event === 'string';
      client.send(isText ? event : { event_id: eventId, ...event });
      await expectError(code, why, isText ? null : eventId);
      expect(service.conversation).toEqual([]);
    },
  );

  it('an event for FakeOpenAIRealtime has pictures of the declared type', async () => {
    client.send(message([await image('jpeg', 'image/png')]));
    await expectError('invalid_value', /MIME type is image\/png, but its bytes are image\/jpeg/);
  });

  it('an event for FakeOpenAIRealtime has pictures of two formats, but not WebP', async () => {
    client.send(message([await image('jpeg')], { id: 'first' }));
    client.send(message([await image('png')]));
    client.send(message([await image('webp')]));
    await expectError('invalid_value', /data URL/);
    expect(service.frames).toMatchObject([
      { mimeType: 'image/jpeg', itemId: 'first', via: 'conversation.item.create' },
      { mimeType: 'image/png', width: 64, height: 48 },
    ]);
  });
});

describe('the conversation', () => {
  it('the conversation of FakeOpenAIRealtime keeps the requested order, and forgets deleted items', async () => {
    client.send(text('a'));
    client.send(text('c', 'a'));
    client.send(text('b', 'a'));
    client.send(text('first', 'root'));
    client.send(message([await image('png')], { id: 'picture' }));
    client.send({ type: 'conversation.item.delete', item_id: 'a' });
    await client.got('conversation.item.deleted');
    expect(service.conversation.map(({ id }) => id)).toEqual(['first', 'b', 'c', 'picture']);
    expect(service.pictures.map(({ itemId }) => itemId)).toEqual(['picture']);
    client.send({ type: 'conversation.item.delete', item_id: 'picture' });
    await service.until(() => service.pictures.length === 0);
    expect(service.frames).toHaveLength(1);
    const added = client.received.filter(({ type }) => type === 'conversation.item.added');
    const previous = added.map(({ previous_item_id }) => previous_item_id);
    expect(previous).toEqual([null, 'a', 'a', null, 'c']);
  });

  it('the conversation of FakeOpenAIRealtime has no two items with one id', async () => {
    client.send(text('a'));
    client.send(text('a'));
    await expectError('item_create_duplicate_item_id', /'a' already exists/);
  });
});

describe('a response', () => {
  const create = { type: 'response.create', response: { metadata: { client_event_id: 'mine' } } };
  const types = () => client.received.map(({ type }) => String(type));

  it('a response of FakeOpenAIRealtime is spoken, event by event', async () => {
    await client.got('session.created');
    client.send(create);
    const { response } = await client.got('response.done');
    expect(types().slice(1)).toEqual([
      'response.created',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
    ]);
    expect(response).toMatchObject({
      status: 'completed',
      metadata: { client_event_id: 'mine' },
      output: [{ role: 'assistant', content: [{ type: 'output_audio', transcript: 'I see it.' }] }],
    });
  });

  it('a response of FakeOpenAIRealtime is a text or a tool call', async () => {
    service.reply = () => ({ text: 'Look', toolCalls: [{ name: 'look', args: { far: true } }] });
    client.send({ ...create, response: { output_modalities: ['text'] } });
    const { response } = await client.got('response.done');
    expect(response).toMatchObject({
      output: [
        { content: [{ type: 'output_text', text: 'Look' }] },
        { type: 'function_call', name: 'look', arguments: '{"far":true}' },
      ],
    });
    expect(types()).toContain('response.output_text.delta');
    expect(types()).toContain('response.function_call_arguments.done');
  });

  it('responses of FakeOpenAIRealtime come one at a time, and can be cancelled once', async () => {
    service.reply = () => ({ text: 'A long story', hold: true });
    client.send(create);
    client.send(create);
    await expectError('conversation_already_has_active_response', /active response in progress/);
    client.send({ type: 'response.cancel' });
    client.send({ type: 'response.cancel' });
    const { response } = await client.got('response.done');
    expect(response).toMatchObject({ status: 'cancelled' });
    await client.message('a late cancel', ({ error }) => {
      return (error as JsonObject | undefined)?.code === 'response_cancel_not_active';
    });
    expect(service.connection.errors).toHaveLength(2);
    expect(service.violations).toHaveLength(1);
  });

  it('a response of FakeOpenAIRealtime answers all that has no answer, in the order of its items', async () => {
    const asked: string[] = [];
    service.reply = ({ text: said }) => {
      asked.push(said);
      return 'yes';
    };
    const answered = async (count: number) => {
      client.send(create);
      await service.until(() => asked.length === count, `answer ${count}`);
      await client.message(`end ${count}`, () => {
        return types().filter((type) => type === 'response.done').length === count;
      });
    };
    client.send(text('of the history'));
    const history = { role: 'assistant', content: [{ type: 'output_text', text: 'An answer' }] };
    client.send({ type: 'conversation.item.create', item: { type: 'message', ...history } });
    client.send(text('b'));
    client.send(text('a', 'of the history'));
    await answered(1);
    client.send(text('c', 'root'));
    await answered(2);
    await answered(3);
    expect(asked).toEqual(['a\nb', 'c', 'b']);
  });

  it('a response of FakeOpenAIRealtime follows speech, and new speech ends it', async () => {
    service.reply = ({ cause, text: said }) => ({ text: `${cause}: ${said}`, hold: true });
    client.send({
      type: 'session.update',
      session: { type: 'realtime', audio: { input: { transcription: { model: 'whisper-1' } } } },
    });
    await client.got('session.updated');
    await service.hear('hello');
    const { delta } = await client.got('response.output_audio_transcript.delta');
    expect(delta).toBe('speech: hello');
    expect(types()).toContain('conversation.item.input_audio_transcription.completed');
    service.speechStarted();
    const { response } = await client.got('response.done');
    expect(response).toMatchObject({ status_details: { reason: 'turn_detected' } });
    expect(service.violations).toEqual([]);
  });
});

describe('the audio buffer', () => {
  it('the audio buffer of FakeOpenAIRealtime can be appended to, cleared and committed', async () => {
    const audio = Buffer.alloc(4800).toString('base64');
    client.send({ type: 'input_audio_buffer.append', audio });
    client.send({ type: 'input_audio_buffer.clear' });
    await client.got('input_audio_buffer.cleared');
    client.send({ type: 'input_audio_buffer.append', audio });
    client.send({ type: 'input_audio_buffer.commit' });
    await client.got('input_audio_buffer.committed');
    expect(service.audio).toEqual({ chunks: 2, bytes: 9600 });
    expect(service.conversation).toMatchObject([{ content: [{ type: 'input_audio' }] }]);
    expect(service.violations).toEqual([]);
  });
});
