// Makes each npm command work as the first one in a fresh clone: when the installed packages do not
// match the lock file, `npm ci` brings them, and says so.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The packages that a lock file names, or undefined where there is none. */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function whyInstall() {
  const wanted = packagesOf('../package-lock.json');
  // npm's own record of what it put into node_modules.
  const installed = packagesOf('../node_modules/.package-lock.json');
  if (!installed) return 'nothing is installed yet';
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '' || optional) continue;
    if (installed[path]?.version !== version) return `${path} ${version} is missing`;
  }
  return undefined;
}

const why = whyInstall();
if (why) {
  console.error(`sightline: ${why}, running npm ci (about half a minute)`);
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    // Spares an optional CUDA download of a transitive dependency that nothing here uses.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' },
  });
  if (npm.status !== 0) {
    console.error('sightline: npm ci failed; its message is above');
    process.exit(npm.status ?? 1);
  }
}
