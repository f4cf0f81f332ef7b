/** Replaces a secret. */
export const REDACTED = '[redacted]';

/** Names whose value in an assignment or a field is always secret. */
const NAMES =
  'api[_-]?keys?|access[_-]?keys?|private[_-]?keys?|secrets?|passwords?|passwd|passphrase|pwd|(?<!by|com)pass|auth|sig|signature|credentials?|tokens?|jwt';

/**
 * Prefixes of keys: those of gitleaks' rules, and of services that agents use. The length of the
 * rest is checked, because ordinary words can start the same way.
 */
const PREFIXES = [
  // OpenAI, Anthropic, OpenRouter, ElevenLabs, Cartesia, Stripe, Groq, Cerebras; ephemeral keys.
  '(?:sk|rk|ek|gsk|csk)[-_][\\w-]{16,}',
  // Prefixes with an underscore.
  `(?:${[
    ...['hf', 'api_org', 'r8', 'fw', 'npm', 'whsec', 'dckr_pat', 'github_pat', 'lin_api', 'ntn'],
    ...['sbp', 'glc', 'glsa', 'ops', 'pnu', 'rdme', 'rubygems', 'sntry[su]', 'shp(?:at|ca|pa|ss)'],
    ...['(?:shippo|duffel)_(?:live|test)', 'pscale_(?:tkn|oauth|pw)', 'sm_[aps]at', 'CLOJARS'],
    ...['fo1', 'fm1[ar]', 'fm2', 'do[opr]_v1', 'sgp'],
  ].join('|')})_[\\w+/=.-]{16,}`,
  // Prefixes with a hyphen.
  `(?:${[
    ...['xai', 'pplx', 'nvapi', 'tvly', 'pypi', 'GOCSPX', 'pul', 'PMAK', 'NRAK', 'xkeysib'],
    ...['sq0atp', 'tk-us', 'HRKU', 'fio-u', 'p8e', 'FLWSECK(?:_TEST)?', 'AGE-SECRET-KEY'],
    ...['gl(?:pat|ptt|rt|dt|ft|cbt|ffct|imt|agent|oas|soat)', 'bedrock-api-key'],
  ].join('|')})-[\\w+/=.-]{16,}`,
  // HashiCorp, Doppler, Dynatrace, SendGrid.
  '(?:hv[bs]|dp\\.pt|dt0c01|SG)\\.[\\w.-]{16,}',
  // Google: keys, access tokens, refresh tokens.
  'AIza[\\w-]{20,}',
  'ya29\\.[\\w.-]{16,}',
  '1//0[\\w-]{20,}',
  // GitHub, Slack, AWS, Alibaba, EasyPost, Twilio, Databricks.
  'gh[opsur]_\\w{20,}',
  'x(?:ox[a-z]|app)-[\\w-]{10,}',
  '(?:A3T[A-Z\\d]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}',
  'ABSK[\\w+/]{40,}',
  'LTAI[a-zA-Z\\d]{16,}',
  'EZ[AT]K\\w{40,}',
  'SK[a-f\\d]{32}',
  'dapi[a-f\\d]{32,}',
].join('|');

/** A JSON field with a string value; the quotes may be escaped. */
const jsonField = (quote: string, value: string): RegExp =>
  new RegExp(
    `(${quote}[\\w.-]{0,40}(?:${NAMES}|key|cookie|authorization)${quote}\\s{0,4}:\\s{0,4}${quote})${value}`,
    'gi',
  );

/**
 * Shapes of secrets in the messages of libraries. Repetitions are bounded or anchored, so that no
 * foreign text can block the process.
 */
export const SHAPES: readonly [pattern: RegExp, replacement: string][] = [
  // A private key, to its end or to the end of the text.
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[\w+/=\s\\,:.]|-(?!-))*(?:-----END [A-Z ]{0,40}-----)?/g,
    REDACTED,
  ],
  // A parameter of a URL: Google's key, LiveKit's token, a signature.
  [
    /([?&;#][\w.-]{0,40}(?:key|token|secret|password|passwd|pwd|signature|sig|auth|credential)s?=)[^&\s"'<>)]+/gi,
    `$1${REDACTED}`,
  ],
  // The password in a URL.
  [/(:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/g, `$1${REDACTED}`],
  // The inspector's URL: with it, anyone can see what the agents do.
  [/(:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?\/)[\w-]{24}(?![\w-])/gi, `$1${REDACTED}`],
  // Headers. A word after `basic` or `token` is secret only if it contains more than letters.
  [/\b(cookie["']?\s{0,4}:\s{0,4}["']?)(?=[^\s=;"']{1,100}=)[^"'\r\n]+/gi, `$1${REDACTED}`],
  [
    /\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic|token|digest|apikey)\s{1,4})[^\s"',;{}]{4,}/gi,
    `$1${REDACTED}`,
  ],
  [/\b(bearer\s{1,4})[\w.~+/=-]{20,}/gi, `$1${REDACTED}`],
  [/\b((?:bearer|basic)\s{1,4})(?=[\w.~+/=-]{0,300}[\d=])[\w.~+/=-]{8,}/gi, `$1${REDACTED}`],
  // A JSON web token, such as a LiveKit access token.
  [/(?<![A-Za-z0-9])eyJ[\w-]{8,2000}\.[\w-]{8,}(?:\.[\w-]*)?/g, REDACTED],
  [new RegExp(`(?<![A-Za-z0-9])(?:${PREFIXES})`, 'g'), REDACTED],
  [jsonField('"', '(?:[^"\\\\]|\\\\.)+'), `$1${REDACTED}`],
  [jsonField("'", "(?:[^'\\\\]|\\\\.)+"), `$1${REDACTED}`],
  [jsonField('\\\\"', '[^"\\\\]+'), `$1${REDACTED}`],
  [
    /("[\w.-]{0,40}(?:password|passphrase|passwd|pwd|pin|cookie)"\s{0,4}:\s{0,4})-?[\d.]+/gi,
    `$1${REDACTED}`,
  ],
  // An assignment, which does not occur in ordinary text.
  [new RegExp(`((?:${NAMES})=["']?)[^\\s"'&;,<>(){}]{4,}`, 'gi'), `$1${REDACTED}`],
  // A compound name with any value that is not a short word: `api_key: abcdefghijkl`.
  [
    /((?:api|access|private|secret|client|auth|refresh)[_-]?(?:key|secret|token)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;{}]{8,}/gi,
    `$1${REDACTED}`,
  ],
  // Any other name with a value that contains a digit, unlike an ordinary word.
  [
    /((?:key|secret|token|password|passwd|passphrase|pwd|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)(?=[^\s"',;{}]{0,200}\d)[^\s"',;{}]{8,}/gi,
    `$1${REDACTED}`,
  ],
];
