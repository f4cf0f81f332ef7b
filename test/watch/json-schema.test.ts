import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { compileSchema } from '../../src/watch/json-schema.ts';

const door = {
  type: 'object',
  properties: {
    state: { enum: ['open', 'closed'] },
    people: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 2 },
    share: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  },
  required: ['state'],
  additionalProperties: false,
};

describe('a JSON schema', () => {
  test.each<[object, unknown, string | undefined]>([
    [door, { state: 'open', people: ['a', 'b'], share: 0 }, undefined],
    [door, [], 'it must be object'],
    [door, null, 'it must be object'],
    [door, {}, "it must have required property 'state'"],
    [
      door,
      { state: 'ajar' },
      'it.state must be equal to one of the allowed values: ["open","closed"]',
    ],
    [
      door,
      { state: 'open', people: ['a', ''] },
      'it.people[1] must NOT have fewer than 1 characters',
    ],
    [door, { state: 'open', people: ['a', 'b', 'c'] }, 'it.people must NOT have more than 2 items'],
    [door, { state: 'open', share: 1 }, 'it.share must be < 1'],
    [door, { state: 'open', share: -1 }, 'it.share must be >= 0'],
    [door, { state: 'open', colour: 'red' }, 'it must NOT have additional properties: "colour"'],
    [{ type: ['string', 'null'] }, null, undefined],
    [{ type: ['string', 'null'] }, 1, 'it must be string,null'],
    [{ type: 'integer', maximum: 3, exclusiveMinimum: 1 }, 2, undefined],
    [{ type: 'integer' }, 2.5, 'it must be integer'],
    [{ pattern: '^[A-Z]+$' }, 'ab', 'it must match pattern "^[A-Z]+$"'],
    [{ pattern: '^[A-Z]+$' }, 7, undefined],
    [{ const: { a: [1] } }, { a: [1] }, undefined],
    [{ const: { a: [1] } }, { a: [2] }, 'it must be equal to constant: {"a":[1]}'],
    [{ anyOf: [{ type: 'null' }, { type: 'boolean' }] }, true, undefined],
    [
      { anyOf: [{ type: 'null' }, { type: 'boolean' }] },
      1,
      'it must be null, it must be boolean, it must match a schema in anyOf',
    ],
    [{ additionalProperties: { type: 'number' } }, { a: 'b' }, 'it.a must be number'],
    [{ additionalProperties: { type: 'number' } }, { 'a/b': 'c' }, 'it.a/b must be number'],
    [{ additionalProperties: true, description: 'Anything', title: 'T' }, { a: 'b' }, undefined],
    [{ properties: { toString: { type: 'number' } } }, {}, undefined],
    [{ required: ['toString'] }, {}, "it must have required property 'toString'"],
    [{ $ref: '#/$defs/a', $defs: { a: { type: 'null' } } }, 1, 'it must be null'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#', type: 'null' }, null, undefined],
  ])('the JSON schema %j applied to %j: %s', (schema, value, problem) => {
    expect(compileSchema(schema, 'answer')(value, 'it')).toBe(problem);
  });

  test.each<[string, unknown, string]>([
    ['answer', 'boolean', 'an object'],
    ['answer', null, 'an object'],
    ['answer.type', { type: 'bool' }, '"boolean"'],
    ['answer.type', { type: [] }, '"boolean"'],
    ['answer.type', { type: 'toString' }, '"boolean"'],
    ['answer', { enum: [] }, 'non-empty'],
    ['answer.properties', { properties: ['a'] }, 'must be object'],
    ['answer.properties.a.type', { properties: { a: { type: 'text' } } }, '"string"'],
    ['answer.required[0]', { required: [1] }, 'must be string'],
    ['answer.additionalProperties', { additionalProperties: 'no' }, 'must be object'],
    ['answer.items.minimum', { items: { minimum: '1' } }, 'must be number'],
    ['answer.anyOf[1]', { anyOf: [{ type: 'null' }, 1] }, 'must be object'],
    ['answer', { pattern: '(' }, 'Invalid regular expression'],
    ['answer.oneOf', { oneOf: [] }, 'fewer than 1 items'],
    ['answer', { $ref: '#/a' }, '#/a'],
    ['answer', { properties: { a: { typ: 'string' } } }, 'unknown keyword: "typ"'],
    ['answer', { format: 'date' }, 'unknown format "date"'],
    ['answer', { $async: true, type: 'null' }, 'unknown keyword: "$async"'],
  ])(
    'a JSON schema with an unchecked part is refused with its place: %s',
    (option, schema, remedy) => {
      const make = () => compileSchema(schema, 'answer');
      expect(make).toThrow(OptionError);
      expect(make).toThrow(
        expect.objectContaining({ option, remedy: expect.stringContaining(remedy) }),
      );
    },
  );
});
