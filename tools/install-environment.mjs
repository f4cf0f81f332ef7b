/** What npm needs to run, to reach its registry and to build, without any key. */
const NEEDED =
  /^(PATH|HOME|USER|USERNAME|USERPROFILE|LOGNAME|SHELL|COMSPEC|PATHEXT|LANG|LC_\w+|TERM|TZ|CI|TMPDIR|TMP|TEMP|SYSTEMROOT|SYSTEMDRIVE|WINDIR|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES|XDG_\w+|HTTPS?_PROXY|ALL_PROXY|NO_PROXY|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|NO_COLOR|FORCE_COLOR|NPM_CONFIG_\w+)$/i;

/** The packages that do not work without their install script; all others run none. */
export const WITH_SCRIPT = ['esbuild'];

/** The variables of `npm ci` and of what it runs. */
export const installEnvironment = (own = process.env) =>
  Object.fromEntries(Object.entries(own).filter(([name]) => NEEDED.test(name)));
