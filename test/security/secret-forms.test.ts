import { afterEach, describe, expect, test, vi } from 'vitest';
import { plain } from '../../src/inspect/plain.ts';
import { cleanError, tellable, withoutSecrets } from '../../src/secrets.ts';

/** It contains no word, digit or prefix: only its place shows that it is a secret. */
const PLAIN = 'abcdefghijklmnopq';
const MIXED = 'Tr0ub4dor-and-3-horses';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

describe('values of the environment', () => {
  const VALUE = 'p"läin & sécret/+value';
  const variables = [
    'AUTH',
    'DB_AUTH',
    'PGPASS',
    'MY_PWD',
    'SIGNING_KEY',
    'SESSION_COOKIE',
    'BASIC_AUTH',
  ];
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  /** The environment is read once a second: a new copy of the module reads it at once. */
  const anew = async () => {
    copies += 1;
    const file = `../../src/secrets.ts?copy=${copies}`;
    return (await import(file)) as typeof import('../../src/secrets.ts');
  };
  let copies = 0;

  test.each(variables)(
    'a value of the environment is redacted by the name of its variable: %s',
    async (name) => {
      process.env[name] = VALUE;
      const { withoutSecrets } = await anew();
      expect(withoutSecrets(`it was ${VALUE}.`)).toBe('it was [redacted].');
    },
  );

  const bytes = Buffer.from(VALUE);
  const forms: [string, string][] = [
    ['URL-encoded', encodeURIComponent(VALUE)],
    ['form-encoded', encodeURIComponent(VALUE).replaceAll('%20', '+')],
    ['JSON-escaped', JSON.stringify(VALUE).slice(1, -1)],
    ['in hex', bytes.toString('hex')],
    ['in upper-case hex', bytes.toString('hex').toUpperCase()],
    ['in base64', bytes.toString('base64')],
    ['in base64url', bytes.toString('base64url')],
    ['in base64 behind one byte', Buffer.from(`u${VALUE}`).toString('base64')],
    ['in base64 behind two bytes', Buffer.from(`u:${VALUE}`).toString('base64')],
  ];
  test.each(forms)('a value of the environment is redacted in each form: %s', async (_, form) => {
    process.env.PLANTED_SECRET = VALUE;
    const { withoutSecrets } = await anew();
    const clean = withoutSecrets(`it was ${form}.`);
    expect(clean).toContain('[redacted]');
    // Up to two characters at each end of base64 belong to the surrounding text.
    expect(clean.length).toBeLessThan('it was [redacted].'.length + 9);
  });

  test('a value of the environment that contains another one is redacted as a whole', async () => {
    process.env.SHORT_SECRET = PLAIN;
    process.env.LONG_SECRET = `${PLAIN} and the rest`;
    const { withoutSecrets } = await anew();
    expect(withoutSecrets(`it was ${PLAIN} and the rest.`)).toBe('it was [redacted].');
    expect(withoutSecrets(`it was ${PLAIN}.`)).toBe('it was [redacted].');
  });

  test('a value that is set later is redacted after a second', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(5000);
    const { withoutSecrets } = await anew();
    withoutSecrets('a first text');
    process.env.AUTH = VALUE;
    now.mockReturnValue(5999);
    expect(withoutSecrets(`it was ${VALUE}.`)).toContain(VALUE);
    now.mockReturnValue(6000);
    expect(withoutSecrets(`it was ${VALUE}.`)).toBe('it was [redacted].');
    now.mockRestore();
  });

  test('a value of the environment is kept if the variable names a folder', async () => {
    process.env.PWD = '/home/ada/agents';
    process.env.OLDPWD = '/home/ada/others';
    const { withoutSecrets } = await anew();
    for (const path of ['/home/ada/agents/a.ts', '/home/ada/others/b.ts'])
      expect(withoutSecrets(`at ${path}`)).toBe(`at ${path}`);
  });
});

describe('texts that look like secrets', () => {
  test.each([
    ['a bearer token in lower case', `authorization: bearer ${PLAIN}`, PLAIN],
    ['a bearer token without a header', `sent bearer ${PLAIN}${PLAIN}`, PLAIN],
    ['a scheme with the name Token', `Authorization: Token ${PLAIN}`, PLAIN],
    ['a basic header in lower case', 'basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['a key without a digit', `api_key: ${PLAIN}`, PLAIN],
    ['a key without a digit in JSON', `{"apiKey":"${PLAIN}"}`, PLAIN],
    ['a secret in escaped JSON', `"{\\"client_secret\\":\\"${PLAIN}\\"}"`, PLAIN],
    ['a password with quotes in JSON', '{"password":"it\'s \\"mine\\" only"}', 'mine'],
    ['a short password in JSON', '{"password":"luna"}', 'luna'],
    ['a numeric pin in JSON', '{"pin": 4711}', '4711'],
    ['a password in single quotes', `{ password: '${MIXED}' }`, MIXED],
    ['an ephemeral key of OpenAI', `ek_${PLAIN}`, PLAIN],
    ['a key of ElevenLabs', `sk_${PLAIN}`, PLAIN],
    ['a key of Groq', `gsk_${PLAIN}`, PLAIN],
    ['a key of xAI', `xai-${PLAIN}`, PLAIN],
    ['a key of Hugging Face', `hf_${PLAIN}`, PLAIN],
    ['an access token of Google', `ya29.${PLAIN}`, PLAIN],
    ['a key of Anthropic', `sk-ant-api03-${PLAIN}`, PLAIN],
    ['a token of GitHub', `ghp_${PLAIN}${PLAIN}`, PLAIN],
    ['a token of Slack', `xoxb-${PLAIN}`, PLAIN],
    ['a key of AWS', 'AKIAIOSFODNN7EXAMPLE', 'IOSFODNN'],
    ['a key behind an underscore', `key_sk-${PLAIN}`, PLAIN],
    ['cookies', `Cookie: theme=dark; session=${PLAIN}`, PLAIN],
    ['a Set-Cookie header', `set-cookie: sid=${PLAIN}; Path=/; HttpOnly`, PLAIN],
    ['a signature', `https://cdn.example/a?sig=${PLAIN}`, PLAIN],
    ['a signature outside an address', `sig=${PLAIN}`, PLAIN],
    ['auth=', `auth=${PLAIN}`, PLAIN],
    ['pwd=', `Server=db;User=ada;pwd=${PLAIN}`, PLAIN],
    ['a JSON web token behind a word', `token_${JWT}`, JWT],
    ['a JSON web token in a message', `invalid token: ${JWT}, error: go-jose`, JWT],
    [
      'a private key',
      `-----BEGIN RSA PRIVATE KEY-----\n${PLAIN}\n${PLAIN}==\n-----END RSA PRIVATE KEY-----`,
      PLAIN,
    ],
    ['a private key in JSON', `"-----BEGIN PRIVATE KEY-----\\n${PLAIN}\\n"`, PLAIN],
  ])('a text that looks like a secret is redacted: %s', (_, text, secret) => {
    expect(withoutSecrets(text)).not.toContain(secret);
    expect(withoutSecrets(text)).toContain('[redacted]');
    // A second pass changes nothing.
    expect(withoutSecrets(withoutSecrets(text))).toBe(withoutSecrets(text));
  });
});

const HEX = '0123456789abcdef'.repeat(4);
const UPPER = 'ABCDEFGHJKLMNPQRSTUVWXYZ234567'.repeat(2);
const ALNUM = 'Ab3dEf6hIj9lMn2pQr5tUv8xYz1'.repeat(4);
/** A key for each prefix of gitleaks' rules, and of services that agents use. */
const KEYS = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3TX'].map((start) => start + UPPER.slice(0, 16)),
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr', 'github_pat', 'npm', 'hf', 'api_org', 'r8', 'fw'].map(
    (start) => `${start}_${ALNUM.slice(0, 36)}`,
  ),
  ...['glpat', 'glptt', 'glrt', 'gldt', 'glft', 'glcbt', 'glffct', 'glimt', 'glagent', 'gloas'].map(
    (start) => `${start}-${ALNUM.slice(0, 20)}`,
  ),
  ...['shpat', 'shpca', 'shppa', 'shpss', 'shippo_live', 'sgp', 'sbp', 'sntryu', 'dop_v1'].map(
    (start) => `${start}_${HEX.slice(0, 40)}`,
  ),
  ...['lin_api', 'ntn', 'glc', 'glsa', 'pnu', 'rdme', 'rubygems', 'pscale_tkn', 'dckr_pat'].map(
    (start) => `${start}_${ALNUM.slice(0, 40)}`,
  ),
  ...['duffel_live', 'sm_aat', 'CLOJARS', 'fo1', 'fm1r', 'fm2', 'sk_live', 'rk_test', 'sk_car'].map(
    (start) => `${start}_${ALNUM.slice(0, 43)}`,
  ),
  ...['sk-proj', 'sk-or-v1', 'csk', 'xai', 'pplx', 'nvapi', 'tvly', 'pypi', 'GOCSPX', 'NRAK'].map(
    (start) => `${start}-${ALNUM.slice(0, 32)}`,
  ),
  ...['PMAK', 'xkeysib', 'sq0atp', 'tk-us', 'HRKU', 'fio-u', 'p8e', 'pul', 'AGE-SECRET-KEY'].map(
    (start) => `${start}-${ALNUM.slice(0, 48)}`,
  ),
  ...['hvs', 'hvb', 'dp.pt', 'dt0c01', 'SG', 'ya29'].map(
    (start) => `${start}.${ALNUM.slice(0, 43)}`,
  ),
  `ops_eyJ${ALNUM}`,
  `sntrys_eyJpYXQiO${ALNUM}`,
  `FLWSECK_TEST-${HEX.slice(0, 32)}`,
  `bedrock-api-key-${ALNUM}`,
  `ABSK${ALNUM}`,
  `LTAI${ALNUM.slice(0, 20)}`,
  `EZAK${ALNUM.slice(0, 54)}`,
  `SK${HEX.slice(0, 32)}`,
  `dapi${HEX.slice(0, 32)}`,
  `AIza${ALNUM.slice(0, 35)}`,
  `1//0${ALNUM.slice(0, 40)}`,
  `xoxb-1234567890-${ALNUM.slice(0, 24)}`,
  `xapp-1-A012-${HEX.slice(0, 40)}`,
];

test.each(KEYS)('a key with a known prefix is redacted: %s', (key) => {
  expect(withoutSecrets(`the service refused ${key}, it said`)).toBe(
    'the service refused [redacted], it said',
  );
});

describe('texts that are no secrets', () => {
  test.each([
    'frame camera-1_42 of TR_VCxk2m9QpLd3 was sent',
    'participant PA_7fGh2kLmNpQr in room RM_abcDEF123456',
    'the sign says: PUSH TO OPEN, Cookie: 2 euros, Pin board 4',
    'Token of appreciation, basic internationalization, bearer of good news',
    'ask-the-desk-about-the-risk-of-a-whisk-and-a-task',
    'the author of the compass passed the key to Ada',
    'turn.attachBudgetMs is -1: give a number of ms from 0 to 5000',
    'missing token: identifier',
    'inputTokens: 512, outputTokens: 20',
    'node_modules/@livekit/agents/dist/voice/agent_session.js:1088:6',
    'SHA 3f786850e387550fdab836ed7e6dc881de23001b',
    'https://example.org/a?width=640&height=480&page=2',
    'the authorization: denied for this user',
    'a mask-shaped_ornament-of-glass, pulse-width-modulation, SKYSCRAPER',
    'ntn_1 and fm2_x are columns, fo1_b is a note',
  ])('a text that is no secret is kept: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });
});

test('numbers and texts are redacted by the names of their fields', () => {
  const secrets = {
    password: 12345678,
    pin: 4711,
    cookie: 99,
    passphrase: 7,
    userPin: 1,
    pwd: 'a',
  };
  const hidden = Object.fromEntries(Object.keys(secrets).map((name) => [name, '[redacted]']));
  expect(plain(secrets)).toEqual(hidden);
  const open = { tokens: 512, inputTokens: 3, keyFrames: 2, pinned: 'camera', author: 'Ada' };
  expect(plain(open)).toEqual(open);
});

test('a secret that is the name of a field is redacted', () => {
  expect(JSON.stringify(plain({ [`sk-${PLAIN}`]: 1 }))).not.toContain(PLAIN);
});

test("an error of a server that refused a token keeps its type, and loses the token's text", () => {
  const error = new TypeError(`401 Unauthorized - invalid token: ${JWT}, error: go-jose`);
  // Node writes the text of a stack at its first use.
  expect(error.stack).toContain(JWT);
  cleanError(error);
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toBe('401 Unauthorized - invalid token: [redacted], error: go-jose');
  expect(error.stack).not.toContain(JWT);
});

test('an event is reported without the secrets of its texts, and the event itself is not changed', () => {
  const secret = `refused ${JWT}`;
  const event = { type: 'session.failed', error: secret, reason: secret, message: secret, at: 5 };
  const given = { ...event };
  expect(JSON.stringify(tellable(given))).not.toContain(JWT);
  expect(tellable(given)).toMatchObject({ type: 'session.failed', at: 5 });
  expect(given).toEqual(event);
});
