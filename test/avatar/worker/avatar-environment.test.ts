import { expect, test } from 'vitest';
import { avatarEnvironment } from '../../../src/avatar/worker/avatar-environment.ts';

test.each([
  ...['PATH', 'Path', 'HOME', 'USERPROFILE', 'SystemRoot', 'TMPDIR', 'TZ', 'LANG', 'LC_TIME'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'XDG_DATA_HOME'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL', 'RUST_LOG'],
])('the process of an avatar gets %s, which its programs need', (name) => {
  expect(avatarEnvironment({ [name]: 'set' })).toEqual({ [name]: 'set', NODE_ENV: 'production' });
});

test.each([
  ...['LIVEKIT_API_SECRET', 'LIVEKIT_URL', 'OPENAI_API_KEY', 'NODE_OPTIONS', 'NODE_ENV'],
  ...['MY_PATH', 'PATH_OF_KEY', 'HOMEPAGE', 'LOG_LEVEL_TOKEN'],
])('the process of an avatar does not get %s', (name) => {
  expect(avatarEnvironment({ [name]: 'set' })).toEqual({ NODE_ENV: 'production' });
});
