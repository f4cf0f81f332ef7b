/** What a program needs to run, to find its folders and fonts, and to reach a server. */
const NEEDED =
  /^(PATH|HOME|USER|USERPROFILE|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|SYSTEMROOT|WINDIR|APPDATA|LOCALAPPDATA|PROGRAMDATA|(LD|DYLD)_LIBRARY_PATH|FONTCONFIG_\w+|XDG_\w+|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|LOG_LEVEL|RUST_LOG)$/i;

/**
 * The environment of an avatar's process. It contains no key of any name: the process joins with
 * the token that it gets by message. rtc-node logs less in production.
 */
export function avatarEnvironment(own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const needed = Object.entries(own).filter(([name]) => NEEDED.test(name));
  return { ...Object.fromEntries(needed), NODE_ENV: 'production' };
}
