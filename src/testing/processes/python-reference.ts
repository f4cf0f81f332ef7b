import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../thrown.ts';

const run = promisify(execFile);

/** The environment that the bench installs once. Not under version control. */
export const KEPT = fileURLToPath(new URL('../../../.sightline/bench/', import.meta.url));

const PACKAGES = ['livekit-agents[images]', 'livekit-plugins-google'];

/** Limit of `pip install`, in ms. */
const INSTALL_LIMIT_MS = 300_000;
const QUICK_LIMIT_MS = 60_000;

/** Reports what is missing, and how to install it. */
export type Complain = (line: string) => void;

/** The installed Python framework. */
export interface PythonReference {
  command: string;
  /** Version by package. */
  versions: Record<string, string>;
}

/**
 * A Python with the framework, in an environment that the first call creates.
 *
 * @param installs - Whether to create it now, which takes a minute and needs the network.
 */
export async function pythonReference(
  complain: Complain,
  installs = true,
): Promise<PythonReference | null> {
  const home = join(KEPT, 'python');
  const windows = process.platform === 'win32';
  const command = windows ? join(home, 'Scripts', 'python.exe') : join(home, 'bin', 'python');
  const ready = join(home, 'sightline-ready.txt');
  const wanted = PACKAGES.join(' ');
  try {
    if (!existsSync(ready) || readFileSync(ready, 'utf8') !== wanted) {
      if (!installs) {
        complain('bench: no Python framework yet: npm run bench -- --only frames installs it');
        return null;
      }
      complain(`bench: installing ${wanted} into .sightline/bench/python (about a minute)`);
      mkdirSync(KEPT, { recursive: true });
      const system = windows ? 'python' : 'python3';
      await run(system, ['-m', 'venv', home], { timeout: QUICK_LIMIT_MS });
      // Only what is imported is compiled, when it is imported: a small part.
      const options = ['--quiet', '--disable-pip-version-check', '--no-compile'];
      const install = ['-m', 'pip', 'install', ...options, ...PACKAGES];
      await run(command, install, { timeout: INSTALL_LIMIT_MS });
      writeFileSync(ready, wanted);
    }
    return { command, versions: await versionsOf(command) };
  } catch (error) {
    complain(`bench: no Python to compare with (python3 with venv and pip): ${firstLine(error)}`);
    return null;
  }
}

async function versionsOf(command: string): Promise<Record<string, string>> {
  const program =
    'import json, platform; from importlib.metadata import version; ' +
    'names = ["livekit", "livekit-agents", "livekit-plugins-google", "pillow"]; ' +
    'print(json.dumps({"python": platform.python_version(), **{n: version(n) for n in names}}))';
  const { stdout } = await run(command, ['-c', program], { timeout: QUICK_LIMIT_MS });
  return JSON.parse(stdout) as Record<string, string>;
}

/** The first useful line of a failed command's output. */
export function firstLine(error: unknown): string {
  const text = messageOf(error);
  // The first line only repeats the command.
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines[1] ?? lines[0] ?? '';
}
