export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Longer texts, which are mostly base64, are shortened in a log. */
const LONGEST_LOGGED_TEXT = 4000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON object in `text`; `undefined` for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object at `key`, or an empty one. */
export function objectAt(object: JsonObject | undefined, key: string): JsonObject {
  const value = object?.[key];
  return isObject(value) ? value : {};
}

/** The objects in the list at `key`. */
export function objectsAt(object: JsonObject | undefined, key: string): JsonObject[] {
  const value = object?.[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The string at `key`, or an empty one. */
export function textAt(object: JsonObject | undefined, key: string): string {
  const value = object?.[key];
  return typeof value === 'string' ? value : '';
}

/** Names of an object's fields. */
export function fieldsOf(object: JsonObject): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}

/** The first field that is not among `known`. */
export function unknownField(object: JsonObject, known: readonly string[]): string | undefined {
  return fieldsOf(object).find((key) => !known.includes(key));
}

/** Bytes of a base64 text; `undefined` if it is not valid base64. */
export function decodeBase64(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** A copy for a log: long texts are replaced by their length. */
function shortened(value: Json): Json {
  if (typeof value === 'string') {
    if (value.length <= LONGEST_LOGGED_TEXT) return value;
    return `${value.slice(0, 40)}… (${value.length} characters)`;
  }
  if (Array.isArray(value)) return value.map(shortened);
  if (isObject(value)) return shortenedObject(value);
  return value;
}

export function shortenedObject(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, value && shortened(value)]),
  );
}
