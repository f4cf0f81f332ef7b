import { isDeepStrictEqual } from 'node:util';
import { OptionError } from '../errors.ts';

/** A plain JSON schema, such as `{ type: 'boolean' }`. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What is wrong with a value at this place; `undefined` where nothing is. */
export type Check = (value: unknown, place: string) => string | undefined;

/** Makes a keyword's check of what the schema gives it. */
type Keyword = (given: unknown, option: string, schema: JsonSchema) => Check;

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  object: isObject,
  array: Array.isArray,
};

/** They tell a model something, and check nothing. */
const NOTES = ['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples'];

const KEYWORDS: Record<string, Keyword> = {
  type: (given, option) => {
    const names = [given].flat();
    const tests = names.map((name) =>
      typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined,
    );
    if (tests.length === 0 || tests.includes(undefined))
      throw new OptionError(option, given, `use of ${Object.keys(TYPES).join(', ')}`);
    return (value, place) =>
      tests.some((test) => test?.(value)) ? undefined : `${place} is no ${names.join(' or ')}`;
  },
  enum: (given, option) => {
    const values = list(given, option);
    return (value, place) =>
      values.some((one) => isDeepStrictEqual(one, value))
        ? undefined
        : `${place} is none of ${JSON.stringify(values)}`;
  },
  const: (given) => (value, place) =>
    isDeepStrictEqual(given, value) ? undefined : `${place} is not ${JSON.stringify(given)}`,
  properties: (given, option) => {
    const checks = Object.entries(schemas(given, option)).map(
      ([name, schema]) => [name, compileSchema(schema, `${option}.${name}`)] as const,
    );
    return (value, place) =>
      isObject(value)
        ? first(checks, ([name, check]) =>
            Object.hasOwn(value, name) ? check(value[name], `${place}.${name}`) : undefined,
          )
        : undefined;
  },
  required: (given, option) => {
    const names = list(given, option);
    if (!names.every((name) => typeof name === 'string'))
      throw new OptionError(option, given, 'give names of properties');
    return (value, place) =>
      isObject(value)
        ? first(names, (name) =>
            Object.hasOwn(value, name) ? undefined : `${place}.${name} is missing`,
          )
        : undefined;
  },
  additionalProperties: (given, option, { properties }) => {
    const check =
      typeof given === 'boolean'
        ? (_: unknown, place: string) => (given ? undefined : `${place} is not asked for`)
        : compileSchema(given, option);
    const known = Object.keys(isObject(properties) ? properties : {});
    return (value, place) =>
      isObject(value)
        ? first(Object.keys(value), (name) =>
            known.includes(name) ? undefined : check(value[name], `${place}.${name}`),
          )
        : undefined;
  },
  items: (given, option) => {
    const check = compileSchema(given, option);
    return (value, place) =>
      Array.isArray(value) ? first(value, (one, i) => check(one, `${place}[${i}]`)) : undefined;
  },
  anyOf: (given, option) => {
    const checks = list(given, option).map((one, i) => compileSchema(one, `${option}[${i}]`));
    return (value, place) => {
      const problems = checks.map((check) => check(value, place));
      return problems.includes(undefined) ? undefined : problems.join(', and ');
    };
  },
  minimum: limit('number', (value, least) => value >= least),
  maximum: limit('number', (value, most) => value <= most),
  exclusiveMinimum: limit('number', (value, bound) => value > bound),
  exclusiveMaximum: limit('number', (value, bound) => value < bound),
  minLength: limit('string', (value, least) => value >= least),
  maxLength: limit('string', (value, most) => value <= most),
  minItems: limit('array', (value, least) => value >= least),
  maxItems: limit('array', (value, most) => value <= most),
  pattern: (given, option) => {
    const pattern = expression(given, option);
    return (value, place) =>
      typeof value !== 'string' || pattern.test(value) ? undefined : `${place} is not ${pattern}`;
  },
};

/**
 * Makes a check of a schema. Every keyword is either checked or refused: a rule that is not kept
 * would be a silent lie.
 * @throws OptionError that names the place in the schema.
 */
export function compileSchema(schema: unknown, option: string): Check {
  if (!isObject(schema)) throw new OptionError(option, schema, 'give a JSON schema, an object');
  const checks = Object.entries(schema)
    .filter(([name]) => !NOTES.includes(name))
    .map(([name, given]) => {
      const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
      if (keyword) return keyword(given, `${option}.${name}`, schema);
      const known = Object.keys(KEYWORDS).join(', ');
      throw new OptionError(`${option}.${name}`, given, `use of ${known}; or a zod schema`);
    });
  return (value, place) => first(checks, (check) => check(value, place));
}

/** Of a number, or of how long something is. */
function limit(
  of: 'number' | 'string' | 'array',
  holds: (value: number, bound: number) => boolean,
): Keyword {
  return (bound, option) => {
    if (typeof bound !== 'number' || Number.isNaN(bound))
      throw new OptionError(option, bound, 'give a number');
    const word = option.slice(option.lastIndexOf('.') + 1);
    return (value, place) => {
      if (!TYPES[of]?.(value)) return undefined;
      const size = of === 'number' ? (value as number) : (value as string | unknown[]).length;
      return holds(size, bound) ? undefined : `${place} breaks ${word} ${bound}`;
    };
  };
}

function expression(given: unknown, option: string): RegExp {
  try {
    if (typeof given === 'string') return new RegExp(given, 'u');
  } catch {
    // It is told below, as what is no text at all.
  }
  throw new OptionError(option, given, 'give a regular expression as text');
}

function list(given: unknown, option: string): unknown[] {
  if (Array.isArray(given) && given.length > 0) return given;
  throw new OptionError(option, given, 'give a list that is not empty');
}

function schemas(given: unknown, option: string): JsonSchema {
  if (isObject(given)) return given;
  throw new OptionError(option, given, 'give a schema for each name');
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first problem that one of them has. */
function first<T>(all: readonly T[], problem: (one: T, i: number) => string | undefined) {
  for (const [i, one] of all.entries()) {
    const found = problem(one, i);
    if (found !== undefined) return found;
  }
  return undefined;
}
