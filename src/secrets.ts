import { RememberedAnswers } from './remembered-answers.ts';
import { REDACTED, SHAPES } from './secret-shapes.ts';

export { REDACTED };

/** Parts of the names of settings, fields and parameters whose values must stay secret. */
const SECRET_PART =
  /key|secret|token|authorization|passw|passphrase|credential|cookie|(?<!by|com)pass$/i;
/** Words too short to match inside other words, such as `pinned` or `author`. */
const SECRET_WORD = /(?:^|_)(?:auth|pass|pwd|pin|otp|sig|signature|jwt|bearer)(?:_|$)/;
/** Names whose numeric values are secret too. A number of tokens is not. */
const SECRET_NUMBER =
  /passw|passphrase|cookie|secret|(?:^|_)(?:pass|pwd|pin|otp|token)(?:_(?:code|number))?$|(?:api|access|private)_?key$/;

/** Treats `apiKey`, `API-KEY` and `api_key` as the same name. */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();

/** Whether a string or an object of this name is secret. */
export const isSecretName = remembered(
  (name) => SECRET_PART.test(name) || SECRET_WORD.test(wordsOf(name)),
);

/** Whether a number of this name is secret. */
export const isSecretNumber = remembered((name) => SECRET_NUMBER.test(wordsOf(name)));

/** The inspector asks about the same names in each event. */
function remembered(decide: (name: string) => boolean): (name: string) => boolean {
  const answers = new RememberedAnswers<boolean>();
  return (name) => answers.get(name) ?? answers.keep(name, decide(name));
}

/** Shorter values may be ordinary words of the text. */
const SHORTEST = 8;
/** How often the environment is read again, in ms: there may be thousands of texts to clean. */
const LOOK_EVERY_MS = 1000;
/** What is left beside a redacted part may look like a secret then. */
const MOST_PASSES = 5;
/** A path, not a password. */
const FOLDER = 'PWD';

let known: readonly string[] = [];
let lookedAt = Number.NEGATIVE_INFINITY;
/** Short texts without a secret since then: the inspector shows the same ones in each event. */
const harmless = new RememberedAnswers<true>();

/** The secrets in this process's environment, longest first, because one may contain another. */
function ownSecrets(): readonly string[] {
  const now = performance.now();
  if (now - lookedAt < LOOK_EVERY_MS) return known;
  lookedAt = now;
  harmless.clear();
  const values = Object.entries(process.env).flatMap(([name, value = '']) =>
    isSecretName(name) && name !== FOLDER && value.length >= SHORTEST ? [value] : [],
  );
  known = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return known;
}

/** A value as it appears in URLs, JSON, headers and dumps. */
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

/** A text has three base64 forms, one for each alignment; the surrounding bytes change its ends. */
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
 * The text without secrets: those of the environment, and everything that looks like one. For every
 * foreign text in a log, an error, the inspector or a recording.
 */
export function withoutSecrets(text: string): string {
  if (text.length < SHORTEST) return text;
  const secrets = ownSecrets();
  if (harmless.get(text)) return text;
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, REDACTED);
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = clean;
    for (const [pattern, replacement] of SHAPES) clean = clean.replace(pattern, replacement);
    if (clean === before) break;
  }
  if (clean === text) harmless.keep(text, true);
  return clean;
}

/**
 * Removes secrets from a foreign error in place, so that a caller still catches the original error.
 * For example, a LiveKit server quotes the whole token that it refuses.
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

/** A copy of the event with secrets removed from its error texts. */
export function tellable<Event extends object>(event: Event): Event {
  const told: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(event))
    if (/^(error|reason|message)$/.test(field) && typeof value === 'string') {
      const clean = withoutSecrets(value);
      if (clean !== value) told[field] = clean;
    }
  return { ...event, ...told };
}
