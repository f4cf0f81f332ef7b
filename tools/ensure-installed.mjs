// Makes each npm command work as the first one in a fresh clone: if the installed packages do not
// match the lock file, it runs `npm ci` and says so.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installEnvironment, WITH_SCRIPT } from './install-environment.mjs';

/** The packages that a lock file names, or undefined without one. */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function whyInstall() {
  const wanted = packagesOf('../package-lock.json');
  // npm's own record of the installed packages.
  const installed = packagesOf('../node_modules/.package-lock.json');
  if (!installed) return 'nothing is installed yet';
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '' || optional) continue;
    if (installed[path]?.version !== version) return `${path} ${version} is missing`;
  }
  return undefined;
}

/** @returns its exit code. */
function npm(...args) {
  const { status } = spawnSync('npm', args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: installEnvironment(),
  });
  return status ?? 1;
}

const why = whyInstall();
if (why) {
  console.error(`sightline: ${why}, running npm ci (half a minute to two)`);
  // Install scripts are programs of third parties: only the necessary ones run, without any key.
  const status =
    npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error') ||
    npm('rebuild', ...WITH_SCRIPT, '--loglevel=error');
  if (status !== 0) {
    console.error('sightline: npm ci failed; its message is above');
    process.exit(status);
  }
}
