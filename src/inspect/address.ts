import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The address of a running inspector. */
export interface InspectorAddress {
  /** The process that serves it. */
  pid: number;
  /** The URL to which agents connect. */
  agentUrl: string;
}

/** In the user's own folder, so that no other user can redirect the agents' events. */
const addressFile = (): string =>
  process.env.SIGHTLINE_INSPECT_FILE ?? join(homedir(), '.sightline', 'inspector.json');

export async function tellAddress(address: InspectorAddress, file = addressFile()): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // An existing file would keep its mode.
  await rm(file, { force: true });
  await writeFile(file, `${JSON.stringify(address)}\n`, { mode: 0o600, flag: 'wx' });
}

/** Removes the file, unless another inspector has written its own meanwhile. */
export async function forgetAddress(pid: number, file = addressFile()): Promise<void> {
  const told = await findAddress(file);
  if (told?.pid === pid) await rm(file, { force: true });
}

/** The inspector of this user on this machine; `undefined` if none is running. */
export async function findAddress(file = addressFile()): Promise<InspectorAddress | undefined> {
  try {
    const { uid, mode } = await stat(file);
    const mine = process.getuid === undefined || uid === process.getuid();
    if (!mine || (process.getuid !== undefined && (mode & 0o022) !== 0)) return undefined;
    const { pid, agentUrl } = JSON.parse(await readFile(file, 'utf8')) as InspectorAddress;
    const url = new URL(agentUrl);
    if (url.protocol !== 'ws:' || url.hostname !== '127.0.0.1') return undefined;
    // An inspector that was killed leaves its file behind.
    return Number.isSafeInteger(pid) && isAlive(pid) ? { pid, agentUrl } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
