/**
 * A machine, read from its config.
 * @typedef {object} Definition
 * @property {string} [id]
 * @property {string} [description]
 * @property {string} [type]
 * @property {string} [initial]
 * @property {Record<string, Definition>} [states]
 * @property {{ src?: unknown } | { src?: unknown }[]} [invoke]
 */

/** Definitions that are kept parsed. */
const MAX_PARSED = 64;

/** @type {Map<string, Definition | null>} */
const parsed = new Map();

/**
 * @param {string | undefined} json
 * @returns {Definition | null}
 */
export function definitionOf(json) {
  if (json === undefined) return null;
  const known = parsed.get(json);
  if (known !== undefined) return known;
  /** @type {Definition | null} */
  let definition = null;
  try {
    const value = /** @type {unknown} */ (JSON.parse(json));
    if (typeof value === 'object' && value !== null) definition = value;
  } catch {
    // An app that sends the address of its definition: there is nothing to draw.
  }
  // An app may make up one for each actor.
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(json, definition);
  return definition;
}

/**
 * The states of a state inside it; whatever an app calls its states.
 * @param {Definition} definition
 * @returns {[string, Definition][]}
 */
export const statesOf = ({ states }) =>
  typeof states === 'object' && states !== null
    ? Object.entries(states).filter(([, state]) => typeof state === 'object' && state !== null)
    : [];

/**
 * The ids of all states, the machine's own first.
 * @param {Definition} definition
 * @param {string} id
 * @returns {string[]}
 */
export const allIds = (definition, id) => [
  id,
  ...statesOf(definition).flatMap(([key, state]) => allIds(state, `${id}.${key}`)),
];

/**
 * The active states as dotted paths, outer ones too: `open`, `open.sight`.
 * @param {unknown} value
 * @param {string[]} path
 * @returns {string[]}
 */
export function activePaths(value, path = []) {
  if (typeof value === 'string') return [[...path, value].join('.')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    return [at.join('.'), ...activePaths(inner, at)];
  });
}

/**
 * Only the innermost ones.
 * @param {unknown} value
 */
export function leaves(value) {
  const paths = activePaths(value);
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)));
}

/**
 * On one line, and short.
 * @param {unknown} value
 * @param {number} length
 */
export function brief(value, length = 120) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/**
 * `encodeMs` as `encode ms`.
 * @param {string} name
 */
export const words = (name) => name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();

/**
 * Since a beginning, in minutes and seconds to the millisecond.
 * @param {number} ms
 */
export function clock(ms) {
  const past = Math.max(0, ms);
  const seconds = Math.floor(past / 1000);
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${two(minutes)}:${two(seconds % 60)}.${String(Math.floor(past % 1000)).padStart(3, '0')}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** @param {number} count @param {string} noun */
export const many = (count, noun) =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
