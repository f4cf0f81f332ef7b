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

/** Limit of the cache of parsed definitions. */
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
    // Some apps send a URL instead of the definition: there is nothing to draw.
  }
  // An app may generate a definition for each actor.
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(json, definition);
  return definition;
}

/**
 * The nested states of a state.
 * @param {Definition} definition
 * @returns {[string, Definition][]}
 */
export const statesOf = ({ states }) =>
  typeof states === 'object' && states !== null
    ? Object.entries(states).filter(([, state]) => typeof state === 'object' && state !== null)
    : [];

/**
 * The ids of all states, beginning with the machine's own.
 * @param {Definition} definition
 * @param {string} id
 * @returns {string[]}
 */
export const allIds = (definition, id) => [
  id,
  ...statesOf(definition).flatMap(([key, state]) => allIds(state, `${id}.${key}`)),
];

/**
 * The active states as dotted paths, including outer ones: `open`, `open.live`.
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
 * The innermost active states.
 * @param {unknown} value
 */
export function leaves(value) {
  const paths = activePaths(value);
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)));
}

/**
 * A short text on one line.
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
 * A duration as minutes, seconds and milliseconds.
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
