import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A package that only some runs of the demo need. Its weights are inside: nothing else is downloaded. */
export interface LargePackage {
  readonly name: string;
  /** Exact, so that every machine gets the same weights. */
  readonly version: string;
  /** What it is for, as users read it. */
  readonly purpose: string;
  /** Size of the download, in MB. */
  readonly downloadMb: number;
  /** Size on disk, in MB. */
  readonly diskMb: number;
}

/** A large package could not be installed. The message has the remedy. */
export class InstallError extends Error {
  override name = 'InstallError';
}

/** Not among the dependencies: most users never need these packages. */
const FOLDER = fileURLToPath(new URL('../node_modules/.cache/sightline-offline/', import.meta.url));
/** Time between two lines of progress, in ms. */
const PROGRESS_MS = 5000;
const MB = 1_000_000;

/** Installations that run: two callers share one. */
const running = new Map<string, Promise<string>>();

/**
 * The folder of a package. The first use installs it with npm, which runs none of its scripts.
 *
 * @param say - Gets the size before the download, and its progress.
 * @throws InstallError if npm failed.
 */
export async function installed(
  wanted: LargePackage,
  say: (text: string) => void,
  into = FOLDER,
): Promise<string> {
  const home = join(into, `${wanted.name.replace('/', '+')}@${wanted.version}`);
  const folder = join(home, 'node_modules', wanted.name);
  // npm writes this file last: a folder without it is half of an installation.
  if (existsSync(join(home, 'package-lock.json'))) return folder;
  const current = running.get(home);
  if (current) return current;
  const install = npmInstall(home, folder, wanted, say).finally(() => running.delete(home));
  running.set(home, install);
  return install;
}

async function npmInstall(
  home: string,
  folder: string,
  { name, version, purpose, downloadMb, diskMb }: LargePackage,
  say: (text: string) => void,
): Promise<string> {
  say(`Installing ${purpose}: ${name}, ${downloadMb} MB to download, once`);
  await mkdir(home, { recursive: true });
  const startedAt = performance.now();
  const progress = setInterval(async () => {
    const share = (await sizeOf(folder).catch(() => 0)) / MB / diskMb;
    say(`  ${progressText(share, Math.round((performance.now() - startedAt) / 1000))}`);
  }, PROGRESS_MS);
  try {
    await npm(home, `${name}@${version}`);
  } finally {
    clearInterval(progress);
  }
  say(`  installed in ${dirname(folder)}`);
  return folder;
}

/** npm unpacks a package after the whole download: until then, only the time shows that it works. */
export function progressText(share: number, seconds: number): string {
  if (share < 0.01) return `downloading, ${seconds} s`;
  return `unpacked ${Math.round(100 * Math.min(0.99, share))} %, ${seconds} s`;
}

function npm(home: string, spec: string): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', ['install', '--ignore-scripts', ...quiet, '--prefix', home, spec], {
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  return new Promise((resolve, reject) => {
    const failed = (reason: string) =>
      reject(
        new InstallError(
          `${spec} could not be installed: ${reason.trim()}. Check the connection to the npm ` +
            'registry, and start again',
        ),
      );
    child.once('error', (error) => failed(error.message));
    child.once('close', (code) => (code === 0 ? resolve() : failed(complaints || `exit ${code}`)));
  });
}

/** In bytes, of all files below a folder. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(({ parentPath, path, name }) => stat(join(parentPath ?? path, name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
