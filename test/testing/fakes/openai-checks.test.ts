import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import {
  OpenAIRefusal,
  readAudio,
  readEventType,
  readItem,
  readResponse,
  readSession,
  requireText,
} from '../../../src/testing/fakes/openai-checks.ts';
import { Conversation } from '../../../src/testing/fakes/openai-conversation.ts';
import { newSession, updatedSession } from '../../../src/testing/fakes/openai-session.ts';
import { picture } from '../../support/sample-pictures.ts';

const png = (await picture('png')).toString('base64');
const jpeg = (await picture('jpeg')).toString('base64');

/** The error event that the service sends: its code and the parameter that is wrong. */
function refused(check: () => unknown, code: string, param: string | null, why = /./) {
  expect(check).toThrow(OpenAIRefusal);
  expect(check).toThrow(expect.objectContaining({ code, param }));
  expect(check).toThrow(why);
}
const INVALID = 'invalid_value';
const MISSING = 'missing_required_parameter';
const UNKNOWN = 'unknown_parameter';

describe('the events that FakeOpenAIRealtime takes', () => {
  test.each<[string, ...string[]]>([
    ['session.update', 'session'],
    ['input_audio_buffer.append', 'audio'],
    ['input_audio_buffer.commit'],
    ['input_audio_buffer.clear'],
    ['conversation.item.create', 'item', 'previous_item_id'],
    ['conversation.item.delete', 'item_id'],
    ['conversation.item.retrieve', 'item_id'],
    ['conversation.item.truncate', 'item_id', 'content_index', 'audio_end_ms'],
    ['response.create', 'response'],
    ['response.cancel', 'response_id'],
  ])('the event %s has its own fields, and no others', (type, ...fields) => {
    const event = { type, event_id: 'e', ...Object.fromEntries(fields.map((name) => [name, 1])) };
    expect(readEventType(event)).toBe(type);
    refused(() => readEventType({ ...event, now: 1 }), UNKNOWN, 'now');
  });

  test('an event has a known type, and an id of 512 characters at most', () => {
    expect(readEventType({ type: 'response.cancel' })).toBe('response.cancel');
    refused(() => readEventType({}), MISSING, 'type');
    refused(() => readEventType({ type: 'x' }), INVALID, 'type', /session.update/);
    const withId = (event_id: string | number) => () =>
      readEventType({ type: 'response.cancel', event_id });
    expect(withId('x'.repeat(512))).not.toThrow();
    refused(withId('x'.repeat(513)), 'string_above_max_length', 'event_id', /512.*513/);
    refused(withId(1), INVALID, 'event_id');
    refused(withId(''), INVALID, 'event_id');
  });

  test('only a late cancel is harmless', () => {
    expect(new OpenAIRefusal('', 'response_cancel_not_active').isHarmless).toBe(true);
    expect(new OpenAIRefusal('', INVALID).isHarmless).toBe(false);
  });

  const session = (more: JsonObject) => ({ type: 'realtime', ...more });
  const tool = { type: 'function', name: 'look', description: '', parameters: {} };

  test('a session has its type, one modality and tools of functions', () => {
    for (const modality of ['audio', 'text'])
      expect(() => readSession(session({ output_modalities: [modality] }))).not.toThrow();
    expect(readSession(session({ tools: [tool] }))).toEqual(session({ tools: [tool] }));
    refused(() => readSession(undefined), MISSING, 'session');
    refused(() => readSession('x'), INVALID, 'session');
    refused(() => readSession({}), MISSING, 'session.type');
    refused(() => readSession(session({ voice: 'x' })), UNKNOWN, 'session.voice');
    for (const wrong of [[], ['audio', 'text'], 'audio', ['video'], ['audio2']])
      refused(
        () => readSession(session({ output_modalities: wrong })),
        INVALID,
        'session.output_modalities',
      );
    refused(() => readSession(session({ tools: {} })), INVALID, 'session.tools');
    const withTool = (more: JsonObject) => () =>
      readSession(session({ tools: [tool, { ...tool, ...more }] }));
    refused(withTool({ strict: true }), UNKNOWN, 'session.tools[1].strict');
    refused(withTool({ type: 'mcp' }), INVALID, 'session.tools[1].type');
    refused(withTool({ name: '' }), MISSING, 'session.tools[1].name');
  });

  test('a response has known settings and one modality, or none at all', () => {
    expect(readResponse(undefined)).toEqual({});
    expect(readResponse({ metadata: {} })).toEqual({ metadata: {} });
    refused(() => readResponse(1), INVALID, 'response');
    refused(() => readResponse({ input: [] }), UNKNOWN, 'response.input');
    refused(() => readResponse({ output_modalities: [] }), INVALID, 'response.output_modalities');
  });

  test('audio is base64 of whole samples', () => {
    expect(readAudio('AAAAAA==')).toHaveLength(4);
    refused(() => readAudio('AAAA'), INVALID, 'audio', /base64-encoded audio/);
    refused(() => readAudio(undefined), INVALID, 'audio');
  });

  test('a text may have a longest length', () => {
    expect(requireText('abc', 'x', 3)).toBe('abc');
    refused(() => requireText(undefined, 'x'), MISSING, 'x');
    refused(() => requireText(1, 'x'), INVALID, 'x');
    refused(() => requireText('abcd', 'x', 3), 'string_above_max_length', 'x');
  });

  const ids = { items: ['old'], calls: ['call'] };
  const read = (item: unknown) => readItem(item, ids);
  const message = (role: string, ...content: JsonObject[]) => ({ type: 'message', role, content });
  const image = (image_url: string, more: JsonObject = {}) =>
    message('user', { type: 'input_image', image_url, ...more });

  test.each<[string, JsonObject]>([
    ['text of a user', message('user', { type: 'input_text', text: '' })],
    ['audio of a user', message('user', { type: 'input_audio', audio: 'AAA=', transcript: 'a' })],
    ['text of a system', message('system', { type: 'input_text', text: 'a' })],
    ['text of an assistant', message('assistant', { type: 'output_text', text: 'a' })],
    ['audio of an assistant', message('assistant', { type: 'output_audio', transcript: 'a' })],
    ['a call', { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' }],
    ['a result', { type: 'function_call_output', call_id: 'call', output: 'x' }],
    [
      'all fields',
      { ...message('user', { type: 'input_text', text: 'a' }), id: 'x', status: 'x', object: 'x' },
    ],
  ])('an item may be %s', (_what, item) => {
    expect(read(item)).toEqual({ item, images: [] });
  });

  test('an item may have pictures with each detail, as JPEG or PNG', () => {
    for (const detail of [undefined, 'auto', 'low', 'high'])
      for (const [type, data] of [
        ['png', png],
        ['jpeg', jpeg],
      ]) {
        const { images } = read(image(`data:image/${type};base64,${data}`, { detail }));
        expect(images.map((one) => one.picture)).toEqual([
          { mimeType: `image/${type}`, width: 64, height: 48 },
        ]);
        expect(images[0]?.data.toString('base64')).toBe(data);
      }
  });

  const part = 'item.content[0]';
  const url = `${part}.image_url`;
  test.each<[string, unknown, string, string, RegExp?]>([
    ['nothing', undefined, MISSING, 'item'],
    ['an unknown type', { type: 'x' }, INVALID, 'item.type'],
    [
      'an unknown field',
      { ...message('user', { type: 'input_text', text: 'a' }), x: 1 },
      UNKNOWN,
      'item.x',
    ],
    ['fields of another type', { ...message('user'), name: 'x' }, UNKNOWN, 'item.name'],
    ['an id twice', { ...message('user'), id: 'old' }, 'item_create_duplicate_item_id', 'item.id'],
    ['a long id', { ...message('user'), id: 'x'.repeat(33) }, 'string_above_max_length', 'item.id'],
    ['an unknown role', message('tool', {}), INVALID, 'item.role'],
    ['no content', message('user'), MISSING, 'item.content'],
    [
      'content that is a text',
      { type: 'message', role: 'user', content: 'a' },
      MISSING,
      'item.content',
    ],
    ['a part that is a text', { type: 'message', role: 'user', content: ['a'] }, INVALID, part],
    [
      'content of another role',
      message('system', { type: 'input_audio', audio: '' }),
      INVALID,
      `${part}.type`,
    ],
    ['an unknown part', message('user', { type: 'x' }), INVALID, `${part}.type`],
    [
      'an unknown field of a part',
      message('user', { type: 'input_text', text: 'a', x: 1 }),
      UNKNOWN,
      `${part}.x`,
    ],
    ['a part without its text', message('user', { type: 'input_text' }), MISSING, `${part}.text`],
    [
      'audio that is none',
      message('user', { type: 'input_audio', audio: 'AAAA' }),
      INVALID,
      'audio',
    ],
    [
      'an unknown detail',
      image(`data:image/png;base64,${png}`, { detail: 'x' }),
      INVALID,
      `${part}.detail`,
    ],
    ['a link', image('https://example.org/a.png'), INVALID, url, /data URL .* but got 'https:/],
    ['a WebP', image(`data:image/webp;base64,${png}`), INVALID, url],
    ['a picture of another type', image(`data:image/jpeg;base64,${png}`), INVALID, url],
    ['a picture that is none', image('data:image/png;base64,AAAA'), INVALID, url, /are no picture/],
    ['a picture without bytes', image('data:image/png;base64'), INVALID, url],
    [
      'a call without an id',
      { type: 'function_call', name: 'a', arguments: 'b' },
      MISSING,
      'item.call_id',
    ],
    [
      'a call without a name',
      { type: 'function_call', call_id: 'c', arguments: '{}' },
      MISSING,
      'item.name',
    ],
    [
      'a call without arguments',
      { type: 'function_call', call_id: 'c', name: 'a' },
      MISSING,
      'item.arguments',
    ],
    [
      'a result without output',
      { type: 'function_call_output', call_id: 'call' },
      MISSING,
      'item.output',
    ],
    [
      'a result of no call',
      { type: 'function_call_output', call_id: 'x', output: 'a' },
      'invalid_tool_call_id',
      'item.call_id',
    ],
  ])('an item must not have or be %s', (_what, item, code, param, why) => {
    refused(() => read(item), code, param, why);
  });
});

describe('the conversation of FakeOpenAIRealtime', () => {
  const item = (id: string, more: JsonObject = {}) => ({ id, type: 'message', ...more });

  test('an item follows the one that is named, the root, or the last one', () => {
    const conversation = new Conversation();
    expect(conversation.add(item('a'))).toBeNull();
    expect(conversation.add(item('c'))).toBe('a');
    expect(conversation.add(item('b'), 'a')).toBe('a');
    expect(conversation.add(item('0'), 'root')).toBeNull();
    expect(conversation.items.map(({ id }) => id)).toEqual(['0', 'a', 'b', 'c']);
    refused(
      () => conversation.add(item('d'), 'x'),
      'item_create_invalid_previous_item_id',
      'previous_item_id',
      /'x' does not exist/,
    );
  });

  test('an item that is not there cannot be deleted, retrieved or truncated', () => {
    const conversation = new Conversation();
    conversation.add(item('a'));
    conversation.add(item('b'));
    expect(conversation.get('a', 'retrieve')).toMatchObject({ id: 'a' });
    conversation.delete('a');
    expect(conversation.has('a')).toBe(false);
    expect(conversation.has('b')).toBe(true);
    refused(() => conversation.delete('a'), 'item_delete_invalid_item_id', 'item_id', /deleting/);
    for (const action of ['retrieve', 'truncate'] as const)
      refused(() => conversation.get('a', action), `item_${action}_invalid_item_id`, 'item_id');
  });

  test('the last question is the newest text or transcript of the user', () => {
    const conversation = new Conversation();
    expect(conversation.lastQuestion).toBe('');
    const said = (id: string, role: string, ...content: JsonObject[]) =>
      conversation.add(item(id, { role, content }));
    said('a', 'user', { text: 'one' }, { transcript: 'two' }, {});
    said('b', 'assistant', { text: 'answer' });
    said('c', 'user', { transcript: null });
    expect(conversation.lastQuestion).toBe('one\ntwo');
    conversation.add(item('d', { type: 'function_call', call_id: 'x' }));
    conversation.add(item('e', { type: 'function_call_output', call_id: 'y' }));
    expect(conversation.ids).toEqual({ items: ['a', 'b', 'c', 'd', 'e'], calls: ['x'] });
  });

  test('the open questions are those without an answer, or the last one if all have one', () => {
    const conversation = new Conversation();
    expect(conversation.open).toEqual([]);
    const said = (id: string, role: string, text: string) =>
      conversation.add(item(id, { role, content: [{ text }] }));
    const open = () => conversation.open.map(({ id }) => id);
    for (const id of ['a', 'b']) said(id, 'user', id);
    said('silent', 'user', '');
    said('answer', 'assistant', 'yes');
    said('c', 'user', 'c');
    expect(open()).toEqual(['a', 'b', 'c']);
    conversation.answered(conversation.open.slice(0, 1));
    expect(open()).toEqual(['b', 'c']);
    conversation.answeredBefore('answer');
    expect(open()).toEqual(['c']);
    conversation.answered(conversation.open);
    expect(open()).toEqual(['c']);
    said('d', 'user', 'd');
    expect(open()).toEqual(['d']);
  });

  test('an update of a session replaces its fields, and merges the audio', () => {
    const before = newSession('s', 'gpt-realtime');
    const turn_detection = { type: 'semantic_vad' };
    const after = updatedSession(before, {
      instructions: 'Look.',
      audio: { input: { turn_detection }, output: { voice: 'ash' } },
    });
    const { input, output } = before.audio as { input: JsonObject; output: JsonObject };
    expect(after).toEqual({
      ...before,
      instructions: 'Look.',
      audio: { input: { ...input, turn_detection }, output: { ...output, voice: 'ash' } },
    });
    expect(updatedSession(after, { tools: [] })).toEqual(after);
    expect(input.turn_detection).toMatchObject({ create_response: true, interrupt_response: true });
  });
});
