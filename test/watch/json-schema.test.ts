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
    [door, [], 'it is no object'],
    [door, null, 'it is no object'],
    [door, {}, 'it.state is missing'],
    [door, { state: 'ajar' }, 'it.state is none of ["open","closed"]'],
    [door, { state: 'open', people: ['a', ''] }, 'it.people[1] breaks minLength 1'],
    [door, { state: 'open', people: ['a', 'b', 'c'] }, 'it.people breaks maxItems 2'],
    [door, { state: 'open', share: 1 }, 'it.share breaks exclusiveMaximum 1'],
    [door, { state: 'open', share: -1 }, 'it.share breaks minimum 0'],
    [door, { state: 'open', colour: 'red' }, 'it.colour is not asked for'],
    [{ type: ['string', 'null'] }, null, undefined],
    [{ type: ['string', 'null'] }, 1, 'it is no string or null'],
    [{ type: 'integer', maximum: 3, exclusiveMinimum: 1 }, 2, undefined],
    [{ type: 'integer' }, 2.5, 'it is no integer'],
    [{ type: 'integer', maximum: 3 }, 4, 'it breaks maximum 3'],
    [{ exclusiveMinimum: 1 }, 1, 'it breaks exclusiveMinimum 1'],
    [{ type: 'array', minItems: 1 }, [], 'it breaks minItems 1'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'it breaks maxLength 2'],
    [{ pattern: '^[A-Z]+$' }, 'ab', 'it is not /^[A-Z]+$/u'],
    [{ pattern: '^[A-Z]+$' }, 7, undefined],
    [{ const: { a: [1] } }, { a: [1] }, undefined],
    [{ const: { a: [1] } }, { a: [2] }, 'it is not {"a":[1]}'],
    [{ anyOf: [{ type: 'null' }, { type: 'boolean' }] }, true, undefined],
    [{ anyOf: [{ type: 'null' }, { type: 'boolean' }] }, 1, 'it is no null, and it is no boolean'],
    [{ additionalProperties: { type: 'number' } }, { a: 'b' }, 'it.a is no number'],
    [{ additionalProperties: true, description: 'Anything', title: 'T' }, { a: 'b' }, undefined],
    [{ properties: { toString: { type: 'number' } } }, {}, undefined],
  ])('%j of %j: %s', (schema, value, problem) => {
    expect(compileSchema(schema, 'answer')(value, 'it')).toBe(problem);
  });

  test.each<[string, unknown]>([
    ['answer', 'boolean'],
    ['answer', null],
    ['answer.type', { type: 'bool' }],
    ['answer.type', { type: [] }],
    ['answer.type', { type: 'toString' }],
    ['answer.enum', { enum: [] }],
    ['answer.properties', { properties: ['a'] }],
    ['answer.properties.a.type', { properties: { a: { type: 'text' } } }],
    ['answer.required', { required: [1] }],
    ['answer.additionalProperties', { additionalProperties: 'no' }],
    ['answer.items.minimum', { items: { minimum: '1' } }],
    ['answer.anyOf[1]', { anyOf: [{ type: 'null' }, 1] }],
    ['answer.pattern', { pattern: '(' }],
    ['answer.oneOf', { oneOf: [] }],
    ['answer.$ref', { $ref: '#/a' }],
    ['answer.hasOwnProperty', { hasOwnProperty: 1 }],
  ])('that makes no sense, or that nobody would keep, is named: %s', (option, schema) => {
    const make = () => compileSchema(schema, 'answer');
    expect(make).toThrow(OptionError);
    expect(make).toThrow(expect.objectContaining({ option }));
  });
});
