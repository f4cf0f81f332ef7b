import { isSecretName, isSecretNumber, REDACTED, withoutSecrets } from '../secrets.ts';

/** The agent's instructions are confidential. */
const PROMPT = /instructions$/i;
/** A picture has megabytes, and is shown only on request. */
const PICTURE = /^data:(image|video|audio)\//i;

/** Longest text that is sent, in characters. */
const MAX_TEXT = 10_000;
const MAX_ITEMS = 1000;
/** Deepest nesting of objects. */
const MAX_DEPTH = 16;

/**
 * A copy of any value as JSON: no secrets, instructions, pixels, functions or cycles, and limited
 * depth and breadth. It is deterministic, and copying a copy changes nothing.
 */
export function plain(value: unknown): unknown {
  return copy(value, [], '');
}

function copy(value: unknown, around: readonly object[], key: string): unknown {
  switch (typeof value) {
    case 'string':
      return named(key, text(value));
    case 'number':
      if (isSecretNumber(key)) return REDACTED;
      // JSON has no -0.
      return Number.isFinite(value) ? value + 0 : named(key, String(value));
    case 'bigint':
      return named(key, `${value}n`);
    case 'function':
      // Stately's inspector shows an unnamed action in the same way.
      return { type: value.name || '(inline)' };
    case 'symbol':
      return String(value);
    case 'object':
      return value === null ? null : object(value, around, key);
    default:
      return value;
  }
}

/** A value whose name marks it as secret. */
const named = (key: string, shown: string): string => (isSecretName(key) ? REDACTED : shown);

function text(value: string): string {
  if (PICTURE.test(value)) return `[${value.length} characters of a picture or sound]`;
  // Cleaned before the final cut, which might otherwise leave the first half of a secret.
  const shown = withoutSecrets(value.slice(0, 2 * MAX_TEXT));
  return shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT)}…` : shown;
}

function object(value: object, around: readonly object[], key: string): unknown {
  if (isSecretName(key)) return REDACTED;
  if (around.includes(value)) return '[cycle]';
  if (around.length >= MAX_DEPTH) return '[too deep]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `[${value.byteLength} bytes]`;
  if (value instanceof Error) return errorMark(value);
  if (value instanceof Map) return `[Map of ${value.size}]`;
  if (value instanceof Set) return `[Set of ${value.size}]`;
  const within = [...around, value];
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => copy(item, within, '') ?? null);
  const json = 'toJSON' in value && typeof value.toJSON === 'function' ? toJson(value) : value;
  if (typeof json !== 'object' || json === null) return copy(json, within, '');
  const result: Record<string, unknown> = {};
  let count = 0;
  for (const name of Object.keys(json)) {
    if (PROMPT.test(name) || name === '__proto__') continue;
    if (++count > MAX_ITEMS) break;
    const item = copy(read(json, name), within, name);
    if (item !== undefined) result[withoutSecrets(name)] = item;
  }
  return result;
}

/** A getter of a foreign object may throw, which must not affect the agent. */
function read(from: object, name: string): unknown {
  try {
    return (from as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}

function toJson(value: object): unknown {
  try {
    return (value as { toJSON(): unknown }).toJSON();
  } catch {
    return '[unreadable]';
  }
}

/** An error as JSON. Machines distinguish errors from other values, so a replay restores it. */
export interface ErrorMark {
  '@error': string;
  message: string;
}

const errorMark = ({ name, message }: Error): ErrorMark => ({
  '@error': name,
  message: text(message),
});

/** The inverse: restores the errors. */
export function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  if ('@error' in value) {
    const { '@error': name, message } = value as ErrorMark;
    return Object.assign(new Error(message), { name });
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]));
}
