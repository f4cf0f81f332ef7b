/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Names of which any value is a secret, in an assignment or a field. */
const NAMES =
  'api[_-]?keys?|access[_-]?keys?|private[_-]?keys?|secrets?|passwords?|passwd|passphrase|pwd|(?<!by|com)pass|auth|sig|signature|credentials?|tokens?|jwt';

/**
 * Beginnings of keys, by who gives them out: gitleaks' list, as far as agents use the services.
 * What follows is checked for its length, since words begin so too.
 */
const PREFIXES = [
  // OpenAI, Anthropic, OpenRouter, ElevenLabs, Stripe, Groq; ephemeral keys of OpenAI.
  '(?:sk|rk|ek|gsk)[-_][\\w-]{16,}',
  'xai-[\\w-]{16,}',
  '(?:hf|r8|npm|fw|whsec)_\\w{16,}',
  '(?:pplx|nvapi|tvly|pypi|glpat|GOCSPX)-[\\w-]{16,}',
  // Google: keys, access tokens, refresh tokens.
  'AIza[\\w-]{20,}',
  'ya29\\.[\\w.-]{16,}',
  '1//0[\\w-]{20,}',
  // GitHub, Slack, AWS, SendGrid, DigitalOcean, Databricks.
  'gh[opsur]_\\w{20,}',
  'github_pat_\\w{20,}',
  'x(?:ox[a-z]|app)-[\\w-]{10,}',
  '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}',
  'SG\\.[\\w-]{16,}\\.[\\w-]{16,}',
  'do[opr]_v1_[a-f\\d]{32,}',
  'dapi[a-f\\d]{32,}',
].join('|');

/** A field of some JSON whose value is a text; its quotes may be escaped themselves. */
const jsonField = (quote: string, value: string): RegExp =>
  new RegExp(
    `(${quote}[\\w.-]{0,40}(?:${NAMES}|key|cookie|authorization)${quote}\\s{0,4}:\\s{0,4}${quote})${value}`,
    'gi',
  );

/**
 * How secrets look in the messages of libraries. Repetitions are limited or anchored: a text of
 * somebody else's must not keep the process busy.
 */
export const SHAPES: readonly [pattern: RegExp, replacement: string][] = [
  // A private key, to its end or as far as it is there.
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[\w+/=\s\\,:.]|-(?!-))*(?:-----END [A-Z ]{0,40}-----)?/g,
    REDACTED,
  ],
  // A parameter of an address: Google's key, LiveKit's token, a signature.
  [
    /([?&;#][\w.-]{0,40}(?:key|token|secret|password|passwd|pwd|signature|sig|auth|credential)s?=)[^&\s"'<>)]+/gi,
    `$1${REDACTED}`,
  ],
  // The password in an address.
  [/(:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/g, `$1${REDACTED}`],
  // The address of an inspector: whoever has it sees what the agents do.
  [/(:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?\/)[\w-]{24}(?![\w-])/gi, `$1${REDACTED}`],
  // Headers. A word behind `basic` or `token` is one only if it has something else than letters.
  [/\b(cookie["']?\s{0,4}:\s{0,4}["']?)(?=[^\s=;"']{1,100}=)[^"'\r\n]+/gi, `$1${REDACTED}`],
  [
    /\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic|token|digest|apikey)\s{1,4})[^\s"',;{}]{4,}/gi,
    `$1${REDACTED}`,
  ],
  [/\b(bearer\s{1,4})[\w.~+/=-]{20,}/gi, `$1${REDACTED}`],
  [/\b((?:bearer|basic)\s{1,4})(?=[\w.~+/=-]{0,300}[\d=])[\w.~+/=-]{8,}/gi, `$1${REDACTED}`],
  // A JSON web token, such as a ticket to a room.
  [/(?<![A-Za-z0-9])eyJ[\w-]{8,2000}\.[\w-]{8,}(?:\.[\w-]*)?/g, REDACTED],
  [new RegExp(`(?<![A-Za-z0-9])(?:${PREFIXES})`, 'g'), REDACTED],
  [jsonField('"', '(?:[^"\\\\]|\\\\.)+'), `$1${REDACTED}`],
  [jsonField("'", "(?:[^'\\\\]|\\\\.)+"), `$1${REDACTED}`],
  [jsonField('\\\\"', '[^"\\\\]+'), `$1${REDACTED}`],
  [
    /("[\w.-]{0,40}(?:password|passphrase|passwd|pwd|pin|cookie)"\s{0,4}:\s{0,4})-?[\d.]+/gi,
    `$1${REDACTED}`,
  ],
  // An assignment: nobody writes a sentence so.
  [new RegExp(`((?:${NAMES})=["']?)[^\\s"'&;,<>(){}]{4,}`, 'gi'), `$1${REDACTED}`],
  // A name of several words with any value that is no short word: `api_key: abcdefghijkl`.
  [
    /((?:api|access|private|secret|client|auth|refresh)[_-]?(?:key|secret|token)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;{}]{8,}/gi,
    `$1${REDACTED}`,
  ],
  // Another name with a value that has a digit, which a word has not.
  [
    /((?:key|secret|token|password|passwd|passphrase|pwd|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)(?=[^\s"',;{}]{0,200}\d)[^\s"',;{}]{8,}/gi,
    `$1${REDACTED}`,
  ],
];
