/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Names of settings, fields and parameters whose values nobody is to see. */
export const SECRET_NAME = /key|secret|token|authorization|password|credential/i;

/**
 * How secrets look in the messages of libraries. Repetitions are limited or anchored: a text of
 * somebody else's must not keep the process busy.
 */
const SHAPES: readonly [pattern: RegExp, replacement: string][] = [
  // A parameter of an address: Google's key, LiveKit's token.
  [
    /([?&;][\w.-]{0,40}(?:key|token|secret|password|signature|credential)s?=)[^&\s"'<>)]+/gi,
    `$1${REDACTED}`,
  ],
  // The password in an address.
  [/(:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/g, `$1${REDACTED}`],
  // The address of an inspector: whoever has it sees what the agents do.
  [/(:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?\/)[\w-]{24}(?![\w-])/gi, `$1${REDACTED}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{16,}/g, `$1 ${REDACTED}`],
  // A JSON web token, such as a ticket to a room.
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, REDACTED],
  // Keys of OpenAI and of Google.
  [/(?<![\w-])(?:sk-[\w-]{16,}|AIza[\w-]{20,})/g, REDACTED],
  // A header, or a field of some JSON; with a digit in it, which a word has not.
  [
    /((?:key|secret|token|password|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)(?=[^\s"',;{}]{0,200}\d)[^\s"',;{}]{8,}/gi,
    `$1${REDACTED}`,
  ],
];

/** A shorter one may be a word of the text. */
const SHORTEST = 8;
/** The environment is looked at anew this often, in ms: texts may come by the thousand. */
const LOOK_EVERY_MS = 1000;

let known: readonly string[] = [];
let lookedAt = Number.NEGATIVE_INFINITY;

/** The secrets that this process was started with, the longest first: one may hold another. */
function ownSecrets(): readonly string[] {
  const now = performance.now();
  if (now - lookedAt < LOOK_EVERY_MS) return known;
  lookedAt = now;
  known = Object.entries(process.env)
    .flatMap(([name, value = '']) =>
      SECRET_NAME.test(name) && value.length >= SHORTEST ? [value] : [],
    )
    .sort((a, b) => b.length - a.length);
  return known;
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
