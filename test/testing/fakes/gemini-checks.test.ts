import { describe, expect, test } from 'vitest';
import {
  checkSetup,
  GeminiRefusal,
  includesSilence,
  readAudio,
  readContent,
  readImage,
  readInput,
  readMessage,
  readToolResponse,
  speaks,
} from '../../../src/testing/fakes/gemini-checks.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import { picture } from '../../support/sample-pictures.ts';

const MODEL = 'models/gemini-2.5-flash-live-preview';
const NEWER = 'models/gemini-3.1-flash-live-preview';
const config = (generationConfig: JsonObject, model = MODEL): JsonObject => ({
  model,
  generationConfig,
});
const covering = (turnCoverage: string | undefined, model = MODEL): JsonObject => ({
  model,
  realtimeInputConfig: { turnCoverage },
});
const manual = { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };
const png = (await picture('png')).toString('base64');

/** Every refusal has a reason and a code, with which the service closes the connection. */
function refused(check: () => unknown, why: RegExp, code = 1007) {
  expect(check).toThrow(GeminiRefusal);
  expect(check).toThrow(why);
  expect(check).toThrow(expect.objectContaining({ code }));
}

describe('the messages that FakeGeminiLive takes', () => {
  test('a message has one known field, which is an object', () => {
    for (const type of ['setup', 'clientContent', 'realtimeInput', 'toolResponse'])
      expect(readMessage({ [type]: { a: 1 }, other: undefined })).toEqual({
        type,
        value: { a: 1 },
      });
    refused(() => readMessage({}), /invalid argument/);
    refused(() => readMessage({ setup: {}, toolResponse: {} }), /'message_type' is already set/);
    refused(() => readMessage({ setup: 'x' }), /Invalid value at 'setup'/);
    refused(() => readMessage({ setup: [] }), /Invalid value at 'setup'/);
    refused(() => readMessage({ set: {} }), /Unknown name "set": Cannot find field/);
  });

  test.each<[string, JsonObject]>([
    ['a model alone', { model: MODEL }],
    ['each coverage', covering('TURN_INCLUDES_ONLY_ACTIVITY')],
    ['each coverage', covering('TURN_INCLUDES_ALL_INPUT')],
    ['each coverage', covering('TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO')],
    ['each resolution', config({ mediaResolution: 'MEDIA_RESOLUTION_LOW' })],
    ['each resolution', config({ mediaResolution: 'MEDIA_RESOLUTION_MEDIUM' })],
    ['each resolution', config({ mediaResolution: 'MEDIA_RESOLUTION_HIGH' })],
    ['speech', config({ responseModalities: ['AUDIO'] }, NEWER)],
    ['text of a model that can write', config({ responseModalities: ['TEXT'] })],
  ])('a setup may have %s: %j', (_what, setup) => {
    expect(() => checkSetup(setup)).not.toThrow();
  });

  test.each<[string, JsonObject, RegExp, boolean?]>([
    ['no model', {}, /models\/NAME/],
    ['a model without its folder', { model: 'gemini' }, /models\/NAME/],
    ['a model without a name', { model: 'models/' }, /models\/NAME/],
    ['a model in another folder', { model: `x/${MODEL}` }, /models\/NAME/],
    ['an unknown field', { model: MODEL, voice: 1 }, /Unknown name "voice" at 'setup'/],
    ['an unknown coverage', covering('ALL'), /turn_coverage', "ALL"/],
    [
      'the coverage of a later model',
      covering('TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO'),
      /turn_coverage/,
      false,
    ],
    ['an unknown resolution', config({ mediaResolution: 'LOW' }), /media_resolution', "LOW"/],
    ['two modalities', config({ responseModalities: ['AUDIO', 'TEXT'] }), /one of AUDIO, TEXT/],
    ['no modality', config({ responseModalities: [] }), /one of AUDIO, TEXT/],
    ['a modality as a text', config({ responseModalities: 'AUDIO' }), /one of AUDIO, TEXT/],
    ['an unknown modality', config({ responseModalities: ['VIDEO'] }), /one of AUDIO, TEXT/],
    ['text of a model that speaks', config({ responseModalities: ['TEXT'] }, NEWER), /voices/],
    [
      'text of a model with native audio',
      config({ responseModalities: ['TEXT'] }, 'models/gemini-2.5-flash-native-audio'),
      /voices/,
    ],
  ])('a setup must not have %s', (_what, setup, why, knowsAllVideo = true) => {
    refused(() => checkSetup(setup, knowsAllVideo), why);
  });

  test('a turn includes silence by its coverage, and by default with a later model', () => {
    expect(includesSilence(covering('TURN_INCLUDES_ONLY_ACTIVITY', NEWER))).toBe(false);
    expect(includesSilence(covering('TURN_INCLUDES_ALL_INPUT'))).toBe(true);
    expect(includesSilence(covering(undefined))).toBe(false);
    expect(includesSilence(covering(undefined, NEWER))).toBe(true);
    expect(speaks({})).toBe(true);
    expect(speaks(config({ responseModalities: ['TEXT'] }))).toBe(false);
  });

  test.each<[string, JsonObject, JsonObject?]>([
    ['audio', { audio: {} }],
    ['video', { video: {} }],
    ['text', { text: 'hello' }],
    ['audioStreamEnd', { audioStreamEnd: true }],
    ['activityStart', { activityStart: {} }, manual],
    ['activityEnd', { activityEnd: {} }, manual],
  ])('realtime input may be %s', (field, input, setup = {}) => {
    expect(readInput(input, setup)).toBe(field);
  });

  test.each<[string, JsonObject, RegExp, JsonObject?]>([
    ['media chunks', { mediaChunks: [] }, /deprecated/],
    ['an unknown field', { image: {} }, /"image" at 'realtime_input'/],
    ['no field', {}, /exactly one field/],
    ['two fields', { text: 'a', audio: {} }, /exactly one field/],
    ['marks of activity that it detects', { activityStart: {} }, /Explicit activity control/],
    ['marks of activity that it detects', { activityEnd: {} }, /Explicit activity control/],
    ['an end of audio that is false', { audioStreamEnd: false }, /needs automatic activity/],
    ['an end of audio without detection', { audioStreamEnd: true }, /automatic activity/, manual],
    ['text that is a number', { text: 1 }, /TYPE_STRING/],
  ])('realtime input must not have %s', (_what, input, why, setup = {}) => {
    refused(() => readInput(input, setup), why);
  });

  test('a picture has bytes of its type', async () => {
    const { picture: read, data } = readImage({ mimeType: 'image/png', data: png }, 'here');
    expect(read).toEqual({ mimeType: 'image/png', width: 64, height: 48 });
    expect(data.toString('base64')).toBe(png);
    const image = (blob: JsonObject) => () => readImage(blob, 'here');
    refused(
      image({ mimeType: 'image/jpeg', data: png }),
      /here has .*jpeg, but its bytes are image\/png/,
    );
    refused(image({ mimeType: 'image/png', data: 'AAAA' }), /its bytes are no picture/);
    refused(image({ mimeType: 'video/mp4', data: png }), /video\/mp4 is not supported at here/);
    refused(image({ mimeType: '', data: png }), /here has no mime type/);
    refused(image({ data: png }), /here has no mime type/);
    refused(image({ mimeType: 'image/png', data: 'no base64' }), /here.data' \(TYPE_BYTES\)/);
    refused(image({ mimeType: 'image/png' }), /TYPE_BYTES/);
    refused(image({ mimeType: 'image/png', data: png, at: 1 }), /"at" at 'here'/);
    refused(() => readImage(png, 'here'), /Invalid value at 'here'/);
  });

  test('audio is PCM of 16 bits, of any rate', () => {
    for (const mimeType of ['audio/pcm', 'audio/pcm;rate=16000', 'audio/pcm; rate=24000'])
      expect(readAudio({ mimeType, data: 'AAAAAA==' })).toHaveLength(4);
    expect(readAudio({ mimeType: 'audio/pcm', data: 'AAA=' })).toHaveLength(2);
    for (const mimeType of ['audio/opus', 'audio/pcm;rate=x', 'x-audio/pcm', 'audio/pcm;a=1'])
      refused(() => readAudio({ mimeType, data: 'AAAAAA==' }), /is not supported/);
    refused(() => readAudio({ mimeType: 'audio/pcm', data: 'AAAA' }), /not 16-bit PCM/);
  });

  test('client content has the texts of user and model, and pictures', () => {
    const blob = { inlineData: { mimeType: 'image/png', data: png } };
    const turns = [
      { role: 'user', parts: [{ text: 'a' }, blob] },
      { role: 'model', parts: [{ text: 'b' }, { thought: true }] },
      { role: 'user', parts: [{ text: 'c' }] },
    ];
    const read = readContent({ turns, turnComplete: true }, NEWER);
    expect(read).toMatchObject({ user: ['a', 'c'], model: ['b'], turnComplete: true });
    expect(read.images.map(({ picture: { width } }) => width)).toEqual([64]);
    const empty = { user: [], model: [], images: [], turnComplete: false };
    expect(readContent({}, NEWER)).toEqual(empty);
    expect(readContent({ turns: [{ parts: [{ text: 'd' }] }] }, MODEL).user).toEqual(['d']);
    const system = { turns: [{ role: 'system', parts: [{ text: 'd' }] }] };
    refused(() => readContent(system, MODEL), /valid role/);
  });

  test.each<[string, JsonObject, RegExp]>([
    ['an unknown field', { turn: [] }, /"turn" at 'client_content'/],
    ['an end that is a text', { turnComplete: 'yes' }, /TYPE_BOOL/],
    ['turns that are an object', { turns: {} }, /must be a list/],
    ['a turn that is a text', { turns: ['a'] }, /Invalid value at 'client_content.turns\[0\]'/],
    ['an unknown field in a turn', { turns: [{ role: 'user', parts: [{}], id: 1 }] }, /"id" at/],
    ['a role of a system', { turns: [{ role: 'system', parts: [{}] }] }, /valid role/],
    ['no role with a later model', { turns: [{ parts: [{}] }] }, /valid role/],
    ['no parts', { turns: [{ role: 'user', parts: [] }] }, /turns\[0\].parts must not be empty/],
    ['parts that are an object', { turns: [{ role: 'user', parts: {} }] }, /must not be empty/],
    ['a part that is a text', { turns: [{ role: 'user', parts: ['a'] }] }, /turns\[0\].parts'/],
    ['an unknown part', { turns: [{ role: 'user', parts: [{ x: 1 }] }] }, /"x" at/],
    [
      'a picture that is none',
      { turns: [{ role: 'user', parts: [{ inlineData: {} }] }] },
      /turns\[0\].inline_data/,
    ],
  ])('client content must not have %s', (_what, content, why) => {
    refused(() => readContent(content, NEWER), why);
  });

  test('a tool response answers open calls', () => {
    const answer = { id: 'a', name: 'look', response: { x: 1 } };
    const respond = (...functionResponses: JsonObject[]) =>
      readToolResponse({ functionResponses }, new Set(['a', 'b']));
    expect(respond(answer, { ...answer, id: 'b', willContinue: true })).toEqual([
      { id: 'a', response: { x: 1 }, isLast: true },
      { id: 'b', response: { x: 1 }, isLast: false },
    ]);
    refused(() => respond(), /must not be empty/);
    refused(() => readToolResponse({}, new Set()), /must not be empty/);
    refused(() => readToolResponse({ answers: [] }, new Set()), /"answers"/);
    refused(() => respond({ ...answer, id: 'c' }), /no function call c waits/);
    refused(() => respond({ ...answer, error: 1 }), /"error"/);
    for (const more of [{ id: 1 }, { name: undefined }, { response: 'x' }])
      refused(() => respond({ ...answer, ...more }), /an id, a name and a response/);
  });
});
