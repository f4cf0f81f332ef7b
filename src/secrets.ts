import { REDACTED, SHAPES } from './secret-shapes.ts';

export { REDACTED };

/** Parts of names of settings, fields and parameters whose values nobody is to see. */
const SECRET_PART =
  /key|secret|token|authorization|passw|passphrase|credential|cookie|(?<!by|com)pass$/i;
/** Words that are too short to look for them inside of others: `pinned`, `author`. */
const SECRET_WORD = /(?:^|_)(?:auth|pass|pwd|pin|otp|sig|signature|jwt|bearer)(?:_|$)/;
/** Of these a number is a secret too. A number of tokens is none. */
const SECRET_NUMBER =
  /passw|passphrase|cookie|secret|(?:^|_)(?:pass|pwd|pin|otp|token)(?:_(?:code|number))?$|(?:api|access|private)_?key$/;

/** `apiKey`, `API-KEY` and `api_key` are one name. */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();

/** Whether a text or an object of this name is a secret, whatever it is. */
export const isSecretName = (name: string): boolean =>
  SECRET_PART.test(name) || SECRET_WORD.test(wordsOf(name));

/** Whether a number of this name is one. */
export const isSecretNumber = (name: string): boolean => SECRET_NUMBER.test(wordsOf(name));

/** A shorter one may be a word of the text. */
const SHORTEST = 8;
/** The environment is looked at anew this often, in ms: texts may come by the thousand. */
const LOOK_EVERY_MS = 1000;
/** Not passwords: the folder that the process is in. */
const FOLDERS = ['PWD', 'OLDPWD'];

let known: readonly string[] = [];
let lookedAt = Number.NEGATIVE_INFINITY;

/** The secrets that this process was started with, the longest first: one may hold another. */
function ownSecrets(): readonly string[] {
  const now = performance.now();
  if (now - lookedAt < LOOK_EVERY_MS) return known;
  lookedAt = now;
  const values = Object.entries(process.env).flatMap(([name, value = '']) =>
    isSecretName(name) && !FOLDERS.includes(name) && value.length >= SHORTEST ? [value] : [],
  );
  known = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return known;
}

/** A value as it is, and as addresses, JSON, headers and dumps write it. */
function formsOf(value: string): string[] {
  const hex = Buffer.from(value).toString('hex');
  const encoded = encodeURIComponent(Buffer.from(value).toString());
  return [
    value,
    encoded,
    encoded.replaceAll('%20', '+'),
    JSON.stringify(value).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...base64FormsOf(value),
  ].filter((form) => form.length >= SHORTEST);
}

/** In base64 a text looks different at each of three places; what is around it changes its ends. */
function base64FormsOf(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const first = before === 0 ? 0 : before + 1;
    const last = Math.floor((bytes.length * 8) / 6);
    return (['base64', 'base64url'] as const).map((kind) =>
      bytes.toString(kind).slice(first, last),
    );
  });
}

/**
 * The text without secrets: those of the environment, and whatever looks like one. For every text
 * of somebody else's that goes to a log, an error, an inspector or a recording.
 */
export function withoutSecrets(text: string): string {
  if (text.length < SHORTEST) return text;
  let clean = text;
  for (const secret of ownSecrets()) clean = clean.replaceAll(secret, REDACTED);
  for (const [pattern, replacement] of SHAPES) clean = clean.replace(pattern, replacement);
  return clean;
}

/**
 * Takes secrets out of the texts of an error of somebody else's, in place: whoever catches it finds
 * its own kind of error. A server that refuses a token says which one, in full.
 */
export function cleanError(error: unknown): void {
  if (!(error instanceof Error)) return;
  for (const field of ['message', 'stack'] as const) {
    const text = error[field];
    if (text === undefined) continue;
    const clean = withoutSecrets(text);
    if (clean !== text)
      Object.defineProperty(error, field, { value: clean, writable: true, configurable: true });
  }
}

/** The same event, with clean texts where it tells what went wrong. */
export function tellable<Event extends object>(event: Event): Event {
  const told: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(event))
    if (/^(error|reason|message)$/.test(field) && typeof value === 'string') {
      const clean = withoutSecrets(value);
      if (clean !== value) told[field] = clean;
    }
  return { ...event, ...told };
}
