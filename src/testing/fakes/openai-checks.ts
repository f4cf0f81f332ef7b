import {
  decodeBase64,
  isObject,
  type JsonObject,
  objectsAt,
  textAt,
  unknownField,
} from './json.ts';
import { type Picture, readPicture } from './picture.ts';

/** An event that the service refuses with an `error` event. */
export class OpenAIRefusal extends Error {
  readonly code: string;
  readonly param: string | null;

  constructor(message: string, code: string, param: string | null = null) {
    super(message);
    this.code = code;
    this.param = param;
  }

  /** A late cancel is harmless, because no client can avoid it. */
  get isHarmless(): boolean {
    return this.code === 'response_cancel_not_active';
  }
}

const EVENT_FIELDS = {
  'session.update': ['session'],
  'input_audio_buffer.append': ['audio'],
  'input_audio_buffer.commit': [],
  'input_audio_buffer.clear': [],
  'conversation.item.create': ['item', 'previous_item_id'],
  'conversation.item.delete': ['item_id'],
  'conversation.item.retrieve': ['item_id'],
  'conversation.item.truncate': ['item_id', 'content_index', 'audio_end_ms'],
  'response.create': ['response'],
  'response.cancel': ['response_id'],
} as const satisfies Record<string, readonly string[]>;

export type ClientEventType = keyof typeof EVENT_FIELDS;

const SESSION_FIELDS = [
  'type',
  'model',
  'instructions',
  'output_modalities',
  'audio',
  'max_output_tokens',
  'tools',
  'tool_choice',
  'tracing',
  'truncation',
  'include',
  'prompt',
  'reasoning',
];
/** Responses outside the conversation (`conversation`, `input`) are not supported. */
const RESPONSE_FIELDS = [
  'instructions',
  'metadata',
  'output_modalities',
  'audio',
  'tools',
  'tool_choice',
  'max_output_tokens',
];
const CONTENT_TYPES: Record<string, readonly string[]> = {
  user: ['input_text', 'input_audio', 'input_image'],
  system: ['input_text'],
  assistant: ['output_text', 'output_audio'],
};
const CONTENT_FIELDS: Record<string, { required: readonly string[]; optional: readonly string[] }> =
  {
    input_text: { required: ['text'], optional: [] },
    input_audio: { required: ['audio'], optional: ['transcript'] },
    input_image: { required: ['image_url'], optional: ['detail'] },
    output_text: { required: ['text'], optional: [] },
    output_audio: { required: [], optional: ['audio', 'transcript'] },
  };
const ITEM_FIELDS: Record<string, readonly string[]> = {
  message: ['role', 'content'],
  function_call: ['call_id', 'name', 'arguments'],
  function_call_output: ['call_id', 'output'],
};
const LONGEST_ITEM_ID = 32;
const LONGEST_EVENT_ID = 512;

/** The type of an event without unknown fields. */
export function readEventType(event: JsonObject): ClientEventType {
  const { type, event_id: eventId } = event;
  if (type === undefined) throw missing('type');
  const known = Object.keys(EVENT_FIELDS) as ClientEventType[];
  const found = known.find((name) => name === type);
  if (!found) throw invalid('type', `'${String(type)}'`, known);
  requireKnown(event, ['type', 'event_id', ...EVENT_FIELDS[found]]);
  if (eventId !== undefined) requireText(eventId, 'event_id', LONGEST_EVENT_ID);
  return found;
}

/** The `session` of an update. */
export function readSession(value: unknown): JsonObject {
  const session = requireObject(value, 'session');
  if (session.type !== 'realtime') throw missing('session.type');
  requireKnown(session, SESSION_FIELDS, 'session');
  checkModalities(session.output_modalities, 'session.output_modalities');
  const { tools = [] } = session;
  if (!Array.isArray(tools)) throw invalid('session.tools', 'a value that is no list');
  for (const [index, tool] of objectsAt({ tools }, 'tools').entries()) {
    const where = `session.tools[${index}]`;
    requireKnown(tool, ['type', 'name', 'description', 'parameters'], where);
    if (tool.type !== 'function') throw invalid(`${where}.type`, `'${tool.type}'`, ['function']);
    if (textAt(tool, 'name') === '') throw missing(`${where}.name`);
  }
  return session;
}

/** The parameters of a `response.create`. */
export function readResponse(value: unknown): JsonObject {
  if (value === undefined) return {};
  const response = requireObject(value, 'response');
  requireKnown(response, RESPONSE_FIELDS, 'response');
  checkModalities(response.output_modalities, 'response.output_modalities');
  return response;
}

export interface ReadItem {
  item: JsonObject;
  images: { picture: Picture; data: Buffer }[];
}

/** An item that can be added to a conversation with the items and calls of `ids`. */
export function readItem(value: unknown, ids: { items: string[]; calls: string[] }): ReadItem {
  const item = requireObject(value, 'item');
  const type = textAt(item, 'type');
  const fields = ITEM_FIELDS[type];
  if (!fields) throw invalid('item.type', `'${type}'`, Object.keys(ITEM_FIELDS));
  requireKnown(item, ['id', 'object', 'type', 'status', ...fields], 'item');
  if (item.id !== undefined) {
    const id = requireText(item.id, 'item.id', LONGEST_ITEM_ID);
    if (ids.items.includes(id)) {
      const message = `Error adding item: an item with ID '${id}' already exists in this conversation.`;
      throw new OpenAIRefusal(message, 'item_create_duplicate_item_id', 'item.id');
    }
  }
  if (type === 'message') return { item, images: readContent(item) };
  const callId = requireText(item.call_id, 'item.call_id');
  if (type === 'function_call') {
    requireText(item.name, 'item.name');
    requireText(item.arguments, 'item.arguments');
  } else {
    requireText(item.output, 'item.output');
    if (!ids.calls.includes(callId)) {
      const message = `Tool call ID '${callId}' not found in conversation.`;
      throw new OpenAIRefusal(message, 'invalid_tool_call_id', 'item.call_id');
    }
  }
  return { item, images: [] };
}

export function readAudio(value: unknown): Buffer {
  const audio = decodeBase64(value);
  if (audio && audio.length % 2 === 0) return audio;
  throw new OpenAIRefusal(
    "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at 24kHz).",
    'invalid_value',
    'audio',
  );
}

export function requireText(value: unknown, param: string, longest?: number): string {
  if (value === undefined) throw missing(param);
  if (typeof value !== 'string' || value === '') throw invalid(param, 'a value that is no string');
  if (longest !== undefined && value.length > longest) {
    const message = `Invalid '${param}': string too long. Expected a string with maximum length ${longest}, but got a string with length ${value.length} instead.`;
    throw new OpenAIRefusal(message, 'string_above_max_length', param);
  }
  return value;
}

function readContent({ role, content }: JsonObject): ReadItem['images'] {
  const allowed = CONTENT_TYPES[String(role)];
  if (!allowed) throw invalid('item.role', `'${String(role)}'`, Object.keys(CONTENT_TYPES));
  if (!Array.isArray(content) || content.length === 0) throw missing('item.content');
  const images: ReadItem['images'] = [];
  for (const [index, value] of content.entries()) {
    const where = `item.content[${index}]`;
    const part = requireObject(value, where);
    const type = textAt(part, 'type');
    const fields = CONTENT_FIELDS[type];
    if (!fields || !allowed.includes(type)) throw invalid(`${where}.type`, `'${type}'`, allowed);
    requireKnown(part, ['type', ...fields.required, ...fields.optional], where);
    for (const field of fields.required) {
      if (typeof part[field] !== 'string') throw missing(`${where}.${field}`);
    }
    if (type === 'input_audio') readAudio(part.audio);
    if (type === 'input_image') images.push(readImage(part, where));
  }
  return images;
}

/** A data URL of a JPEG or a PNG. The service refuses all others. */
function readImage(part: JsonObject, where: string): ReadItem['images'][number] {
  const { detail } = part;
  if (detail !== undefined && !['auto', 'low', 'high'].includes(String(detail))) {
    throw invalid(`${where}.detail`, `'${String(detail)}'`, ['auto', 'low', 'high']);
  }
  const [head = '', base64] = textAt(part, 'image_url').split(',');
  const mimeType = /^data:(image\/(?:jpeg|png));base64$/.exec(head)?.[1];
  const param = `${where}.image_url`;
  if (!mimeType) {
    throw new OpenAIRefusal(
      `Invalid '${param}'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got '${head.slice(0, 40)}'.`,
      'invalid_value',
      param,
    );
  }
  const data = decodeBase64(base64);
  const picture = data && readPicture(data);
  if (!data || picture?.mimeType !== mimeType) {
    const found = picture?.mimeType ?? 'no picture';
    throw new OpenAIRefusal(
      `Invalid '${param}': its MIME type is ${mimeType}, but its bytes are ${found}.`,
      'invalid_value',
      param,
    );
  }
  return { picture, data };
}

function checkModalities(value: unknown, param: string): void {
  if (value === undefined) return;
  const isValid = Array.isArray(value) && value.length === 1 && /^(audio|text)$/.test(value[0]);
  if (!isValid) throw invalid(param, JSON.stringify(value), ["['text']", "['audio']"]);
}

function requireObject(value: unknown, param: string): JsonObject {
  if (isObject(value)) return value;
  throw value === undefined ? missing(param) : invalid(param, 'a value that is no object');
}

function requireKnown(object: JsonObject, known: readonly string[], where?: string): void {
  const field = unknownField(object, known);
  if (field === undefined) return;
  const param = where ? `${where}.${field}` : field;
  throw new OpenAIRefusal(`Unknown parameter: '${param}'.`, 'unknown_parameter', param);
}

const missing = (param: string) =>
  new OpenAIRefusal(`Missing required parameter: '${param}'.`, 'missing_required_parameter', param);

function invalid(param: string, got: string, supported: readonly string[] = []): OpenAIRefusal {
  const values = supported.length > 0 ? ` Supported values are: ${supported.join(', ')}.` : '';
  return new OpenAIRefusal(`Invalid value at '${param}': ${got}.${values}`, 'invalid_value', param);
}
