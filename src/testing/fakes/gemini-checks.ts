import {
  decodeBase64,
  fieldsOf,
  isObject,
  type JsonObject,
  objectAt,
  textAt,
  unknownField,
} from './json.ts';
import { type Picture, readPicture } from './picture.ts';

/** A message that the service refuses by closing the connection. */
export class GeminiRefusal extends Error {
  readonly code: number;

  constructor(reason: string, code = 1007) {
    super(reason);
    this.code = code;
  }
}

const MESSAGES = ['setup', 'clientContent', 'realtimeInput', 'toolResponse'] as const;
export type ClientMessage = (typeof MESSAGES)[number];

const SETUP_FIELDS = [
  'model',
  'generationConfig',
  'systemInstruction',
  'tools',
  'realtimeInputConfig',
  'sessionResumption',
  'contextWindowCompression',
  'inputAudioTranscription',
  'outputAudioTranscription',
  'proactivity',
  'historyConfig',
  'avatarConfig',
  'safetySettings',
];
const INPUT_FIELDS = ['audio', 'video', 'text', 'activityStart', 'activityEnd', 'audioStreamEnd'];
const PART_FIELDS = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'thought',
  'thoughtSignature',
  'mediaResolution',
];
const RESPONSE_FIELDS = ['id', 'name', 'response', 'willContinue', 'scheduling', 'parts'];

/** The one field of a message, which must be an object. */
export function readMessage(message: JsonObject): { type: ClientMessage; value: JsonObject } {
  requireKnown(message, MESSAGES);
  const [field, ...others] = fieldsOf(message);
  const type = MESSAGES.find((name) => name === field);
  if (!type) throw new GeminiRefusal('Request contains an invalid argument.');
  if (others.length > 0) throw new GeminiRefusal("oneof field 'message_type' is already set.");
  return { type, value: requireObject(message[type], type) };
}

const ONLY_ACTIVITY = 'TURN_INCLUDES_ONLY_ACTIVITY';
const COVERAGES = [ONLY_ACTIVITY, 'TURN_INCLUDES_ALL_INPUT'];
const RESOLUTIONS = ['LOW', 'MEDIUM', 'HIGH'].map((level) => `MEDIA_RESOLUTION_${level}`);
const ALL_VIDEO = 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO';

export function checkSetup(setup: JsonObject, knowsAllVideo = true): void {
  requireKnown(setup, SETUP_FIELDS, 'setup');
  const { model } = setup;
  if (typeof model !== 'string' || !/^models\/.+/.test(model)) {
    throw new GeminiRefusal('setup.model must be models/NAME');
  }
  const { turnCoverage } = objectAt(setup, 'realtimeInputConfig');
  const known: unknown[] = [undefined, ...COVERAGES, ...(knowsAllVideo ? [ALL_VIDEO] : [])];
  if (!known.includes(turnCoverage)) {
    throw new GeminiRefusal(
      `Invalid value at 'setup.realtime_input_config.turn_coverage', "${String(turnCoverage)}"`,
    );
  }
  const { responseModalities, mediaResolution } = objectAt(setup, 'generationConfig');
  if (mediaResolution !== undefined && !RESOLUTIONS.includes(String(mediaResolution))) {
    throw new GeminiRefusal(
      `Invalid value at 'setup.generation_config.media_resolution', "${String(mediaResolution)}"`,
    );
  }
  if (responseModalities !== undefined && !isListOfOne(responseModalities, ['AUDIO', 'TEXT'])) {
    throw new GeminiRefusal('setup.generationConfig.responseModalities must be one of AUDIO, TEXT');
  }
  if (speaks(setup)) return;
  if (/native-audio|gemini-3/.test(model)) {
    throw new GeminiRefusal('Cannot extract voices from a non-audio request.');
  }
}

/** Whether a turn includes the video that arrived while the user was silent. */
export function includesSilence(setup: JsonObject): boolean {
  const { turnCoverage } = objectAt(setup, 'realtimeInputConfig');
  // The default of Gemini 2.5 is activity only; that of later models includes all video.
  if (turnCoverage === undefined) return textAt(setup, 'model').includes('gemini-3');
  return turnCoverage !== ONLY_ACTIVITY;
}

/** Whether the model answers with speech. */
export function speaks(setup: JsonObject): boolean {
  const { responseModalities } = objectAt(setup, 'generationConfig');
  return !isListOfOne(responseModalities, ['TEXT']);
}

/** The one field of a `realtimeInput`. */
export function readInput(input: JsonObject, setup: JsonObject): string {
  if (input.mediaChunks !== undefined) {
    // Gemini 2.5 still accepts them, but no code under test should depend on that.
    throw new GeminiRefusal(
      'realtime_input.media_chunks is deprecated. Use audio, video, or text instead.',
    );
  }
  requireKnown(input, INPUT_FIELDS, 'realtime_input');
  const [field, ...others] = fieldsOf(input);
  if (!field || others.length > 0) {
    throw new GeminiRefusal('a realtime_input has exactly one field');
  }
  const detection = objectAt(objectAt(setup, 'realtimeInputConfig'), 'automaticActivityDetection');
  const isManual = detection.disabled === true;
  if (/^activity/.test(field) && !isManual) {
    throw new GeminiRefusal(
      'Explicit activity control is not supported when automatic activity detection is enabled.',
    );
  }
  if (field === 'audioStreamEnd' && (input.audioStreamEnd !== true || isManual)) {
    throw new GeminiRefusal('audio_stream_end needs automatic activity detection');
  }
  if (field === 'text' && typeof input.text !== 'string') {
    throw new GeminiRefusal("Invalid value at 'realtime_input.text' (TYPE_STRING)");
  }
  return field;
}

/** A picture whose bytes match its mime type. */
export function readImage(value: unknown, where: string): { picture: Picture; data: Buffer } {
  const { mimeType, data } = readBlob(value, where);
  if (!mimeType.startsWith('image/')) {
    throw new GeminiRefusal(`mime type ${mimeType} is not supported at ${where}`);
  }
  const picture = readPicture(data);
  if (picture?.mimeType !== mimeType) {
    const found = picture?.mimeType ?? 'no picture';
    throw new GeminiRefusal(`${where} has mime type ${mimeType}, but its bytes are ${found}`);
  }
  return { picture, data };
}

/** 16-bit PCM. */
export function readAudio(value: unknown): Buffer {
  const { mimeType, data } = readBlob(value, 'realtime_input.audio');
  if (!/^audio\/pcm(;\s*rate=\d+)?$/.test(mimeType)) {
    throw new GeminiRefusal(`mime type ${mimeType} is not supported at realtime_input.audio`);
  }
  if (data.length % 2 !== 0) throw new GeminiRefusal('realtime_input.audio is not 16-bit PCM');
  return data;
}

/** Turns of a conversation: the texts of user and model, and their pictures. */
export function readContent(content: JsonObject, model: string) {
  requireKnown(content, ['turns', 'turnComplete'], 'client_content');
  const { turns = [], turnComplete = false } = content;
  if (typeof turnComplete !== 'boolean') {
    throw new GeminiRefusal("Invalid value at 'client_content.turn_complete' (TYPE_BOOL)");
  }
  if (!Array.isArray(turns)) throw new GeminiRefusal("'client_content.turns' must be a list");
  const texts: Record<string, string[]> = { user: [], model: [] };
  const images: ReturnType<typeof readImage>[] = [];
  for (const [index, turn] of turns.entries()) {
    const where = `client_content.turns[${index}]`;
    const { role, parts } = readTurn(turn, where, model);
    for (const part of parts) {
      if (typeof part.text === 'string') texts[role]?.push(part.text);
      if (part.inlineData !== undefined) {
        images.push(readImage(part.inlineData, `${where}.inline_data`));
      }
    }
  }
  return { user: texts.user ?? [], model: texts.model ?? [], images, turnComplete };
}

function readTurn(turn: unknown, where: string, model: string) {
  const { role, parts, ...others } = requireObject(turn, where);
  requireKnown(others, [], where);
  // Gemini 2.5 accepts a turn without a role.
  const isRoleMissing = role === undefined && !model.includes('gemini-3');
  if (!isRoleMissing && role !== 'user' && role !== 'model') {
    throw new GeminiRefusal('Please use a valid role: user, model.');
  }
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new GeminiRefusal(`${where}.parts must not be empty`);
  }
  const read = parts.map((value) => {
    const part = requireObject(value, `${where}.parts`);
    requireKnown(part, PART_FIELDS, `${where}.parts`);
    return part;
  });
  return { role: role === 'model' ? 'model' : 'user', parts: read };
}

/** Ids of the calls that a `toolResponse` answers. Each has to be in `open`. */
export function readToolResponse(response: JsonObject, open: ReadonlySet<string>) {
  requireKnown(response, ['functionResponses'], 'tool_response');
  const { functionResponses } = response;
  if (!Array.isArray(functionResponses) || functionResponses.length === 0) {
    throw new GeminiRefusal("'tool_response.function_responses' must not be empty");
  }
  return functionResponses.map((value) => {
    const answer = requireObject(value, 'tool_response.function_responses');
    requireKnown(answer, RESPONSE_FIELDS, 'tool_response.function_responses');
    const { id, name, response: result } = answer;
    if (typeof id !== 'string' || typeof name !== 'string' || !isObject(result)) {
      throw new GeminiRefusal('a function response has an id, a name and a response');
    }
    if (!open.has(id)) throw new GeminiRefusal(`no function call ${id} waits for a response`);
    return { id, response: result, isLast: answer.willContinue !== true };
  });
}

function readBlob(value: unknown, where: string): { mimeType: string; data: Buffer } {
  const blob = requireObject(value, where);
  requireKnown(blob, ['mimeType', 'data'], where);
  const data = decodeBase64(blob.data);
  if (typeof blob.mimeType !== 'string' || blob.mimeType === '') {
    throw new GeminiRefusal(`${where} has no mime type`);
  }
  if (!data) throw new GeminiRefusal(`Invalid value at '${where}.data' (TYPE_BYTES)`);
  return { mimeType: blob.mimeType, data };
}

function requireObject(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw new GeminiRefusal(`Invalid value at '${where}'`);
}

function requireKnown(object: JsonObject, known: readonly string[], where?: string): void {
  const unknown = unknownField(object, known);
  if (unknown === undefined) return;
  const place = where ? ` at '${where}'` : '';
  throw new GeminiRefusal(
    `Invalid JSON payload received. Unknown name "${unknown}"${place}: Cannot find field.`,
  );
}

function isListOfOne(value: unknown, allowed: readonly string[]): boolean {
  return Array.isArray(value) && value.length === 1 && allowed.includes(value[0]);
}
