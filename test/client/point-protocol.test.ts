import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePoint, plainLabel } from '../../src/client/point-protocol.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const POINT = {
  ...{ version: 1, frame: 7, participant: 'ann', track: 'TR_1', source: 'screen' },
  ...{ x: 0.25, y: 0.5, width: 0.1, height: 0.2, label: 'the button' },
};
const { width: _width, height: _height, ...WITHOUT_SIZE } = POINT;

test('a point and a box are read as they were sent', () => {
  expect(parsePoint(bytes(POINT))).toEqual(POINT);
  expect(parsePoint(bytes(WITHOUT_SIZE))).toEqual(WITHOUT_SIZE);
  expect(parsePoint(bytes({ ...POINT, html: '<b>' }))).toEqual(POINT);
});

test.each([
  ['another version', { ...POINT, version: 2 }],
  ['a place outside', { ...POINT, x: 1.2 }],
  ['a place that is no number', { ...POINT, y: '0.5' }],
  ['a place before the picture', { ...POINT, y: -0.1 }],
  ['a box that is wider than the picture', { ...POINT, width: 1.1 }],
  ['a box whose side is no number', { ...POINT, height: '0.2' }],
  ['a frame that is no number', { ...POINT, frame: '7' }],
  ['a participant that is no text', { ...POINT, participant: 1 }],
  ['only one side of a box', { ...WITHOUT_SIZE, width: 0.2 }],
  ['an unknown source', { ...POINT, source: 'microphone' }],
  ['a track that is no text', { ...POINT, track: 1 }],
  ['a label that is too long', { ...POINT, label: 'a'.repeat(81) }],
  ['a label that is no text', { ...POINT, label: { toString: 'x' } }],
  ['more bytes than a message may have', { ...POINT, more: 'a'.repeat(3000) }],
  ['no object', null],
])('a message with %s is ignored', (_, message) => {
  expect(parsePoint(bytes(message))).toBeUndefined();
});

test('no payload makes the reader of messages throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json().map(bytes)), (payload) => {
      parsePoint(Uint8Array.from(payload));
    }),
  );
});

test('a label is one line without characters that hide or reverse text', () => {
  const label = ' press\n\u202Eevas\u0007 here\u200B ';
  expect(plainLabel(label)).toBe('press evas here');
  // Any agent may have sent it, without this library.
  expect(parsePoint(bytes({ ...POINT, label }))?.label).toBe('press evas here');
});
